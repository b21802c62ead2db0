/** The browsers in which a user is signed in, for the user: to look through and to end. */
import { recordEvent } from '../audit/record-event';
import { endSession } from '../sign-out/end-sessions';
import type { AppServices, Visitor } from '../services';

export interface OwnSession {
	/** Names the session; nobody can sign in with it. */
	id: string;
	/** The one that asks. */
	current: boolean;
	createdAt: number;
	expiresAt: number;
	device: string;
	address: string;
	/** How the user was proven, RFC 8176 values. */
	amr: string[];
}

/** Live ones only, the newest first. @param current id of the session that asks, if one does */
export async function listOwnSessions(
	services: Pick<AppServices, 'store' | 'clock'>,
	{ userId, current }: { userId: string; current?: string | undefined },
): Promise<OwnSession[]> {
	const now = services.clock.now();
	const rows = await services.store.read.sessions.listOfUser(userId);
	return rows
		.filter((row) => row.expiresAt > now && row.endsAt > now)
		.map(({ id, createdAt, expiresAt, endsAt, device, address, amr }) => ({
			id,
			current: id === current,
			createdAt,
			expiresAt: Math.min(expiresAt, endsAt),
			device,
			address,
			amr,
		}));
}

/** Ends one of the user's own sessions. One that is not there, or another user's, is left alone: no error tells. */
export async function endOwnSession(
	services: Pick<AppServices, 'store' | 'engine' | 'clock' | 'wakeLogout'>,
	{ userId, id }: { userId: string; id: string },
	visitor: Visitor,
): Promise<void> {
	await services.store.write(async (tx) => {
		const session = await tx.sessions.find(id);
		if (session?.userId !== userId) return;
		await endSession(services, tx, { id, offlineToo: true });
		await recordEvent(
			tx,
			{ action: 'user.end-session', actor: { kind: 'user', id: userId }, target: `user:${userId}` },
			{ clock: services.clock, visitor },
		);
	});
	services.wakeLogout();
}
