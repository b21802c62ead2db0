import { deleteRole } from '$lib/server/flows/roles/delete-role';
import { listRolesWithHolders } from '$lib/server/flows/roles/list-roles';
import { parseRole } from '$lib/server/flows/roles/parse-role';
import { saveRole } from '$lib/server/flows/roles/save-role';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ app: openApp }) => {
	const app = await openApp();
	const [roles, { defaultRole }] = await Promise.all([listRolesWithHolders(app), app.settings()]);
	return { roles, defaultRole };
}) satisfies PageServerLoad;

export const actions = {
	save: operatorAction(async ({ app, form, actor, visitor }) => {
		const role = parseRole({
			id: form.text('id').trim(),
			name: form.text('name'),
			permissions: form.list('permissions'),
		});
		await saveRole(await app(), { role, actor }, visitor);
	}),
	delete: operatorAction(async ({ app, form, actor, visitor }) => {
		await deleteRole(await app(), { id: form.text('id'), actor }, visitor);
	}),
} satisfies Actions;
