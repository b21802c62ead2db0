/** External accounts linked to users, and the names (subjects) by which their vendors know them. */
import type { Kysely } from 'kysely';
import type { AppSchema } from './schema';

/** One name of a person: unique within its scope, which is unique within its authority. */
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

export function identityRepository(db: Kysely<AppSchema>) {
	return {
		async find(id: string): Promise<Identity | undefined> {
			return db.selectFrom('identity').select(columns).where('id', '=', id).executeTakeFirst();
		},
		/** Whoever bears one of these names; in order of age, so that the answer does not depend on the names' order. */
		async findByNames(names: readonly SubjectName[]): Promise<Identity[]> {
			return db
				.selectFrom('identity')
				.select(columns)
				.where('id', 'in', (of) =>
					of
						.selectFrom('identity_subject')
						.select('identity_id')
						.where((eb) =>
							eb.or(
								names.map((name) =>
									eb.and({ authority: name.authority, scope: name.scope, subject: name.subject }),
								),
							),
						),
				)
				.orderBy('created_at')
				.orderBy('id')
				.execute();
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
		/** Names that it bears already stay as they are. A name of somebody else is left there. */
		async addNames(identityId: string, names: readonly SubjectName[]): Promise<void> {
			for (const name of names)
				await db
					.insertInto('identity_subject')
					.values({ ...name, identity_id: identityId })
					.onConflict((conflict) => conflict.doNothing())
					.execute();
		},
		async touch(id: string, change: { name: string; avatar: string; now: number }): Promise<void> {
			await db
				.updateTable('identity')
				.set({ name: change.name, avatar: change.avatar, last_used_at: change.now })
				.where('id', '=', id)
				.execute();
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
