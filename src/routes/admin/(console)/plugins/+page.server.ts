import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import {
	approvePlugin,
	listExternalPlugins,
	revokePlugin,
} from '$lib/server/flows/connectors/review-external';
import { listPlugins } from '../../parts/plugin-page.server';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ services, operator, locale }) => ({
	external: await listExternalPlugins(services, locale),
	// Operators' own plugins are listed below, with the facts for an owner's decision.
	plugins: (await listPlugins(services.plugins.appliance, locale)).filter(({ external }) => !external),
	owner: operator.role === 'owner',
})) satisfies PageServerLoad;

/** Owners only; the flows check this. */
export const actions = {
	approve: operatorAction(async ({ services, form, actor, visitor }) =>
		approvePlugin(services, { id: form.text('id'), digest: form.text('digest'), actor }, visitor),
	),
	revoke: operatorAction(async ({ services, form, actor, visitor }) =>
		revokePlugin(services, { id: form.text('id'), actor }, visitor),
	),
} satisfies Actions;
