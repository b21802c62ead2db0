/**
 * Merges two accounts that a vendor shows to be one person's: the older one stays, whichever came first. What the
 * younger one had goes to the older one where there is room; the rest stays with the younger one, which is disabled
 * and not deleted, so that an operator can undo the merge.
 */
import { z } from 'zod';
import { Refusal } from '../../../contract/errors';
import { newId } from '../../runtime/random';
import type { AppRepositories } from '../../storage/app/repositories';
import type { Merge } from '../../storage/app/merges';
import type { User } from '../../storage/app/users';
import { duplicateOf, isDuplicate } from '../../storage/engine/failures';
import { recordEvent } from '../audit/record-event';
import type { Actor, AppServices, Visitor } from '../services';
import { endSessionsOf } from '../sign-out/end-sessions';
import { identityColumns, takenRefusal } from '../users/write-user';

type Needs = Pick<AppServices, 'store' | 'vault' | 'clock' | 'engine' | 'wakeLogout'>;

const factsSchema = z.object({
	username: z.string().nullable(),
	email: z.string().nullable(),
	emailVerified: z.boolean(),
	phone: z.string().nullable(),
	phoneVerified: z.boolean(),
	name: z.string(),
	status: z.enum(['active', 'disabled', 'pending']),
});
type Facts = z.output<typeof factsSchema>;

const movedSchema = z.object({
	/** Both accounts before. */
	kept: factsSchema,
	gone: factsSchema,
	identities: z.array(z.string()),
	passkeys: z.array(z.string()),
	credential: z.string().nullable(),
	points: z.number(),
});
type Moved = z.output<typeof movedSchema>;

const factsOf = (user: User): Facts => factsSchema.parse(user);

/** A proven address counts for more than one that is not. */
function takes(to: { value: string | null; proven: boolean }, from: typeof to): boolean {
	return from.value !== null && (to.value === null || (from.proven && !to.proven));
}

/** What the remaining account lacks, the other one gives. */
function united(kept: Facts, gone: Facts): { kept: Facts; gone: Facts } {
	const [to, from] = [{ ...kept }, { ...gone, status: 'disabled' as const }];
	if (!to.username) [to.username, from.username] = [from.username, null];
	if (
		takes({ value: to.email, proven: to.emailVerified }, { value: from.email, proven: from.emailVerified })
	) {
		[to.email, to.emailVerified] = [from.email, from.emailVerified];
		[from.email, from.emailVerified] = [null, false];
	}
	if (
		takes({ value: to.phone, proven: to.phoneVerified }, { value: from.phone, proven: from.phoneVerified })
	) {
		[to.phone, to.phoneVerified] = [from.phone, from.phoneVerified];
		[from.phone, from.phoneVerified] = [null, false];
	}
	to.name ||= from.name;
	return { kept: to, gone: from };
}

async function writeFacts(
	tx: AppRepositories,
	changes: readonly { id: string; facts: Facts }[],
	now: number,
): Promise<void> {
	// First every name is freed, so that none is held twice on the way.
	for (const { id } of changes)
		await tx.users.update(id, { usernameKey: null, emailKey: null, phoneKey: null, updatedAt: now });
	for (const { id, facts } of changes)
		await tx.users.update(id, { ...identityColumns(facts), status: facts.status, updatedAt: now });
}

export interface Merging {
	users: readonly [User, User];
	visitor: Visitor;
	/** The person's names that led to both accounts. */
	connector: string;
}

/** Both users are active and were read after they were locked, so what is written back here is up to date. */
export async function mergeUsers(
	services: Needs,
	tx: AppRepositories,
	{ users, visitor, connector }: Merging,
): Promise<User> {
	const [kept, gone] = users[0].number < users[1].number ? users : [users[1], users[0]];
	const now = services.clock.now();
	const [identities, passkeys] = [
		await tx.identities.listOfUser(gone.id),
		await tx.passkeys.listOfUser(gone.id),
	];
	const [mine, theirs] = [
		await tx.credentials.find(kept.id, 'password'),
		await tx.credentials.find(gone.id, 'password'),
	];
	const moved: Moved = {
		kept: factsOf(kept),
		gone: factsOf(gone),
		identities: identities.map(({ id }) => id),
		passkeys: passkeys.map(({ id }) => id),
		credential: !mine && theirs ? theirs.id : null,
		points: gone.points,
	};
	await moveBelongings(tx, { moved, to: kept.id });
	const after = united(moved.kept, moved.gone);
	await writeFacts(
		tx,
		[
			{ id: gone.id, facts: after.gone },
			{ id: kept.id, facts: after.kept },
		],
		now,
	);
	await tx.users.addPoints(kept.id, moved.points);
	await tx.users.addPoints(gone.id, -moved.points);
	await endSessionsOf(services, tx, { userId: gone.id });
	await tx.verifications.deleteOfUser(gone.id);
	const id = newId();
	const data = services.vault.seal(JSON.stringify(moved), `merge:${id}`);
	await tx.merges.create({ id, keptUser: kept.id, goneUser: gone.id, data, createdAt: now });
	await recordEvent(
		tx,
		{
			action: 'user.merge',
			actor: { kind: 'user', id: kept.id },
			target: `user:${gone.id}`,
			detail: { kept: kept.id, merge: id, reason: connector },
		},
		{ clock: services.clock, visitor },
	);
	return (await tx.users.findById(kept.id)) ?? kept;
}

async function moveBelongings(
	tx: AppRepositories,
	{ moved, to }: { moved: Moved; to: string },
): Promise<void> {
	for (const id of moved.identities) await tx.identities.move(id, to);
	for (const id of moved.passkeys) await tx.passkeys.move(id, to);
	if (moved.credential) await tx.credentials.move(moved.credential, to);
}

/** Merges that this user was part of, newest first. */
export async function listMerges(
	services: Pick<AppServices, 'store'>,
	userId: string,
): Promise<Omit<Merge, 'data'>[]> {
	const merges = await services.store.read.merges.listOfUser(userId);
	return merges.map(({ data: _, ...shown }) => shown);
}

/**
 * The remaining account gives back what it still has of the other one; what was changed since, and the status,
 * stays.
 */
function parted(now: Facts, { kept, gone }: Pick<Moved, 'kept' | 'gone'>): Facts {
	const given = united(kept, gone).kept;
	const gives = (what: 'email' | 'phone') => {
		const proven = `${what}Verified` as const;
		const changed = given[what] !== kept[what] || given[proven] !== kept[proven];
		return changed && now[what] === given[what];
	};
	const back = { ...now };
	if (now.username === given.username) back.username = kept.username;
	if (gives('email')) [back.email, back.emailVerified] = [kept.email, kept.emailVerified];
	if (gives('phone')) [back.phone, back.phoneVerified] = [kept.phone, kept.phoneVerified];
	if (now.name === given.name) back.name = kept.name;
	return back;
}

/**
 * The account as stored now. @throws Refusal user/identifier-taken where it was merged into another account itself:
 * that merge has to be undone first
 */
async function whoStayed(tx: AppRepositories, { keptUser, goneUser }: Merge): Promise<User> {
	for (const id of [keptUser, goneUser].sort()) await tx.users.hold(id);
	const merges = await tx.merges.listOfUser(keptUser);
	if (merges.some((other) => other.goneUser === keptUser && other.undoneAt === null))
		throw new Refusal('user/identifier-taken', {
			detail: 'a later merge took what this one would give back',
		});
	const user = await tx.users.findById(keptUser);
	if (!user) throw new Refusal('user/not-found');
	return user;
}

/** @throws Refusal user/username-taken, user/identifier-taken */
function refuseTaken(error: unknown): never {
	if (!isDuplicate(error)) throw error;
	throw new Refusal(takenRefusal(duplicateOf(error), error).code, { cause: error });
}

/**
 * Undoes a merge: each account has its own data again. What the person changed since on the remaining account stays
 * there.
 * @throws Refusal user/not-found (no such merge); user/username-taken, user/identifier-taken (another user has a
 * name now, or the remaining account was merged into another one)
 */
export async function undoMerge(
	services: Needs,
	{ id, actor }: { id: string; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	await services.store.write(async (tx) => {
		const merge = await tx.merges.find(id);
		if (!merge || !(await tx.merges.undo(id, services.clock.now()))) throw new Refusal('user/not-found');
		const stayed = await whoStayed(tx, merge);
		const moved = movedSchema.parse(JSON.parse(services.vault.open(merge.data, `merge:${id}`)));
		await endSessionsOf(services, tx, { userId: merge.keptUser });
		await moveBelongings(tx, { moved, to: merge.goneUser });
		const changes = [
			{ id: merge.keptUser, facts: parted(factsOf(stayed), moved) },
			{ id: merge.goneUser, facts: moved.gone },
		];
		await writeFacts(tx, changes, services.clock.now()).catch(refuseTaken);
		await tx.users.addPoints(merge.keptUser, -moved.points);
		await tx.users.addPoints(merge.goneUser, moved.points);
		await recordEvent(
			tx,
			{ action: 'user.undo-merge', actor, target: `user:${merge.goneUser}`, detail: { merge: id } },
			{ clock: services.clock, visitor },
		);
	});
	services.wakeLogout();
}
