import { guarded } from '../../../answer.server';
import { interactionJourney } from '../../journey.server';
import { signIn } from '../../begin.server';
import { signInPage } from './sign-in-page.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => guarded(event, () => signInPage(event));

export const actions: Actions = { default: (event) => signIn(event, () => interactionJourney(event)) };
