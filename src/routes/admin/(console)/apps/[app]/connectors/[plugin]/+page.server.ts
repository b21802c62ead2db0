import { operatorLoad } from '$lib/server/edge/console-door';
import { appScope, pluginActions, readPluginPage } from '../../../../../parts/plugin-page.server';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ app, params, locale }) =>
	readPluginPage((await app()).plugins, params['plugin'] ?? '', locale),
) satisfies PageServerLoad;

export const actions = pluginActions(appScope) satisfies Actions;
