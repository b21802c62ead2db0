/** The credentials of users, in the form that their connector made. */
import type { Kysely } from 'kysely';
import { compiledQuery, later } from '../engine/compiled-query';
import type { AppSchema } from './schema';

export interface Credential {
	id: string;
	userId: string;
	connector: string;
	secret: string;
}

export function credentialRepository(db: Kysely<AppSchema>) {
	const find = compiledQuery<[userId: string, connector: string], Credential>(db, () =>
		db
			.selectFrom('credential')
			.select(['id', 'user_id as userId', 'connector', 'secret'])
			.where('user_id', '=', later)
			.where('connector', '=', later),
	);
	return {
		async find(userId: string, connector: string): Promise<Credential | undefined> {
			return (await find(userId, connector))[0];
		},
		async create(credential: Credential, now: number): Promise<void> {
			const { userId, ...rest } = credential;
			await db
				.insertInto('credential')
				.values({ ...rest, user_id: userId, created_at: now, updated_at: now })
				.execute();
		},
		/** Replaces only what the caller read: of two changes at once, one finds no row. */
		async replaceSecret(id: string, change: { from: string; to: string; now: number }): Promise<boolean> {
			const result = await db
				.updateTable('credential')
				.set({ secret: change.to, updated_at: change.now })
				.where('id', '=', id)
				.where('secret', '=', change.from)
				.executeTakeFirst();
			return Number(result.numUpdatedRows) === 1;
		},
		/** Moves the password of an account that is merged. */
		async move(id: string, userId: string): Promise<void> {
			await db
				.updateTable('credential')
				.set({ user_id: userId } as never)
				.where('id', '=', id)
				.execute();
		},
		async deleteOfUser(userId: string, connector: string): Promise<void> {
			await db
				.deleteFrom('credential')
				.where('user_id', '=', userId)
				.where('connector', '=', connector)
				.execute();
		},
	};
}
