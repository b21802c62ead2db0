import { guarded } from '../../../../answer.server';
import { decide, loadConsent } from '../../../consent.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => guarded(event, () => loadConsent(event));

export const actions: Actions = { default: (event) => decide(event) };
