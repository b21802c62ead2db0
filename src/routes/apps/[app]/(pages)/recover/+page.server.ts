import { guarded } from '../../answer.server';
import { standAlone } from '../journey.server';
import { loadRecover, recover } from '../recover.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => loadRecover(event, standAlone(event)));

export const actions: Actions = { default: (event) => recover(event, () => standAlone(event)) };
