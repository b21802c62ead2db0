import { guarded } from '../../answer.server';
import { connect, loadConnect } from '../connect.server';
import { standAlone } from '../journey.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => loadConnect(event, standAlone(event)));

export const actions: Actions = { default: (event) => connect(event, () => standAlone(event)) };
