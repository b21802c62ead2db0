import { guarded } from '../../answer.server';
import { loadCode, loadCodeLink, submitCode } from '../code.server';
import { standAlone } from '../journey.server';
import type { Actions, PageServerLoad } from './$types';

/** The step, or, with a token, the page that the link in the mail opens. */
export const load: PageServerLoad = (event) =>
	guarded(event, async () => {
		const token = event.url.searchParams.get('token');
		if (token !== null) return { link: await loadCodeLink(event, token), step: undefined };
		return { link: undefined, step: loadCode(event, standAlone(event)) };
	});

export const actions: Actions = { default: (event) => submitCode(event, () => standAlone(event)) };
