import { operatorLoad } from '$lib/server/edge/console-door';
import { applianceScope, pluginActions, readPluginPage } from '../../../parts/plugin-page.server';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ services, operator, params, locale }) => {
	const page = await readPluginPage(services.plugins.appliance, { id: params['plugin'] ?? '' }, locale);
	return { ...page, locked: operator.role !== 'owner' };
}) satisfies PageServerLoad;

export const actions = pluginActions(applianceScope) satisfies Actions;
