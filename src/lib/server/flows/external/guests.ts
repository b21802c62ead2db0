/**
 * Guests: let in by a fingerprint that anybody may know. They are guests and nothing more, until they have a
 * way in that proves something; then the fingerprint is forgotten.
 */
import type { AppRepositories } from '../../storage/app/repositories';
import { recordEvent } from '../audit/record-event';
import { guestRole } from '../register/make-account';
import type { AppServices, Visitor } from '../services';

/** The connector whose identities prove nothing. */
export const guestConnector = 'guest';

export async function isGuest(read: AppRepositories, userId: string): Promise<boolean> {
	return (await read.identities.listOfUser(userId)).some(({ connector }) => connector === guestConnector);
}

/**
 * Called, in the same transaction, where a user gets a way in that proves something. Does nothing to others.
 */
export async function upgradeGuest(
	services: Pick<AppServices, 'settings' | 'clock'>,
	tx: AppRepositories,
	{ userId, visitor }: { userId: string; visitor: Visitor },
): Promise<void> {
	const identities = await tx.identities.listOfUser(userId);
	const fingerprints = identities.filter(({ connector }) => connector === guestConnector);
	if (fingerprints.length === 0) return;
	for (const { id } of fingerprints) await tx.identities.delete(id);
	const { defaultRole } = await services.settings();
	const others = (await tx.roles.listOfUser(userId)).filter((role) => role !== guestRole);
	const roles = others.length > 0 ? others : [defaultRole].filter((role) => role && role !== 'admin');
	await tx.roles.setOfUser(userId, roles);
	await recordEvent(
		tx,
		{ action: 'user.upgrade-guest', actor: { kind: 'user', id: userId }, target: `user:${userId}` },
		{ clock: services.clock, visitor },
	);
}
