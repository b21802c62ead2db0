/**
 * Whose a vendor's names are. A name that arrives late (a unionid) is added to whom the others lead to; where
 * they lead to two accounts, those are one person's and become one.
 */
import type { AppRepositories } from '../../storage/app/repositories';
import type { Identity } from '../../storage/app/identities';
import type { User } from '../../storage/app/users';
import type { IdentityDraft } from '../register/make-account';
import type { AppServices, Visitor } from '../services';
import { mergeUsers } from './merge-users';

type Needs = Pick<AppServices, 'store' | 'vault' | 'clock' | 'engine' | 'wakeLogout'>;

export interface Settled {
	user: User;
	identity: Identity;
}

/** Runs in the caller's transaction. The names' order matters: the first is who the vendor says came. */
export async function settleNames(
	services: Needs,
	tx: AppRepositories,
	{ draft, visitor }: { draft: IdentityDraft; visitor: Visitor },
): Promise<Settled | undefined> {
	const found = await tx.identities.findByNames(draft.names);
	const several = draft.names.length > 1;
	const [main] = several ? await tx.identities.findByNames(draft.names.slice(0, 1)) : found;
	const identity = main ?? found[0];
	if (!identity) return undefined;
	const owner = await uniteOwners(services, tx, { identity, found, draft, visitor });
	if (!owner) return undefined;
	// Whatever is being done to the account is waited for, and counts.
	await tx.users.hold(owner.id);
	const user = await tx.users.findById(owner.id);
	if (!user || !(await tx.identities.find(identity.id))) return undefined;
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

async function uniteOwners(
	services: Needs,
	tx: AppRepositories,
	{ identity, found, draft, visitor }: Finding,
): Promise<User | undefined> {
	let user = await tx.users.findById(identity.userId);
	for (const { id } of found) {
		// As it stands now: the merge before this one may have moved it.
		const other = await tx.identities.find(id);
		if (!user || !other || other.userId === user.id) continue;
		const owner = await tx.users.findById(other.userId);
		if (!owner || owner.id === user.id || (await tx.merges.wasUndone(user.id, owner.id))) continue;
		user = await mergeUsers(services, tx, { users: [user, owner], visitor, reason: draft.connector });
	}
	return user;
}
