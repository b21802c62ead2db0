/** Serves two cases: the link from a mail, confirmed by a button, or the code that completes a registration. */
import { confirmEmail, readEmailLink } from '$lib/server/flows/verify/confirm-email';
import { guarded, submitted } from '../../answer.server';
import { standAlone } from '../journey.server';
import { loadVerify, verify } from '../register.server';
import type { Actions, PageServerLoad } from './$types';

const tokenIn = (url: URL) => url.searchParams.get('token')?.slice(0, 128);

export const load: PageServerLoad = (event) =>
	guarded(event, async () => {
		const token = tokenIn(event.url);
		const { locals } = event;
		return {
			byLink: token !== undefined,
			link: token === undefined ? undefined : await readEmailLink(await locals.app(), token),
			...loadVerify(event, standAlone(event)),
		};
	});

export const actions: Actions = {
	default: (event) => {
		const token = tokenIn(event.url);
		if (token === undefined) return verify(event, () => standAlone(event));
		return submitted(event, [], async () => {
			await confirmEmail(await event.locals.app(), { token }, event.locals.visitor);
			return { done: true };
		});
	},
};
