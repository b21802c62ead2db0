import { operatorLoad } from '$lib/server/edge/console-door';
import { appScope, listConnectors, moveAction, toggleAction } from '../../../../parts/plugin-page.server';
import type { Actions, PageServerLoad } from './$types';

/** Senders deliver messages and have their place there. */
export const load = operatorLoad(async ({ app, url, locale }) => ({
	connectors: await listConnectors((await app()).plugins, locale),
	search: (url.searchParams.get('search') ?? '').trim().slice(0, 80),
})) satisfies PageServerLoad;

export const actions = { toggle: toggleAction(appScope), move: moveAction(appScope) } satisfies Actions;
