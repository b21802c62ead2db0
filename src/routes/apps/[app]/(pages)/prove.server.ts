/** What the app wants proven before there is an account: an email or a phone number, by a code. */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { Refusal } from '$lib/contract/errors';
import { phoneOf } from '$lib/forms/phone-of';
import { guessCountry } from '$lib/i18n/countries';
import { sendCode } from '$lib/server/flows/codes/send-code';
import { proveJoining } from '$lib/server/flows/codes/submit-code';
import { codeConnectorFor } from '$lib/server/flows/sign-in/list-methods';
import { submitted } from '../answer.server';
import { leaveNote, readNote, type Note } from '../note.server';
import { bindingOf, goOn, presentBinding, presentSession, type Begin, type Journey } from './journey.server';

type Waiting = Extract<Note, { at: 'prove' }>;

export interface ProvePage {
	what: 'email' | 'phone';
	/** The address that a code was sent to; empty before. */
	to: string;
	again: boolean;
	country: string;
	/** This page with the address to be typed. */
	other: string;
	signIn: string;
}

export function loadProve(event: RequestEvent, journey: Journey): ProvePage {
	const note = readNote(event, 'prove');
	if (!note) redirect(303, journey.href('sign-in'));
	const href = journey.href('prove');
	return {
		what: note.what,
		to: event.url.searchParams.has('other') ? '' : (note.to ?? ''),
		again: note.again ?? false,
		country: guessCountry(event.request.headers.get('accept-language')),
		other: `${href}${href.includes('?') ? '&' : '?'}other`,
		signIn: journey.href('sign-in'),
	};
}

export function proveAddress(event: RequestEvent, begin: Begin) {
	return submitted(event, ['email', 'phone', 'country', 'code', 'step'], async (sent) => {
		const journey = await begin();
		const note = readNote(event, 'prove');
		if (!note) throw new Refusal('interaction/expired');
		if (sent.step === 'resend') return send(event, journey, { note, to: note.to ?? '', again: true });
		if (sent.step === 'address') {
			const to = note.what === 'phone' ? phoneOf(sent) : sent.email;
			return send(event, journey, { note, to, again: false });
		}
		const answer = {
			verification: note.verification ?? '',
			code: sent.code,
			pending: note.pending,
			browser: await presentBinding(event),
			replaces: await presentSession(event),
		};
		return goOn(event, journey, await proveJoining(await event.locals.app(), answer, event.locals.visitor));
	});
}

async function send(
	event: RequestEvent,
	journey: Journey,
	{ note, to, again }: { note: Waiting; to: string; again: boolean },
): Promise<never> {
	const app = await event.locals.app();
	const { pending, what } = note;
	const connector = await codeConnectorFor(app, what);
	const order = { connector, to, purpose: 'join', pending, browser: await bindingOf(event) } as const;
	const sent = await sendCode(app, order, event.locals.visitor);
	leaveNote(event, { at: 'prove', pending, what, verification: sent.verification, to: sent.to, again });
	redirect(303, journey.href('prove'));
}
