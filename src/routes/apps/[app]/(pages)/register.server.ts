/** The registration step, and the code that completes it where an email has to be proven first. */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { Refusal } from '$lib/contract/errors';
import { plainCode } from '$lib/forms/plain-code';
import { listMethods, type Way } from '$lib/server/flows/sign-in/list-methods';
import { offersPasswords } from '$lib/server/flows/sign-in/offers-passwords';
import {
	completeRegistration,
	resendRegistrationCode,
	submitRegistration,
} from '$lib/server/flows/register/register';
import { submitted } from '../answer.server';
import { dropNote, leaveNote, readNote } from '../note.server';
import { offered, type OfferedMethod } from './sign-in.server';
import { goOn, presentSession, type Begin, type Journey } from './journey.server';

export interface RegisterPage {
	client?: { name: string };
	open: boolean;
	/** A name and a password make one. */
	passwords: boolean;
	/** Third parties: who comes by one for the first time gets an account as well. */
	methods: OfferedMethod[];
	/** The account is made when a code sent to the email comes back. */
	emailFirst: boolean;
	minLength: number;
	signIn: string;
}

const thirdParties: readonly Way[] = ['redirect', 'scan'];

async function thirdPartiesFor({ locals, url }: RequestEvent, journey: Journey): Promise<OfferedMethod[]> {
	const methods = await listMethods(await locals.app(), locals.visitor);
	const signIn = new URL(journey.href('sign-in'), url);
	return methods.filter(({ way }) => thirdParties.includes(way)).map((method) => offered(method, signIn));
}

export async function loadRegister(event: RequestEvent, journey: Journey): Promise<RegisterPage> {
	const app = await event.locals.app();
	const settings = await app.settings();
	const open = settings.registration === 'open';
	const passwords = open && (await offersPasswords(app));
	const methods = open ? await thirdPartiesFor(event, journey) : [];
	return {
		...(journey.client ? { client: journey.client } : {}),
		open: passwords || methods.length > 0,
		passwords,
		methods,
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
		if (registered.status !== 'verify-email') return goOn(event, journey, registered);
		leaveNote(event, { at: 'verify', verification: registered.verification, email: registered.email });
		redirect(303, journey.href('verify'));
	});
}

export interface VerifyPage {
	/** Where the code went; absent where nothing waits for one. */
	email?: string;
	/** Another code was just sent. */
	again: boolean;
	register: string;
	signIn: string;
}

export function loadVerify(event: RequestEvent, journey: Journey): VerifyPage {
	const note = readNote(event, 'verify');
	return {
		...(note ? { email: note.email } : {}),
		again: note?.again ?? false,
		register: journey.href('register'),
		signIn: journey.href('sign-in'),
	};
}

/** The code, or the wish for another one: both go by the note that the registration left. */
export function verify(event: RequestEvent, begin: Begin) {
	return submitted(event, ['code', 'step'], async ({ code, step }) => {
		const journey = await begin();
		if (step === 'resend') return sendAgain(event, journey);
		const app = await event.locals.app();
		const verification = readNote(event, 'verify')?.verification ?? '';
		const input = { verification, code: plainCode(code), replaces: await presentSession(event) };
		const joined = await completeRegistration(app, input, event.locals.visitor);
		dropNote(event);
		return goOn(event, journey, joined);
	});
}

/** A registration that waited too long is forgotten: the page then offers to begin again. */
async function sendAgain(event: RequestEvent, journey: Journey): Promise<never> {
	const { verification = '', email = '' } = readNote(event, 'verify') ?? {};
	try {
		const app = await event.locals.app();
		const sent = await resendRegistrationCode(app, { verification, email }, event.locals.visitor);
		leaveNote(event, { at: 'verify', ...sent, again: true });
	} catch (thrown) {
		if (!(thrown instanceof Refusal) || thrown.code !== 'auth/code-invalid') throw thrown;
		dropNote(event);
	}
	redirect(303, journey.href('verify'));
}
