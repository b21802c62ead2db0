import { guarded } from '../../../../answer.server';
import { connect, loadConnect } from '../../../connect.server';
import { interactionJourney } from '../../../journey.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => loadConnect(event, await interactionJourney(event)));

export const actions: Actions = { default: (event) => connect(event, () => interactionJourney(event)) };
