import { redirect } from '@sveltejs/kit';
import { setSessionCookie } from '$lib/server/edge/cookies';
import { answerForm } from '$lib/server/edge/outcome';
import { ownPath } from '$lib/server/edge/own-path';
import { TypedForm } from '$lib/server/edge/typed-form';
import { signInOperator } from '$lib/server/flows/operators/sign-in-operator';
import { isClaimed } from '$lib/server/flows/setup/claim-appliance';
import type { Actions, PageServerLoad } from './$types';

const home = '/admin';
const next = (url: URL) => ownPath(url.searchParams.get('next'), home);

export const load = (async ({ locals, url }) => {
	if (!(await isClaimed(locals.appliance))) redirect(303, '/setup');
	if (await locals.currentOperator()) redirect(303, next(url));
	return {};
}) satisfies PageServerLoad;

export const actions = {
	default: async ({ locals, request, cookies, url }) =>
		answerForm(locals, {}, async () => {
			const form = await TypedForm.read(request);
			const email = form.text('email') || form.text('identifier');
			return answerForm(locals, { email: email.slice(0, 254) }, async () => {
				const replaces = (await locals.currentOperator())?.sessionId;
				const proof = { email, password: form.text('password'), replaces };
				const { session } = await signInOperator(locals.appliance, proof, locals.visitor);
				setSessionCookie(cookies, session.cookie);
				redirect(303, next(url));
			});
		}),
} satisfies Actions;
