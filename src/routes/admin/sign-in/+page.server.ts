import { redirect } from '@sveltejs/kit';
import { readForm } from '$lib/forms/read-form';
import { setSignedInCookies } from '$lib/server/edge/cookies';
import { answerForm } from '$lib/server/edge/outcome';
import { ownPath } from '$lib/server/edge/own-path';
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
			const typed = await readForm(request, ['email', 'identifier', 'password']);
			const email = typed.email || typed.identifier;
			return answerForm(locals, { email }, async () => {
				const replaces = (await locals.currentOperator())?.sessionId;
				const proof = { email, password: typed.password, replaces };
				const signedIn = await signInOperator(locals.appliance, proof, locals.visitor);
				setSignedInCookies(cookies, 'operator', signedIn);
				redirect(303, next(url));
			});
		}),
} satisfies Actions;
