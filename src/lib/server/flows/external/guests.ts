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

/** Nobody is called a guest for good; a name that they chose stays. */
async function forgetGuestName(
	tx: AppRepositories,
	{ userId, given }: { userId: string; given: readonly string[] },
	now: number,
): Promise<void> {
	const user = await tx.users.findById(userId);
	if (user && given.includes(user.name))
		await tx.users.update(userId, { name: '', nameKey: '', updatedAt: now });
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
	await forgetGuestName(tx, { userId, given: fingerprints.map(({ name }) => name) }, services.clock.now());
	const { defaultRole } = await services.settings(tx);
	const others = (await tx.roles.listOfUser(userId)).filter((role) => role !== guestRole);
	const roles = others.length > 0 ? others : [defaultRole].filter((role) => role && role !== 'admin');
	await tx.roles.setOfUser(userId, roles);
	await recordEvent(
		tx,
		{ action: 'user.upgrade-guest', actor: { kind: 'user', id: userId }, target: `user:${userId}` },
		{ clock: services.clock, visitor },
	);
}
