/** The language of every page, also of the error page. */
import type { LayoutServerLoad } from './$types';

export const load = (({ locals }) => ({ locale: locals.locale })) satisfies LayoutServerLoad;
