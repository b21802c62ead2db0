/**
 * What a browser remembers between two steps of one journey: the account a code was asked for, the registration
 * that waits for one. Not a proof of anything; it saves typing and keeps addresses clear of personal data.
 */
import type { RequestEvent } from '@sveltejs/kit';
import { z } from 'zod';
import { errors, type ErrorCode } from '$lib/contract/errors';

const text = z.string().max(254);

const noteSchema = z.discriminatedUnion('at', [
	/** A code was asked for this account. */
	z.object({ at: z.literal('recover'), identifier: text, verification: text.optional() }),
	/** A registration waits for the code that was sent to this address. */
	z.object({ at: z.literal('verify'), verification: text, email: text, again: z.boolean().optional() }),
	/** A changed email waits for the code that was sent to it. */
	z.object({ at: z.literal('email'), email: text }),
	/** The password was changed: sign in with the new one. */
	z.object({ at: z.literal('sign-in'), identifier: text }),
	/** An account waits until this was proven; `verification` names the code that is on its way to `to`. */
	z.object({
		at: z.literal('prove'),
		pending: text,
		what: z.enum(['email', 'phone']),
		verification: text.optional(),
		to: text.optional(),
		again: z.boolean().optional(),
	}),
	/** A third party authenticated a person who is asked whether to join or to link an account they have. */
	z.object({
		at: z.literal('connect'),
		pending: text,
		join: z.boolean(),
		connector: text,
		name: text,
	}),
	/** They chose to link: the sign-in that comes next is to the account they have. */
	z.object({ at: z.literal('linking'), pending: text, connector: text, name: text }),
	/** A code to sign in with is on its way; `page` takes it. */
	z.object({
		at: z.literal('code'),
		connector: text,
		verification: text,
		to: text,
		page: z.string().max(1000),
		again: z.boolean().optional(),
	}),
	/** The result of a redirect to a vendor, to be shown once. */
	z.object({
		at: z.literal('told'),
		connector: text,
		what: z.union([
			z.literal('linked'),
			z.custom<ErrorCode>((code) => typeof code === 'string' && Object.hasOwn(errors, code)),
		]),
	}),
	/** A new phone number waits for the code that was sent to it. */
	z.object({ at: z.literal('phone'), phone: text }),
	/** A scan code is shown; the secret collects the sign-in, or, for one that links, the account. */
	z.object({ at: z.literal('scan'), connector: text, secret: text, links: z.boolean().optional() }),
	/** A signed-in user wants to be another user. */
	z.object({ at: z.literal('another') }),
]);
export type Note = z.output<typeof noteSchema>;

/** A little longer than a code is valid. */
const life = 15 * 60;

/** Linking outlives the steps of the sign-in in between, so it has a place of its own. */
const placeOf = (at: Note['at']) => (at === 'linking' ? 'linking' : 'note');

function cookieOf(event: RequestEvent, place: 'note' | 'linking'): { name: string; secure: boolean } {
	const secure = event.locals.appliance.origin.startsWith('https:');
	return { name: `${secure ? '__Host-' : ''}menshen-${place}-${event.params['app'] ?? ''}`, secure };
}

export function leaveNote(event: RequestEvent, note: Note): void {
	const { name, secure } = cookieOf(event, placeOf(note.at));
	event.cookies.set(name, JSON.stringify(note), {
		path: '/',
		httpOnly: true,
		secure,
		sameSite: 'lax',
		maxAge: life,
	});
}

export function parseNote<At extends Note['at']>(
	value: string | undefined,
	at: At,
): Extract<Note, { at: At }> | undefined {
	if (!value) return undefined;
	try {
		const note = noteSchema.safeParse(JSON.parse(value));
		return note.success && note.data.at === at ? (note.data as Extract<Note, { at: At }>) : undefined;
	} catch {
		return undefined;
	}
}

export function readNote<At extends Note['at']>(
	event: RequestEvent,
	at: At,
): Extract<Note, { at: At }> | undefined {
	return parseNote(event.cookies.get(cookieOf(event, placeOf(at)).name), at);
}

export function dropNote(event: RequestEvent, place: 'note' | 'linking' = 'note'): void {
	const { name, secure } = cookieOf(event, place);
	if (event.cookies.get(name) !== undefined)
		event.cookies.delete(name, { path: '/', httpOnly: true, secure, sameSite: 'lax' });
}
