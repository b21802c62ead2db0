import { guarded } from '../../answer.server';
import { standAlone } from '../journey.server';
import { signIn } from '../begin.server';
import { loadSignIn } from '../sign-in.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => loadSignIn(event, standAlone(event)));

export const actions: Actions = { default: (event) => signIn(event, () => standAlone(event)) };
