import { guarded } from '../../../../answer.server';
import { submitCode, loadCode } from '../../../code.server';
import { interactionJourney } from '../../../journey.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => loadCode(event, await interactionJourney(event)));

export const actions: Actions = { default: (event) => submitCode(event, () => interactionJourney(event)) };
