/**
 * Finds the user whom a vendor's names belong to. A name that arrives late (a unionid) is added to the user whom
 * the others lead to; where they lead to two accounts, those are one person's and become one.
 */
import type { AppRepositories } from '../../storage/app/repositories';
import type { Identity } from '../../storage/app/identities';
import type { User } from '../../storage/app/users';
import { recordEvent } from '../audit/record-event';
import type { IdentityDraft } from '../register/make-account';
import type { AppServices, Visitor } from '../services';
import { mergeUsers, type Merging } from './merge-users';

type Needs = Pick<AppServices, 'store' | 'vault' | 'clock' | 'engine' | 'wakeLogout'>;

export interface Settled {
	user: User;
	identity: Identity;
}

/**
 * The identities behind the names, read with their users locked: what is read from here on is true at the commit.
 * They are read again after each wait, as a merge, or the undoing of one, may have moved them meanwhile.
 */
async function findHeld(tx: AppRepositories, names: IdentityDraft['names']): Promise<Identity[]> {
	const held = new Set<string>();
	for (;;) {
		const found = await tx.identities.findByNames(names);
		const owners = new Set(found.map(({ userId }) => userId));
		const missing = [...owners].filter((id) => !held.has(id)).sort();
		if (missing.length === 0) return found;
		// In one order everywhere, so that two requests that lock the same accounts cannot deadlock.
		for (const id of missing) {
			await tx.users.hold(id);
			held.add(id);
		}
	}
}

/**
 * Runs in the caller's transaction. The names' order matters: the first is the one that the vendor says signed in.
 */
export async function settleNames(
	services: Needs,
	tx: AppRepositories,
	{ draft, visitor }: { draft: IdentityDraft; visitor: Visitor },
): Promise<Settled | undefined> {
	const found = await findHeld(tx, draft.names);
	const several = draft.names.length > 1;
	const [main] = several ? await tx.identities.findByNames(draft.names.slice(0, 1)) : found;
	const identity = main ?? found[0];
	if (!identity) return undefined;
	const user = await uniteOwners(services, tx, { identity, found, draft, visitor });
	if (!user) return undefined;
	if (several) await tx.identities.addNames(identity.id, draft.names);
	await tx.identities.touch(identity.id, {
		name: draft.name || identity.name,
		avatar: draft.avatar || identity.avatar,
		now: services.clock.now(),
	});
	return { user, identity: { ...identity, userId: user.id } };
}

interface Finding {
	identity: Identity;
	found: readonly Identity[];
	draft: IdentityDraft;
	visitor: Visitor;
}

/** All of the users are locked. */
async function uniteOwners(
	services: Needs,
	tx: AppRepositories,
	{ identity, found, draft, visitor }: Finding,
): Promise<User | undefined> {
	let user = await tx.users.findById(identity.userId);
	const owners = new Set(found.map(({ userId }) => userId));
	owners.delete(identity.userId);
	for (const id of owners) {
		const other = await tx.users.findById(id);
		if (!user || !other || (await tx.merges.wasUndone(user.id, other.id))) continue;
		const pair = { users: [user, other], visitor, connector: draft.connector } as const;
		if (user.status === 'active' && other.status === 'active') user = await mergeUsers(services, tx, pair);
		else await noteUnmerged(services, tx, pair);
	}
	return user;
}

/**
 * A disabled account is not enabled by a merge, and does not disable an active one. An operator is notified once:
 * the person may be trying to get past being disabled.
 */
async function noteUnmerged(
	services: Needs,
	tx: AppRepositories,
	{ users: [user, other], visitor, connector }: Merging,
): Promise<void> {
	const [action, target] = ['user.merge', `user:${other.id}`];
	const told = await tx.audit.list({ action, target, limit: 50 });
	if (told.some(({ outcome, actor }) => outcome === 'refused' && actor.id === user.id)) return;
	const detail = { connector, reason: 'one of them is not active' };
	await recordEvent(
		tx,
		{ action, outcome: 'refused', actor: { kind: 'user', id: user.id }, target, detail },
		{ clock: services.clock, visitor },
	);
}
