import { guarded } from '../../answer.server';
import { standAlone } from '../journey.server';
import { loadRegister, register } from '../register.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => loadRegister(event, standAlone(event)));

export const actions: Actions = { default: (event) => register(event, () => standAlone(event)) };
