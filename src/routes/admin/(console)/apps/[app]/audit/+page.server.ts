import { operatorLoad } from '$lib/server/edge/console-door';
import { readAuditPage } from '../../../../parts/audit-page.server';
import type { PageServerLoad } from './$types';

export const load = operatorLoad(async ({ app, url }) => ({
	list: await readAuditPage((await app()).store, url),
})) satisfies PageServerLoad;
