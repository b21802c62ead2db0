import { redirect } from '@sveltejs/kit';
import { setSessionCookie } from '$lib/server/edge/cookies';
import { answerForm } from '$lib/server/edge/outcome';
import { TypedForm } from '$lib/server/edge/typed-form';
import { claimAppliance, isClaimed } from '$lib/server/flows/setup/claim-appliance';
import type { Actions, PageServerLoad } from './$types';

export const load = (async ({ locals, url }) => ({
	claimed: await isClaimed(locals.appliance),
	/** The link printed at the start carries it. */
	code: (url.searchParams.get('code') ?? '').slice(0, 100),
})) satisfies PageServerLoad;

export const actions = {
	default: async ({ locals, request, cookies }) =>
		answerForm(locals, {}, async () => {
			const form = await TypedForm.read(request);
			const [setupCode, email] = [form.text('setupCode'), form.text('email')];
			return answerForm(locals, { setupCode, email }, async () => {
				const input = { setupCode, email, password: form.text('password') };
				const claim = await claimAppliance(locals.appliance, input, locals.visitor);
				setSessionCookie(cookies, claim.session.cookie);
				redirect(303, '/admin');
			});
		}),
} satisfies Actions;
