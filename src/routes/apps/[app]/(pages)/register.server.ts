/** The registration step, and the code that completes it where an email has to be proven first. */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { Refusal } from '$lib/contract/errors';
import { isGuest } from '$lib/server/flows/external/guests';
import { listMethods, type Way } from '$lib/server/flows/sign-in/list-methods';
import { offersPasswords } from '$lib/server/flows/sign-in/offers-passwords';
import {
	completeRegistration,
	resendRegistrationCode,
	submitRegistration,
} from '$lib/server/flows/register/register';
import { submitted } from '../answer.server';
import { dropNote, leaveNote, readNote } from '../note.server';
import { offered, wantsAnother, whoIsHere, type OfferedMethod, type Present } from './sign-in.server';
import { asking, goOn, presentSession, type Begin, type Journey } from './journey.server';

export interface RegisterPage {
	client?: { name: string };
	open: boolean;
	/** Whether an account can be made with a name and a password. */
	passwords: boolean;
	/** Codes and third parties: a person who uses one for the first time gets an account as well. */
	methods: OfferedMethod[];
	/** The user is signed in already, and has not asked for another account. */
	present: { name: string; detail: string | undefined; onward: string; another: string } | undefined;
	/** Where a guest becomes a user: a new account would leave behind what they have. */
	guest: string | undefined;
	/** The account is made when a code sent to the email comes back. */
	emailFirst: boolean;
	minLength: number;
	signIn: string;
}

const joiningWays: readonly Way[] = ['code', 'redirect', 'scan'];

async function methodsFor({ locals, url }: RequestEvent, signIn: string): Promise<OfferedMethod[]> {
	const methods = await listMethods(await locals.app(), locals.visitor);
	const page = new URL(signIn, url);
	return methods.filter(({ way }) => joiningWays.includes(way)).map((method) => offered(method, page));
}

/** A person whom a client sent came here from a page that knew them. */
const presentOf = (
	event: RequestEvent,
	journey: Journey,
	here: Present | undefined,
): RegisterPage['present'] =>
	here && journey.next !== undefined && !wantsAnother(event)
		? {
				name: here.name,
				detail: here.detail,
				onward: journey.next,
				another: asking(journey.href('register'), 'another', 'yes'),
			}
		: undefined;

export async function loadRegister(event: RequestEvent, journey: Journey): Promise<RegisterPage> {
	// A waiting identity is to be linked to an existing account; it may not even be this person's.
	dropNote(event, 'linking');
	const app = await event.locals.app();
	const settings = await app.settings();
	const open = settings.registration === 'open';
	const passwords = open && (await offersPasswords(app));
	const here = await whoIsHere(event);
	const signIn = here ? asking(journey.href('sign-in'), 'another', 'yes') : journey.href('sign-in');
	const methods = open ? await methodsFor(event, signIn) : [];
	return {
		...(journey.client ? { client: journey.client } : {}),
		open: passwords || methods.length > 0,
		passwords,
		methods,
		present: presentOf(event, journey, here),
		guest: here && (await isGuest(app.store.read, here.id)) ? `/apps/${app.id}/account` : undefined,
		emailFirst: settings.requireVerified.includes('email'),
		minLength: settings.passwordMinLength,
		signIn,
	};
}

export function register(event: RequestEvent, begin: Begin) {
	return submitted(event, ['username', 'email', 'name', 'password'], async (typed) => {
		const journey = await begin();
		dropNote(event, 'linking');
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
	/** The address that the code was sent to; absent where nothing waits for one. */
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

/** Takes the code, or the request for another one: both use the note that the registration left. */
export function verify(event: RequestEvent, begin: Begin) {
	return submitted(event, ['code', 'step'], async ({ code, step }) => {
		const journey = await begin();
		if (step === 'resend') return sendAgain(event, journey);
		const app = await event.locals.app();
		const verification = readNote(event, 'verify')?.verification ?? '';
		const input = { verification, code, replaces: await presentSession(event) };
		const joined = await completeRegistration(app, input, event.locals.visitor);
		dropNote(event);
		dropNote(event, 'linking');
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
