import { operatorLoad } from '$lib/server/edge/console-door';
import { readAuditPage } from '../../../../parts/audit-page.server';
import type { PageServerLoad } from './$types';

export const load = operatorLoad(async ({ services, app, url }) => ({
	list: await readAuditPage({ services, app: await app() }, url),
})) satisfies PageServerLoad;
