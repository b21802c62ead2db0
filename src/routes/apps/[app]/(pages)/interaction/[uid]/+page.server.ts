import { guarded } from '../../../answer.server';
import { interactionJourney } from '../../journey.server';
import { loadSignIn, signIn } from '../../sign-in.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => loadSignIn(event, await interactionJourney(event)));

export const actions: Actions = { default: (event) => signIn(event, () => interactionJourney(event)) };
