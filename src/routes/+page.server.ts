import { redirect } from '@sveltejs/kit';
import { listApps } from '$lib/server/flows/apps/manage-apps';
import { isClaimed } from '$lib/server/flows/setup/claim-appliance';
import type { PageServerLoad } from './$types';

export const load = (async ({ locals }) => {
	if (!(await isClaimed(locals.appliance))) redirect(303, '/setup');
	const apps = await listApps(locals.appliance);
	return { apps: apps.filter((app) => app.isPublic).map(({ id, name }) => ({ id, name })) };
}) satisfies PageServerLoad;
