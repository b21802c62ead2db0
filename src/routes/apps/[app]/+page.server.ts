import { redirect } from '@sveltejs/kit';
import type { PageServerLoad } from './$types';

/** An app's bare address redirects to a page for its users. */
export const load: PageServerLoad = ({ params }) => redirect(303, `/apps/${params.app}/account`);
