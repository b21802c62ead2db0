/** Linking an external account to the user who is signed in, and taking it away again. Both need a fresh proof. */
import { Refusal } from '../../../contract/errors';
import type { IdentifierKind } from '../../../contract/identifiers';
import { mayRemove, waysIn, type Openings, type WayIn } from '../../domain/ways-in';
import type { AppRepositories } from '../../storage/app/repositories';
import type { Identity } from '../../storage/app/identities';
import type { User } from '../../storage/app/users';
import { holdOwner, type OwnSession } from '../account/hold-owner';
import { recordEvent } from '../audit/record-event';
import { linkIdentity, type IdentityDraft } from '../register/make-account';
import type { AppServices, Visitor } from '../services';
import { isProvable } from '../sign-in/list-methods';
import { useNote, useNotes } from '../verify/sealed-note';
import { openArrival, type Arrived } from './enter-external';
import { guestConnector, requireUpgradable, upgradeGuest } from './guests';
import { identityDraftOf } from './names-of';

/**
 * The external account may belong to another user, or to this one already: a name belongs to one user. The user is
 * locked already.
 */
async function linkNames(
	services: AppServices,
	tx: AppRepositories,
	{ session, identity, visitor }: { session: OwnSession; identity: IdentityDraft; visitor: Visitor },
): Promise<string> {
	if (identity.connector === guestConnector) throw new Refusal('auth/method-unavailable');
	const { userId } = session;
	await requireUpgradable(services, tx, userId);
	const owners = await tx.identities.findByNames(identity.names);
	if (owners.some((owner) => owner.userId !== userId)) throw new Refusal('identity/taken');
	const [own] = owners;
	const id = own?.id ?? (await linkIdentity(services, tx, { userId, identity }));
	if (own) await tx.identities.addNames(own.id, identity.names);
	await upgradeGuest(services, tx, { userId, visitor, by: 'external' });
	await recordEvent(
		tx,
		{
			action: 'user.link',
			actor: { kind: 'user', id: userId },
			target: `user:${userId}`,
			detail: { connector: identity.connector },
		},
		{ clock: services.clock, visitor },
	);
	return id;
}

/**
 * For the person who is signed in. @returns the identity's id
 * @throws Refusal identity/taken, auth/not-signed-in; for a guest as requireUpgradable
 */
export async function linkExternal(
	services: AppServices,
	{ session, arrived }: { session: OwnSession; arrived: Arrived },
	visitor: Visitor,
): Promise<string> {
	const identity = identityDraftOf(services.plugins.manifestOf(arrived.connector), arrived.external);
	return services.store.write(async (tx) => {
		// The user is locked before the note is read: another request that holds the lock may be about to delete the
		// user.
		await holdOwner(tx, session);
		await useNotes(services, tx, arrived.uses);
		return linkNames(services, tx, { session, identity, visitor });
	});
}

/**
 * A person with a waiting identity has signed in to an account they have: from now on the identity belongs to it.
 * @throws Refusal interaction/expired, identity/taken, auth/not-signed-in; for a guest as requireUpgradable
 */
export async function linkArrival(
	services: AppServices,
	{ session, pending }: { session: OwnSession; pending: string },
	visitor: Visitor,
): Promise<string> {
	const note = await openArrival(services, pending);
	const { identity } = note.data.draft;
	if (!identity) throw new Refusal('interaction/expired');
	return services.store.write(async (tx) => {
		await holdOwner(tx, session);
		await useNote(services, tx, note);
		return linkNames(services, tx, { session, identity, visitor });
	});
}

/** Which ways in work in this app now. Read before the write that takes one away. */
export async function readWorkingWays(
	services: Pick<AppServices, 'settings' | 'plugins' | 'applianceSender'>,
): Promise<Openings> {
	const { systemAccounts, signInIdentifiers } = await services.settings();
	const on = (await services.plugins.list()).filter(
		({ enabled, configured, forbidden }) => enabled && configured && !forbidden,
	);
	const kinds = ['email', 'phone'] as const;
	const provable = await Promise.all(kinds.map((kind) => isProvable(services, kind)));
	const codes = new Set(kinds.filter((_, index) => provable[index]));
	return { systemAccounts, signInIdentifiers, codes, enabled: new Set(on.map(({ id }) => id)) };
}

function namesOfUser({ username, emailVerified, phoneVerified }: User): IdentifierKind[] {
	const has = { username: Boolean(username), email: emailVerified, phone: phoneVerified };
	return (['username', 'email', 'phone'] as const).filter((kind) => has[kind]);
}

/** Every way this user has to get in. */
export async function listWaysIn(read: AppRepositories, user: User, working: Openings): Promise<WayIn[]> {
	const belongings = {
		hasPassword: (await read.credentials.find(user.id, 'password')) !== undefined,
		names: namesOfUser(user),
		identities: await read.identities.listOfUser(user.id),
		passkeys: await read.passkeys.listOfUser(user.id),
	};
	return waysIn(belongings, working);
}

/** The linked accounts, as their owner may see them. */
export async function listIdentities(
	services: Pick<AppServices, 'store'>,
	userId: string,
): Promise<Identity[]> {
	return services.store.read.identities.listOfUser(userId);
}

/**
 * The caller has asked for a fresh proof (prove-fresh).
 * @throws Refusal identity/not-found, auth/last-way-in
 */
export async function unlinkIdentity(
	services: AppServices,
	{ user, id }: { user: User; id: string },
	visitor: Visitor,
): Promise<void> {
	const working = await readWorkingWays(services);
	await services.store.write(async (tx) => {
		await tx.users.hold(user.id);
		const identity = await tx.identities.find(id);
		if (identity?.userId !== user.id) throw new Refusal('identity/not-found');
		const current = await tx.users.findById(user.id);
		if (!current || !mayRemove(await listWaysIn(tx, current, working), id))
			throw new Refusal('auth/last-way-in');
		await tx.identities.delete(id);
		await recordEvent(
			tx,
			{
				action: 'user.unlink',
				actor: { kind: 'user', id: user.id },
				target: `user:${user.id}`,
				detail: { connector: identity.connector },
			},
			{ clock: services.clock, visitor },
		);
	});
}
