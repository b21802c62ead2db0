/** External accounts linked to users, and the names (subjects) by which their vendors know them. */
import type { Kysely } from 'kysely';
import { compiledQuery, later } from '../engine/compiled-query';
import type { AppSchema } from './schema';

/** One name of a person at a vendor: unique within its scope, which is unique within its authority. */
export interface SubjectName {
	authority: string;
	scope: string;
	subject: string;
}

export interface Identity {
	id: string;
	userId: string;
	connector: string;
	name: string;
	avatar: string;
	createdAt: number;
	lastUsedAt: number;
}

const columns = [
	'id',
	'user_id as userId',
	'connector',
	'name',
	'avatar',
	'created_at as createdAt',
	'last_used_at as lastUsedAt',
] as const;

/** One query for each number of names. */
function findersByNames(db: Kysely<AppSchema>) {
	const build = (count: number) =>
		compiledQuery<string[], Identity>(db, () =>
			db
				.selectFrom('identity')
				.select(columns)
				.where('id', 'in', (of) =>
					of
						.selectFrom('identity_subject')
						.select('identity_id')
						.where((eb) =>
							eb.or(
								Array.from({ length: count }, () =>
									eb.and({ authority: later, scope: later, subject: later }),
								),
							),
						),
				)
				.orderBy('created_at')
				.orderBy('id'),
		);
	const finders = new Map<number, ReturnType<typeof build>>();
	return (count: number) => {
		const finder = finders.get(count) ?? build(count);
		finders.set(count, finder);
		return finder;
	};
}

export function identityRepository(db: Kysely<AppSchema>) {
	const finderFor = findersByNames(db);
	const find = compiledQuery<[id: string], Identity>(db, () =>
		db.selectFrom('identity').select(columns).where('id', '=', later),
	);
	const touch = compiledQuery<[name: string, avatar: string, now: number, id: string], unknown>(db, () =>
		db
			.updateTable('identity')
			.set({ name: later, avatar: later, last_used_at: later })
			.where('id', '=', later),
	);
	return {
		async find(id: string): Promise<Identity | undefined> {
			return (await find(id))[0];
		},
		/**
		 * The identities that have one of these names; in order of age, so that the answer does not depend on the
		 * names' order.
		 */
		async findByNames(names: readonly SubjectName[]): Promise<Identity[]> {
			const values = names.flatMap(({ authority, scope, subject }) => [authority, scope, subject]);
			return finderFor(names.length)(...values);
		},
		async listOfUser(userId: string): Promise<Identity[]> {
			return db
				.selectFrom('identity')
				.select(columns)
				.where('user_id', '=', userId)
				.orderBy('created_at')
				.orderBy('id')
				.execute();
		},
		async listNames(identityId: string): Promise<SubjectName[]> {
			return db
				.selectFrom('identity_subject')
				.select(['authority', 'scope', 'subject'])
				.where('identity_id', '=', identityId)
				.orderBy('scope')
				.execute();
		},
		async create(identity: Omit<Identity, 'lastUsedAt'>): Promise<void> {
			await db
				.insertInto('identity')
				.values({
					id: identity.id,
					user_id: identity.userId,
					connector: identity.connector,
					name: identity.name,
					avatar: identity.avatar,
					created_at: identity.createdAt,
					last_used_at: identity.createdAt,
				})
				.execute();
		},
		/** Names that the identity has already are not changed. A name of another identity stays there. */
		async addNames(identityId: string, names: readonly SubjectName[]): Promise<void> {
			for (const name of names)
				await db
					.insertInto('identity_subject')
					.values({ ...name, identity_id: identityId })
					.onConflict((conflict) => conflict.doNothing())
					.execute();
		},
		async touch(id: string, change: { name: string; avatar: string; now: number }): Promise<void> {
			await touch(change.name, change.avatar, change.now, id);
		},
		async move(id: string, userId: string): Promise<void> {
			await db.updateTable('identity').set({ user_id: userId }).where('id', '=', id).execute();
		},
		async delete(id: string): Promise<boolean> {
			const result = await db.deleteFrom('identity').where('id', '=', id).executeTakeFirst();
			return Number(result.numDeletedRows) === 1;
		},
	};
}
