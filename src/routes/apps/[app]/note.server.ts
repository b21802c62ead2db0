/**
 * What a browser remembers between two steps of one way: the account a code was asked for, the registration
 * that waits for one. Not a proof of anything; it saves typing and keeps addresses clear of personal data.
 */
import type { RequestEvent } from '@sveltejs/kit';
import { z } from 'zod';

const text = z.string().max(254);

const noteSchema = z.discriminatedUnion('at', [
	/** A code was asked for this account. */
	z.object({ at: z.literal('recover'), identifier: text }),
	/** A registration waits for the code that went to this address. */
	z.object({ at: z.literal('verify'), verification: text, email: text }),
	/** The password was changed: sign in with the new one. */
	z.object({ at: z.literal('sign-in'), identifier: text }),
	/** Somebody signed in would rather be somebody else. */
	z.object({ at: z.literal('another') }),
]);
export type Note = z.output<typeof noteSchema>;

/** A little longer than a code is valid. */
const life = 15 * 60;

function cookieOf(event: RequestEvent): { name: string; secure: boolean } {
	const secure = event.locals.appliance.origin.startsWith('https:');
	return { name: `${secure ? '__Host-' : ''}menshen-note-${event.params['app'] ?? ''}`, secure };
}

export function leaveNote(event: RequestEvent, note: Note): void {
	const { name, secure } = cookieOf(event);
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
	return parseNote(event.cookies.get(cookieOf(event).name), at);
}

export function dropNote(event: RequestEvent): void {
	const { name, secure } = cookieOf(event);
	if (event.cookies.get(name) !== undefined)
		event.cookies.delete(name, { path: '/', httpOnly: true, secure, sameSite: 'lax' });
}
