import { operatorLoad } from '$lib/server/edge/console-door';
import { listPlugins } from '../../parts/plugin-page.server';
import type { PageServerLoad } from './$types';

export const load = operatorLoad(async ({ services, locale }) => ({
	plugins: await listPlugins(services.plugins.appliance, locale),
})) satisfies PageServerLoad;
