/**
 * What flows need of the engine, done on its stored state in their own transaction: no engine has to run for it.
 */
import type { Clock } from '../runtime/clock';
import type { Artifact } from '../storage/app/artifacts';
import type { AppRepositories } from '../storage/app/repositories';
import { digest } from '../runtime/vault';
import type { EngineLink } from './engine-link';
import { queueNoticesOf } from './logout/notices';

interface Authorization {
	grantId?: string;
	/** Set when a refresh token was asked for that outlives the session. */
	persistsLogout?: boolean;
}

/** @param grantId digest of the grant's id */
export async function endGrant(tx: AppRepositories, grantId: string): Promise<void> {
	await tx.artifacts.deleteOfGrant(grantId);
	await tx.artifacts.delete('Grant', grantId);
}

interface Ending {
	now: number;
	offlineToo: boolean;
}

async function endStoredSession(tx: AppRepositories, session: Artifact, ending: Ending): Promise<void> {
	await queueNoticesOf(tx, session.payload, ending.now);
	const authorizations = (session.payload['authorizations'] ?? {}) as Record<string, Authorization>;
	for (const { grantId, persistsLogout } of Object.values(authorizations))
		if (grantId && (ending.offlineToo || !persistsLogout)) await endGrant(tx, digest(grantId));
	await tx.artifacts.delete('Session', session.id);
}

export function createEngineLink(clock: Clock): EngineLink {
	return {
		async endSession(tx, id, { offlineToo = false } = {}) {
			const session = await tx.artifacts.findByUid('Session', id);
			if (session) await endStoredSession(tx, session, { now: clock.now(), offlineToo });
		},
		async endAccount(tx, userId) {
			for (const session of await tx.artifacts.listOfAccount('Session', userId))
				await queueNoticesOf(tx, session.payload, clock.now());
			await tx.artifacts.deleteOfAccount(userId);
		},
		async revokeConsent(tx, userId, clientId) {
			await tx.consents.delete(userId, clientId);
			const grants = await tx.artifacts.listOfAccount('Grant', userId);
			for (const grant of grants) if (grant.clientId === clientId) await endGrant(tx, grant.id);
		},
		endClient: (tx, clientId) => tx.artifacts.deleteOfClient(clientId),
	};
}
