import { guarded } from '../../../../answer.server';
import { interactionJourney } from '../../../journey.server';
import { loadRecover, recover } from '../../../recover.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => loadRecover(event, await interactionJourney(event)));

export const actions: Actions = { default: (event) => recover(event, () => interactionJourney(event)) };
