import { redirect } from '@sveltejs/kit';
import { setSessionCookie } from '$lib/server/edge/cookies';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import { signOutOperator } from '$lib/server/flows/operators/sign-in-operator';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async () => ({})) satisfies PageServerLoad;

export const actions = {
	default: operatorAction(async ({ services, operator, sessionId, visitor, cookies }) => {
		await signOutOperator(services, { sessionId, operatorId: operator.id }, visitor);
		setSessionCookie(cookies, services.sessions.blankCookie());
		redirect(303, '/admin/sign-in');
	}),
} satisfies Actions;
