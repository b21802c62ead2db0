/** Signing in by another device: this page shows what to scan, waits, and takes the sign-in once it is confirmed. */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { collectScan, watchScan, type ScanState } from '$lib/server/flows/scan/scan';
import { submitted } from '../answer.server';
import { readNote, type Note } from '../note.server';
import { startScan } from './begin.server';
import { enter, presentSession, type Begin, type Journey } from './journey.server';

export interface ScanPage {
	/** The app to scan with. */
	connector: string;
	icon: string;
	state: ScanState['status'] | 'seen';
	/** The word that the device shows too. */
	word: string;
	/** Seconds until the code expires. */
	seconds: number;
	drawing: string;
	/** The address at which the page's script reads the state. */
	stateHref: string;
	/** It links to the account of the person who is signed in; else somebody signs in. */
	links: boolean;
	/** Where the way to it began. */
	back: string;
}

type ScanNote = Extract<Note, { at: 'scan' }>;

/** Goes back where it began if there is no scan of this kind. */
export function requireScanNote(event: RequestEvent, wanted: Pick<ScanPage, 'links' | 'back'>): ScanNote {
	const note = readNote(event, 'scan');
	if (!note || (note.links ?? false) !== wanted.links) redirect(303, wanted.back);
	return note;
}

const toSignIn = (journey: Journey) => ({ links: false, back: journey.href('sign-in') });

export const loadScan = (event: RequestEvent, journey: Journey): Promise<ScanPage> =>
	readScan(event, toSignIn(journey));

export async function readScan(
	event: RequestEvent,
	wanted: Pick<ScanPage, 'links' | 'back'>,
): Promise<ScanPage> {
	const note = requireScanNote(event, wanted);
	const app = await event.locals.app();
	const state = await watchScan(app, { secret: note.secret });
	const plugins = await app.plugins.list(event.locals.locale);
	const plugin = plugins.find(({ id }) => id === note.connector);
	const waits = state.status === 'waiting';
	return {
		connector: plugin?.name ?? '',
		icon: plugin?.icon ?? '',
		state: waits && state.seen ? 'seen' : state.status,
		word: waits ? state.word : '',
		seconds: waits ? Math.max(0, Math.ceil((state.expiresAt - app.clock.now()) / 1000)) : 0,
		// A new code needs a new address for its picture.
		drawing: `/apps/${app.id}/scan/image?of=${note.secret.slice(0, 6)}`,
		stateHref: `/apps/${app.id}/scan/state`,
		...wanted,
	};
}

export function continueScan(event: RequestEvent, begin: Begin) {
	return submitted(event, ['step'], async ({ step }) => {
		const journey = await begin();
		const { connector, secret } = requireScanNote(event, toSignIn(journey));
		const app = await event.locals.app();
		if (step === 'again') return startScan(event, journey, { connector });
		const { status } = await watchScan(app, { secret });
		if (status !== 'confirmed') redirect(303, journey.href('scan'));
		const entered = await collectScan(
			app,
			{ secret, replaces: await presentSession(event) },
			event.locals.visitor,
		);
		return enter(event, journey, { entered, connector });
	});
}
