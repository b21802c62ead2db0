/** The sign-in step: what its page shows, and what its form does. */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { submitSignIn } from '$lib/server/flows/sign-in/submit-sign-in';
import { submitted } from '../answer.server';
import { readNote } from '../note.server';
import { arrive, presentSession, type Begin, type Journey } from './journey.server';

export interface SignInPage {
	client?: { name: string };
	identifier: string;
	/** The password was just changed. */
	recovered: boolean;
	/** Signed in already; here the password is asked for once more, or another account may be chosen. */
	present?: { name: string; detail?: string };
	/** Where the one who is signed in goes on without signing in again. */
	onward?: string;
	fresh: boolean;
	/** Passwords of the app's own are in use. */
	passwords: boolean;
	recover: string;
	/** Absent where registration is closed. */
	register?: string;
}

type Present = NonNullable<SignInPage['present']> & { identifier: string };

async function whoIsHere({ locals }: RequestEvent): Promise<Present | undefined> {
	const user = (await locals.currentUser())?.user;
	if (!user) return undefined;
	const names = [user.name, user.username, user.email, user.phone].filter((name): name is string => Boolean(name));
	const [name = user.id, detail] = [...new Set(names)];
	const identifier = user.username ?? (user.emailVerified ? user.email : user.phone) ?? '';
	return { name, ...(detail ? { detail } : {}), identifier };
}

/** @returns what the page shows; an account whose session is enough for an interaction goes on at once */
export async function loadSignIn(event: RequestEvent, journey: Journey): Promise<SignInPage> {
	const { url, locals } = event;
	const wantsAnother = url.searchParams.has('another') || readNote(event, 'another') !== undefined;
	if (journey.skip && !wantsAnother) redirect(303, await journey.skip());
	const settings = await (await locals.app()).settings();
	const here = wantsAnother ? undefined : await whoIsHere(event);
	const note = readNote(event, 'sign-in');
	const identifier = note?.identifier ?? journey.loginHint ?? (journey.client ? (here?.identifier ?? '') : '');
	return {
		...(journey.client ? { client: journey.client } : {}),
		identifier: identifier.slice(0, 254),
		recovered: note !== undefined,
		...(here ? { present: { name: here.name, ...(here.detail ? { detail: here.detail } : {}) } } : {}),
		...(here && journey.next ? { onward: journey.next } : {}),
		fresh: journey.fresh,
		passwords: settings.systemAccounts,
		recover: journey.href('recover'),
		...(settings.systemAccounts && settings.registration === 'open' ? { register: journey.href('register') } : {}),
	};
}

export function signIn(event: RequestEvent, begin: Begin) {
	return submitted(event, ['identifier', 'password', 'connector'], async ({ identifier, password, connector }) => {
		const journey = await begin();
		const app = await event.locals.app();
		const replaces = await presentSession(event);
		const input = { identifier, password, replaces, ...(connector ? { connector } : {}) };
		return arrive(event, journey, await submitSignIn(app, input, event.locals.visitor));
	});
}
