import { operatorLoad } from '$lib/server/edge/console-door';
import { applianceScope, pluginActions, readPluginPage } from '../../../parts/plugin-page.server';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ services, params, locale }) =>
	readPluginPage(services.plugins.appliance, params['plugin'] ?? '', locale),
) satisfies PageServerLoad;

export const actions = pluginActions(applianceScope) satisfies Actions;
