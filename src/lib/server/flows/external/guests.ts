/**
 * Guests are let in by a fingerprint that anybody may know. They stay guests until they have a way in that proves
 * something; then the fingerprint is forgotten.
 */
import { Refusal } from '../../../contract/errors';
import { decideArrival, type Decision } from '../../domain/sign-in-policy';
import type { AppRepositories } from '../../storage/app/repositories';
import { recordEvent } from '../audit/record-event';
import { guestRole } from '../register/make-account';
import type { AppServices, Visitor } from '../services';

/** The connector whose identities prove nothing. */
export const guestConnector = 'guest';

export async function isGuest(read: AppRepositories, userId: string): Promise<boolean> {
	return (await read.identities.listOfUser(userId)).some(({ connector }) => connector === guestConnector);
}

/** Removes the name that a guest was given; a name that they chose stays. */
async function forgetGuestName(
	tx: AppRepositories,
	{ userId, given }: { userId: string; given: readonly string[] },
	now: number,
): Promise<void> {
	const user = await tx.users.findById(userId);
	if (user && given.includes(user.name))
		await tx.users.update(userId, { name: '', nameKey: '', updatedAt: now });
}

type Road = 'system' | 'external';

/** Asks the policy as for a stranger who signs up this way and has proven what the guest has. */
async function decideUpgrade(
	services: Pick<AppServices, 'settings'>,
	read: AppRepositories,
	{ userId, by }: { userId: string; by: Road },
): Promise<Decision> {
	const user = await read.users.findById(userId);
	const proven = { email: user?.emailVerified === true, phone: user?.phoneVerified === true };
	return decideArrival(await services.settings(read), { method: by, proven, joins: true });
}

/**
 * Called before a guest gets an account elsewhere or a passkey: a person whom the app would not let register must
 * not get in by way of a guest's account. Does nothing to others. @throws Refusal auth/registration-closed,
 * auth/proof-required
 */
export async function requireUpgradable(
	services: Pick<AppServices, 'settings'>,
	read: AppRepositories,
	userId: string,
): Promise<void> {
	if (!(await isGuest(read, userId))) return;
	const decision = await decideUpgrade(services, read, { userId, by: 'external' });
	if (decision.do === 'refuse') throw new Refusal(decision.code);
	if (decision.do !== 'register') throw new Refusal('auth/proof-required');
}

interface Upgrade {
	userId: string;
	visitor: Visitor;
	/** `external` also for a passkey: whether the guest may have one was checked before. */
	by?: Road;
}

/**
 * Called, in the same transaction, where a user gets a way in that proves something. Does nothing to others. A
 * guest who still lacks a proof that the app demands of an account stays a guest, with what they have.
 */
export async function upgradeGuest(
	services: Pick<AppServices, 'settings' | 'clock'>,
	tx: AppRepositories,
	{ userId, visitor, by = 'system' }: Upgrade,
): Promise<void> {
	const identities = await tx.identities.listOfUser(userId);
	const fingerprints = identities.filter(({ connector }) => connector === guestConnector);
	if (fingerprints.length === 0) return;
	if ((await decideUpgrade(services, tx, { userId, by })).do !== 'register') return;
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
