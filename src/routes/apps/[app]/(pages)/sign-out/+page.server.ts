import { setSessionCookie } from '$lib/server/edge/cookies';
import { signOut } from '$lib/server/flows/sign-out/end-sessions';
import { guarded, submitted } from '../../answer.server';
import { dropNote } from '../../note.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => ({ signedIn: (await event.locals.currentUser()) !== undefined }));

export const actions: Actions = {
	default: (event) =>
		submitted(event, [], async () => {
			const app = await event.locals.app();
			const current = await event.locals.currentUser();
			if (current)
				await signOut(app, { id: current.session.id, userId: current.user.id }, event.locals.visitor);
			setSessionCookie(event.cookies, app.sessions.blankCookie());
			dropNote(event);
			return { done: true };
		}),
};
