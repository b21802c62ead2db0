/** Two comings: the link from a mail, confirmed by a button, or the code that completes a registration. */
import { confirmEmail } from '$lib/server/flows/verify/confirm-email';
import { guarded, submitted } from '../../answer.server';
import { standAlone } from '../journey.server';
import { loadVerify, verify } from '../register.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => ({
		byLink: event.url.searchParams.has('token'),
		...loadVerify(event, standAlone(event)),
	}));

export const actions: Actions = {
	default: (event) => {
		const token = event.url.searchParams.get('token');
		if (token === null) return verify(event, () => standAlone(event));
		return submitted(event, [], async () => {
			await confirmEmail(await event.locals.app(), { token: token.slice(0, 128) }, event.locals.visitor);
			return { done: true };
		});
	},
};
