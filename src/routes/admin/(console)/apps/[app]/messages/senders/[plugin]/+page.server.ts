import { operatorLoad } from '$lib/server/edge/console-door';
import { appScope, pluginActions, readPluginPage } from '../../../../../../parts/plugin-page.server';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ app: openApp, params, locale }) => {
	const app = await openApp();
	return readPluginPage(app.plugins, { id: params['plugin'] ?? '', app }, locale);
}) satisfies PageServerLoad;

export const actions = pluginActions(appScope) satisfies Actions;
