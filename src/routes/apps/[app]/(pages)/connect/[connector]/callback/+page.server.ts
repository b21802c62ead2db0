import { isRedirect, redirect } from '@sveltejs/kit';
import { guarded } from '../../../../answer.server';
import { returnFromVendor } from '../../../callback.server';
import type { PageServerLoad } from './$types';

/**
 * Some vendors append a fragment of their own (Facebook's `#_=_`). A redirect without one passes it on (Fetch
 * standard, "HTTP-redirect fetch"), as far as to the client; an empty one ends that.
 */
const withoutFragment = (location: string): string => (location.includes('#') ? location : `${location}#`);

/** Nothing is shown here unless the return fails. */
export const load: PageServerLoad = (event) =>
	guarded(event, async () => {
		const back = await returnFromVendor(event, event.params.connector).catch((thrown: unknown) => {
			if (!isRedirect(thrown)) throw thrown;
			return thrown.location;
		});
		redirect(303, withoutFragment(back));
	});
