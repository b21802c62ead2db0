/** Where the users of a client can start again: its own site, as the operator registered it. */
import type { AppServices } from '../services';

export interface WayBack {
	name: string;
	href: string;
}

/** @param id as a browser sent it */
export async function findWayBack(
	services: Pick<AppServices, 'store'>,
	id: string,
): Promise<WayBack | undefined> {
	const client = id && id.length <= 128 ? await services.store.read.clients.find(id) : undefined;
	return client?.website ? { name: client.name, href: client.website } : undefined;
}
