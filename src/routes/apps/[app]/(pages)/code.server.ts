/** The step that takes a code to sign in with, and the page that the link in its mail opens. */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { Refusal } from '$lib/contract/errors';
import { ownPath } from '$lib/server/edge/own-path';
import { sendCode } from '$lib/server/flows/codes/send-code';
import { openCodeLink, signInByCode, type OpenedLink } from '$lib/server/flows/codes/submit-code';
import type { CodeAnswer } from '$lib/server/flows/codes/submit-code';
import { submitted } from '../answer.server';
import { leaveNote, readNote, type Note } from '../note.server';
import {
	asking,
	bindingOf,
	goOn,
	presentBinding,
	presentSession,
	type Begin,
	type Journey,
} from './journey.server';

type Sent = Extract<Note, { at: 'code' }>;

export interface CodePage {
	/** The address that the code was sent to. */
	to: string;
	channel: 'email' | 'sms';
	/** Another code was just sent. */
	again: boolean;
	/** The page on which another address can be typed. */
	other: string;
}

export function loadCode(event: RequestEvent, journey: Journey): CodePage {
	const note = readNote(event, 'code');
	if (!note) redirect(303, journey.href('sign-in'));
	return {
		to: note.to,
		channel: note.to.includes('@') ? 'email' : 'sms',
		again: note.again ?? false,
		other: asking(journey.href('sign-in'), 'with', note.connector),
	};
}

export function submitCode(event: RequestEvent, begin: Begin) {
	return submitted(event, ['code', 'step', 'token'], async ({ code, step, token }) => {
		const journey = await begin();
		const note = readNote(event, 'code');
		if (!token && !note) redirect(303, journey.href('sign-in'));
		if (step === 'resend' && note) return sendAgain(event, journey, note);
		const app = await event.locals.app();
		const proof = token ? await proofOfLink(event, token) : { verification: note?.verification ?? '', code };
		const answer: CodeAnswer = {
			...proof,
			browser: await presentBinding(event),
			replaces: await presentSession(event),
		};
		return goOn(event, journey, await signInByCode(app, answer, event.locals.visitor));
	});
}

/** In another browser the link shows its code and proves nothing. */
async function proofOfLink(
	event: RequestEvent,
	token: string,
): Promise<{ verification: string; code: string }> {
	const input = { token, browser: await presentBinding(event) };
	const opened = await openCodeLink(await event.locals.app(), input);
	return opened.here ? opened : { verification: '', code: '' };
}

async function sendAgain(event: RequestEvent, journey: Journey, note: Sent): Promise<never> {
	const app = await event.locals.app();
	const { connector, to } = note;
	const browser = await bindingOf(event);
	const order = { connector, to, purpose: 'sign-in', browser, linkTo: `/apps/${app.id}/code` } as const;
	const { verification } = await sendCode(app, order, event.locals.visitor);
	leaveNote(event, { ...note, verification, again: true });
	redirect(303, journey.href('code'));
}

export interface CodeLinkPage {
	/** Opened in the browser that asked, or in another one; or the link is not valid any more. */
	state: 'here' | 'elsewhere' | 'void';
	/** The code, to be typed where it was asked for; only in another browser. */
	code: string;
	token: string;
	/** The page that takes the form: where the sign-in began. */
	page: string;
}

async function openLink(event: RequestEvent, token: string): Promise<OpenedLink | undefined> {
	const input = { token, browser: await presentBinding(event) };
	return openCodeLink(await event.locals.app(), input).catch((thrown: unknown) => {
		if (thrown instanceof Refusal && thrown.code === 'auth/code-invalid') return undefined;
		throw thrown;
	});
}

/** Opening the link changes nothing: mail scanners open links too. */
export async function loadCodeLink(event: RequestEvent, asked: string): Promise<CodeLinkPage> {
	const own = `/apps/${event.params['app'] ?? ''}/`;
	const left = ownPath(readNote(event, 'code')?.page, `${own}code`);
	const page = left.startsWith(own) ? left : `${own}code`;
	const token = asked.slice(0, 128);
	const opened = await openLink(event, token);
	if (!opened) return { state: 'void', code: '', token: '', page: `${own}sign-in` };
	return opened.here
		? { state: 'here', code: '', token, page }
		: { state: 'elsewhere', code: opened.code, token: '', page };
}
