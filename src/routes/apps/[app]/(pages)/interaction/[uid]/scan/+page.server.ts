import { guarded } from '../../../../answer.server';
import { continueScan, loadScan } from '../../../scan.server';
import { interactionJourney } from '../../../journey.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => loadScan(event, await interactionJourney(event)));

export const actions: Actions = { default: (event) => continueScan(event, () => interactionJourney(event)) };
