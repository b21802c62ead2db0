import { guarded } from '../../answer.server';
import { standAlone } from '../journey.server';
import { continueScan, loadScan } from '../scan.server';
import type { Actions, PageServerLoad } from './$types';

/** The step, or, with a key, what a phone's camera opens without the vendor's app. */
export const load: PageServerLoad = (event) =>
	guarded(event, async () => {
		if (event.url.searchParams.has('key')) return { step: undefined };
		return { step: await loadScan(event, standAlone(event)) };
	});

export const actions: Actions = { default: (event) => continueScan(event, () => standAlone(event)) };
