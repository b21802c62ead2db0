import { Refusal } from '$lib/contract/errors';
import { guarded } from '../../answer.server';
import type { PageServerLoad } from './$types';

/** A mistyped address below an app is answered in the app's look, with a link to go on. */
export const load: PageServerLoad = (event) =>
	guarded(event, () => Promise.reject(new Refusal('edge/not-found')));
