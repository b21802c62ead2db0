/** The registration step, and the code that completes it where an email has to be proven first. */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { plainCode } from '$lib/forms/plain-code';
import { offersPasswords } from '$lib/server/flows/sign-in/offers-passwords';
import { completeRegistration, submitRegistration } from '$lib/server/flows/register/register';
import { submitted } from '../answer.server';
import { dropNote, leaveNote, readNote } from '../note.server';
import { arrive, presentSession, type Begin, type Journey } from './journey.server';

export interface RegisterPage {
	client?: { name: string };
	open: boolean;
	/** The account is made when a code sent to the email comes back. */
	emailFirst: boolean;
	minLength: number;
	signIn: string;
}

export async function loadRegister({ locals }: RequestEvent, journey: Journey): Promise<RegisterPage> {
	const app = await locals.app();
	const settings = await app.settings();
	return {
		...(journey.client ? { client: journey.client } : {}),
		open: (await offersPasswords(app)) && settings.registration === 'open',
		emailFirst: settings.requireVerified.includes('email'),
		minLength: settings.passwordMinLength,
		signIn: journey.href('sign-in'),
	};
}

export function register(event: RequestEvent, begin: Begin) {
	return submitted(event, ['username', 'email', 'name', 'password'], async (typed) => {
		const journey = await begin();
		const app = await event.locals.app();
		const registered = await submitRegistration(
			app,
			{ ...typed, replaces: await presentSession(event) },
			event.locals.visitor,
		);
		if (registered.status === 'signed-in') return arrive(event, journey, registered.signedIn);
		leaveNote(event, { at: 'verify', verification: registered.verification, email: registered.email });
		redirect(303, journey.href('verify'));
	});
}

export interface VerifyPage {
	/** Where the code went; absent where nothing waits for one. */
	email?: string;
	register: string;
	signIn: string;
}

export function loadVerify(event: RequestEvent, journey: Journey): VerifyPage {
	const note = readNote(event, 'verify');
	return {
		...(note ? { email: note.email } : {}),
		register: journey.href('register'),
		signIn: journey.href('sign-in'),
	};
}

export function verify(event: RequestEvent, begin: Begin) {
	return submitted(event, ['code'], async ({ code }) => {
		const journey = await begin();
		const app = await event.locals.app();
		const verification = readNote(event, 'verify')?.verification ?? '';
		const input = { verification, code: plainCode(code), replaces: await presentSession(event) };
		const signedIn = await completeRegistration(app, input, event.locals.visitor);
		dropNote(event);
		return arrive(event, journey, signedIn);
	});
}
