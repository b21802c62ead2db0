/** Logout notices to clients (OIDC Back-Channel Logout 1.0): what arrived, what waits, what failed and why. */
import type { LogoutDelivery } from '../../storage/app/logout-deliveries';
import type { AppServices } from '../services';

export type LogoutDeliveryView = LogoutDelivery & { clientName: string };

/** The newest first. */
export async function listLogoutDeliveries(
	services: Pick<AppServices, 'store'>,
	limit: number,
): Promise<LogoutDeliveryView[]> {
	const { read } = services.store;
	const [deliveries, clients] = await Promise.all([read.logoutDeliveries.list(limit), read.clients.list()]);
	const names = new Map(clients.map((client) => [client.id, client.name]));
	return deliveries.map((delivery) => ({
		...delivery,
		clientName: names.get(delivery.clientId) ?? delivery.clientId,
	}));
}
