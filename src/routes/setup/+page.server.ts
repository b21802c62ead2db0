import { redirect } from '@sveltejs/kit';
import { readForm } from '$lib/forms/read-form';
import { setSignedInCookies } from '$lib/server/edge/cookies';
import { answerForm } from '$lib/server/edge/outcome';
import { claimAppliance, isClaimed } from '$lib/server/flows/setup/claim-appliance';
import type { Actions, PageServerLoad } from './$types';

export const load = (async ({ locals, url }) => ({
	claimed: await isClaimed(locals.appliance),
	/** The link printed at the start contains it. */
	code: (url.searchParams.get('code') ?? '').slice(0, 100),
})) satisfies PageServerLoad;

export const actions = {
	default: async ({ locals, request, cookies }) =>
		answerForm(locals, {}, async () => {
			const typed = await readForm(request, ['setupCode', 'email', 'password']);
			const { setupCode, email } = typed;
			return answerForm(locals, { setupCode, email }, async () => {
				const claim = await claimAppliance(locals.appliance, typed, locals.visitor);
				setSignedInCookies(cookies, 'operator', claim);
				redirect(303, '/admin');
			});
		}),
} satisfies Actions;
