/** A guest's own form in the account centre: a username and a password make them a user. */
import type { RequestEvent } from '@sveltejs/kit';
import { setSignedInCookies } from '$lib/server/edge/cookies';
import { becomeUser } from '$lib/server/flows/account/become-user';
import { submitted } from '../answer.server';
import { requireUser } from './owner.server';

export const guestActions = {
	becomeUser: (event: RequestEvent) =>
		submitted(event, ['username', 'newPassword'], async (typed) => {
			const current = await requireUser(event);
			const app = await event.locals.app();
			const became = await becomeUser(app, { ...current, ...typed }, event.locals.visitor);
			setSignedInCookies(event.cookies, app.id, became);
			// This answer is already drawn from what was saved, and belongs to the new session.
			Object.assign(current.user, became.user);
			current.session = became.session.session;
			return { done: 'user' as const };
		}),
};
