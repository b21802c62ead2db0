import { redirect } from '@sveltejs/kit';
import type { PageServerLoad } from './$types';

/** An app's bare address leads where its people have something to do. */
export const load: PageServerLoad = ({ params }) => redirect(303, `/apps/${params.app}/account`);
