import { guarded } from '../../answer.server';
import { proveAddress, loadProve } from '../prove.server';
import { standAlone } from '../journey.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => loadProve(event, standAlone(event)));

export const actions: Actions = { default: (event) => proveAddress(event, () => standAlone(event)) };
