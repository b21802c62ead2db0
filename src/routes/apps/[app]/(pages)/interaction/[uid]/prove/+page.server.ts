import { guarded } from '../../../../answer.server';
import { proveAddress, loadProve } from '../../../prove.server';
import { interactionJourney } from '../../../journey.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => loadProve(event, await interactionJourney(event)));

export const actions: Actions = { default: (event) => proveAddress(event, () => interactionJourney(event)) };
