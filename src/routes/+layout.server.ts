/** The language of every page, also of the error page. */
import type { LayoutServerLoad } from './$types';

export const load = (({ locals, url }) => {
	// Read so that a client router asks again when the language is switched.
	url.searchParams.get('ui_locales');
	return { locale: locals.locale };
}) satisfies LayoutServerLoad;
