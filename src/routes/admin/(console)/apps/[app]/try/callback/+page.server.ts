import { operatorLoad } from '$lib/server/edge/console-door';
import type { PageServerLoad } from './$types';

/** The browser's own scripts do the rest: the answer's code never leaves the page except to the token endpoint. */
export const load = operatorLoad(async () => ({})) satisfies PageServerLoad;
