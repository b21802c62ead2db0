import { guarded } from '../../../../answer.server';
import { interactionJourney } from '../../../journey.server';
import { loadVerify, verify } from '../../../register.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => loadVerify(event, await interactionJourney(event)));

export const actions: Actions = { default: (event) => verify(event, () => interactionJourney(event)) };
