import { setSignedInCookies } from '$lib/server/edge/cookies';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import { changeOwnPassword } from '$lib/server/flows/operators/change-own-password';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ operator }) => ({
	email: operator.email,
})) satisfies PageServerLoad;

export const actions = {
	default: operatorAction(async ({ services, form, operator, visitor, cookies }) => {
		const typed = { password: form.text('password'), newPassword: form.text('newPassword') };
		setSignedInCookies(
			cookies,
			'operator',
			await changeOwnPassword(services, { operator, ...typed }, visitor),
		);
	}),
} satisfies Actions;
