import { json } from '@sveltejs/kit';
import { watchScan } from '$lib/server/flows/scan/scan';
import { guarded } from '../../../answer.server';
import { readNote } from '../../../note.server';
import type { RequestHandler } from './$types';

/** The state of the scan, for the script of the page that waits. */
export const GET: RequestHandler = (event) =>
	guarded(event, async () => {
		const secret = readNote(event, 'scan')?.secret ?? '';
		const state = await watchScan(await event.locals.app(), { secret });
		return json({ state: state.status === 'waiting' && state.seen ? 'seen' : state.status });
	});
