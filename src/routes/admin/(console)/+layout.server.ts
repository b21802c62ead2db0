import { listApps } from '$lib/server/flows/apps/manage-apps';
import { operatorLoad } from '$lib/server/edge/console-door';
import { readZone, zoneCookie } from '../zone';
import type { LayoutServerLoad } from './$types';

export const load = operatorLoad(async ({ services, operator, cookies }) => ({
	operator: { name: operator.name || operator.email, email: operator.email, role: operator.role },
	apps: (await listApps(services)).map(({ id, name }) => ({ id, name, href: `/admin/apps/${id}` })),
	zone: readZone(cookies.get(zoneCookie)),
})) satisfies LayoutServerLoad;
