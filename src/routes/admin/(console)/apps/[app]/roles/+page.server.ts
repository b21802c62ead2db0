import { listRoles } from '$lib/server/flows/roles/list-roles';
import { operatorLoad } from '$lib/server/edge/console-door';
import type { PageServerLoad } from './$types';

export const load = operatorLoad(async ({ app: openApp }) => {
	const app = await openApp();
	const [roles, { defaultRole }] = await Promise.all([listRoles(app), app.settings()]);
	return { roles, defaultRole };
}) satisfies PageServerLoad;
