/** The result of a redirect to a vendor, shown once, on the page where it began. */
import type { RequestEvent } from '@sveltejs/kit';
import { Refusal } from '$lib/contract/errors';
import { m } from '$lib/i18n/paraglide/messages';
import { dropNote, readNote } from './note.server';
import { pageProblem } from './problem.server';

export interface Told {
	kind: 'success' | 'info' | 'error';
	text: string;
}

export async function toldOf(event: RequestEvent): Promise<Told | undefined> {
	const note = readNote(event, 'told');
	if (!note) return undefined;
	if (event.request.method === 'GET') dropNote(event);
	const { locale } = event.locals;
	const { plugins } = await event.locals.app();
	const name = plugins.manifestOf(note.connector).name[locale];
	switch (note.what) {
		case 'linked':
			return { kind: 'success', text: m.pages_told_linked({ name }, { locale }) };
		case 'auth/cancelled':
			return { kind: 'info', text: m.pages_told_cancelled({ name }, { locale }) };
		case 'plugin/provider-unavailable':
			return { kind: 'error', text: m.pages_told_unavailable({ name }, { locale }) };
		case 'identity/taken':
			return { kind: 'error', text: m.pages_told_taken({ name }, { locale }) };
		default:
			return { kind: 'error', text: pageProblem(new Refusal(note.what), locale).message };
	}
}
