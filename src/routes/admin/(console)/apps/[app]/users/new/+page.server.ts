import { redirect } from '@sveltejs/kit';
import { listRoles } from '$lib/server/flows/roles/list-roles';
import { createUser } from '$lib/server/flows/users/manage-users';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ app: openApp }) => {
	const app = await openApp();
	const { defaultRole, passwordMinLength } = await app.settings();
	return { roles: await listRoles(app), defaultRole, passwordMinLength };
}) satisfies PageServerLoad;

export const actions = {
	default: operatorAction(async ({ app: openApp, form, actor, visitor }) => {
		const app = await openApp();
		const input = {
			username: form.text('username'),
			email: form.text('email'),
			phone: form.text('phone'),
			name: form.text('name'),
			password: form.text('password') || undefined,
			emailVerified: form.flag('emailVerified'),
			phoneVerified: form.flag('phoneVerified'),
			roles: form.list('roles'),
		};
		const user = await createUser(app, { input, actor }, visitor);
		redirect(303, `/admin/apps/${app.id}/users/${encodeURIComponent(user.id)}`);
	}),
} satisfies Actions;
