import { operatorLoad } from '$lib/server/edge/console-door';
import { appScope, listPlugins, toggleAction } from '../../../../parts/plugin-page.server';
import type { Actions, PageServerLoad } from './$types';

/** Senders deliver messages and have their place there. */
export const load = operatorLoad(async ({ app, locale }) => {
	const plugins = await listPlugins((await app()).plugins, locale);
	return { plugins: plugins.filter(({ kinds }) => kinds.some((kind) => kind !== 'sender')) };
}) satisfies PageServerLoad;

export const actions = { toggle: toggleAction(appScope) } satisfies Actions;
