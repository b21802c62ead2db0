import { prepareTrialClient } from '$lib/server/flows/clients/trial-client';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ services, app }) => ({
	issuer: `${services.origin}/apps/${(await app()).id}`,
})) satisfies PageServerLoad;

export const actions = {
	prepare: operatorAction(async ({ app, actor, visitor }) => ({
		trial: await prepareTrialClient(await app(), actor, visitor),
	})),
} satisfies Actions;
