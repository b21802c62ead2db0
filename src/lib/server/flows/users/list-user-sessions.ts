/** The browsers in which a user is signed in, as an operator sees them: no ids, nothing that could be used. */
import type { AppServices } from '../services';

export interface UserSessionView {
	createdAt: number;
	expiresAt: number;
	device: string;
	address: string;
	amr: string[];
}

/** Live ones only, the newest first. */
export async function listUserSessions(
	services: Pick<AppServices, 'store' | 'clock'>,
	userId: string,
): Promise<UserSessionView[]> {
	const now = services.clock.now();
	const rows = await services.store.read.sessions.listOfUser(userId);
	return rows
		.filter((row) => row.expiresAt > now && row.endsAt > now)
		.map(({ createdAt, expiresAt, endsAt, device, address, amr }) => ({
			createdAt,
			expiresAt: Math.min(expiresAt, endsAt),
			device,
			address,
			amr,
		}));
}
