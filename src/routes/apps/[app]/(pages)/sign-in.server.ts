/** The sign-in step: what its page shows, and what its form does. */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { offersPasswords } from '$lib/server/flows/sign-in/offers-passwords';
import { submitSignIn } from '$lib/server/flows/sign-in/submit-sign-in';
import type { User } from '$lib/server/storage/app/users';
import { submitted } from '../answer.server';
import { readNote } from '../note.server';
import { arrive, presentSession, type Begin, type Journey } from './journey.server';

export interface SignInPage {
	client: { name: string } | undefined;
	identifier: string;
	/** The password was just changed. */
	recovered: boolean;
	/** Signed in already; here the password is asked for once more, or another account may be chosen. */
	present: { name: string; detail: string | undefined } | undefined;
	/** Where the one who is signed in goes on without signing in again. */
	onward: string | undefined;
	fresh: boolean;
	/** Passwords of the app's own are in use. */
	passwords: boolean;
	recover: string;
	/** Absent where registration is closed. */
	register: string | undefined;
}

type Present = NonNullable<SignInPage['present']> & { identifier: string };

/** By what somebody signs in: the name that is surely theirs. */
const identifierOf = (user: User): string =>
	user.username ?? (user.emailVerified ? user.email : user.phone) ?? '';

async function whoIsHere({ locals }: RequestEvent): Promise<Present | undefined> {
	const user = (await locals.currentUser())?.user;
	if (!user) return undefined;
	const names = [user.name, user.username, user.email, user.phone].filter((name): name is string =>
		Boolean(name),
	);
	const [name = user.id, detail] = [...new Set(names)];
	return { name, detail, identifier: identifierOf(user) };
}

/** Known from the step before, else as the client has it, else whoever is signed in and asked once more. */
function suggestIdentifier(event: RequestEvent, journey: Journey, here: Present | undefined): string {
	const asked = journey.client ? here?.identifier : undefined;
	return (readNote(event, 'sign-in')?.identifier ?? journey.loginHint ?? asked ?? '').slice(0, 254);
}

const wantsAnother = (event: RequestEvent): boolean =>
	event.url.searchParams.has('another') || readNote(event, 'another') !== undefined;

/** @returns what the page shows; a session that is enough for an interaction goes on at once */
export async function loadSignIn(event: RequestEvent, journey: Journey): Promise<SignInPage> {
	const another = wantsAnother(event);
	if (journey.skip && !another) redirect(303, await journey.skip());
	const app = await event.locals.app();
	const settings = await app.settings();
	const passwords = await offersPasswords(app);
	const here = another ? undefined : await whoIsHere(event);
	const open = passwords && settings.registration === 'open';
	return {
		client: journey.client,
		identifier: suggestIdentifier(event, journey, here),
		recovered: readNote(event, 'sign-in') !== undefined,
		present: here && { name: here.name, detail: here.detail },
		onward: here && journey.next,
		fresh: journey.fresh,
		passwords,
		recover: journey.href('recover'),
		register: open ? journey.href('register') : undefined,
	};
}

export function signIn(event: RequestEvent, begin: Begin) {
	return submitted(
		event,
		['identifier', 'password', 'connector'],
		async ({ identifier, password, connector }) => {
			const journey = await begin();
			const app = await event.locals.app();
			const replaces = await presentSession(event);
			const input = { identifier, password, replaces, ...(connector ? { connector } : {}) };
			return arrive(event, journey, await submitSignIn(app, input, event.locals.visitor));
		},
	);
}
