import { redirect } from '@sveltejs/kit';
import { Refusal } from '$lib/contract/errors';
import { listRoles } from '$lib/server/flows/roles/list-roles';
import { signOutEverywhere } from '$lib/server/flows/sign-out/end-sessions';
import { drawUser, editUser } from '$lib/server/flows/users/edit-user';
import { listUserSessions } from '$lib/server/flows/users/list-user-sessions';
import {
	deleteUser,
	getUser,
	sendUserRecovery,
	setUserPassword,
	updateUser,
} from '$lib/server/flows/users/manage-users';
import { readMerges } from '$lib/server/flows/users/read-merges';
import { operatorAction, operatorLoad, type ConsoleCall } from '$lib/server/edge/console-door';
import { waysInActions, waysInOf } from './ways-in.server';
import type { Actions, PageServerLoad } from './$types';

function idIn({ params }: Pick<ConsoleCall, 'params'>): string {
	if (!params['user']) throw new Refusal('user/not-found');
	return params['user'];
}

export const load = operatorLoad(async (call) => {
	const app = await call.app();
	const user = await getUser(app, idIn(call));
	const [roles, sessions, { passwordMinLength }, ways, merges] = await Promise.all([
		listRoles(app),
		listUserSessions(app, user.id),
		app.settings(),
		waysInOf(app, user.id, call.locale),
		readMerges(app, user.id),
	]);
	return { user, drawn: drawUser(user), roles, sessions, passwordMinLength, ways, merges };
}) satisfies PageServerLoad;

export const actions = {
	save: operatorAction(async (call) => {
		const { form, actor, visitor } = call;
		const typed = {
			name: form.text('name'),
			username: form.text('username').trim(),
			email: form.text('email').trim(),
			phone: form.text('phone').trim(),
			emailProven: form.given('emailVerified')?.trim(),
			phoneProven: form.given('phoneVerified')?.trim(),
			roles: form.list('roles'),
			points: form.integer('points') ?? 0,
		};
		await editUser(await call.app(), { id: idIn(call), drawn: form.drawn(), typed, actor }, visitor);
	}),
	status: operatorAction(async (call) => {
		const status = call.form.text('status') === 'active' ? 'active' : 'disabled';
		await updateUser(
			await call.app(),
			{ id: idIn(call), change: { status }, actor: call.actor },
			call.visitor,
		);
	}),
	recover: operatorAction(async (call) =>
		sendUserRecovery(await call.app(), { id: idIn(call), actor: call.actor }, call.visitor),
	),
	password: operatorAction(async (call) => {
		const input = { id: idIn(call), newPassword: call.form.text('newPassword'), actor: call.actor };
		await setUserPassword(await call.app(), input, call.visitor);
	}),
	signOut: operatorAction(async (call) => {
		const ended = await signOutEverywhere(
			await call.app(),
			{ userId: idIn(call), actor: call.actor },
			call.visitor,
		);
		return { ended };
	}),
	...waysInActions,
	delete: operatorAction(async (call) => {
		const app = await call.app();
		await deleteUser(app, { id: idIn(call), actor: call.actor }, call.visitor);
		redirect(303, `/admin/apps/${app.id}/users`);
	}),
} satisfies Actions;
