import { listLogoutDeliveries } from '$lib/server/flows/clients/list-logout-deliveries';
import { operatorLoad } from '$lib/server/edge/console-door';
import type { PageServerLoad } from './$types';

/** Finished ones are cleared by the housekeeping, so that the newest tell the state. */
const shown = 200;

export const load = operatorLoad(async ({ app }) => ({
	deliveries: await listLogoutDeliveries(await app(), shown),
})) satisfies PageServerLoad;
