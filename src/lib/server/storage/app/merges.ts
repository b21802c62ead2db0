/** Accounts that turned out to be one person's, and the data for undoing their merge. */
import type { Kysely } from 'kysely';
import type { AppSchema } from './schema';

export interface Merge {
	id: string;
	keptUser: string;
	goneUser: string;
	/** Sealed JSON. */
	data: string;
	createdAt: number;
	undoneAt: number | null;
}

const columns = [
	'id',
	'kept_user as keptUser',
	'gone_user as goneUser',
	'data',
	'created_at as createdAt',
	'undone_at as undoneAt',
] as const;

export function mergeRepository(db: Kysely<AppSchema>) {
	return {
		async find(id: string): Promise<Merge | undefined> {
			return db.selectFrom('user_merge').select(columns).where('id', '=', id).executeTakeFirst();
		},
		/** Whether a merge of these two was undone: then it is not made again. */
		async wasUndone(one: string, other: string): Promise<boolean> {
			const row = await db
				.selectFrom('user_merge')
				.select('id')
				.where('undone_at', 'is not', null)
				.where((eb) =>
					eb.or([eb.and({ kept_user: one, gone_user: other }), eb.and({ kept_user: other, gone_user: one })]),
				)
				.executeTakeFirst();
			return row !== undefined;
		},
		/** Merges in which this user was kept or merged into another, newest first. */
		async listOfUser(userId: string): Promise<Merge[]> {
			return db
				.selectFrom('user_merge')
				.select(columns)
				.where((eb) => eb.or([eb('kept_user', '=', userId), eb('gone_user', '=', userId)]))
				.orderBy('created_at', 'desc')
				.orderBy('id')
				.execute();
		},
		async create(merge: Omit<Merge, 'undoneAt'>): Promise<void> {
			await db
				.insertInto('user_merge')
				.values({
					id: merge.id,
					kept_user: merge.keptUser,
					gone_user: merge.goneUser,
					data: merge.data,
					created_at: merge.createdAt,
					undone_at: null,
				})
				.execute();
		},
		/** @returns whether this call undid it: only one can. */
		async undo(id: string, now: number): Promise<boolean> {
			const result = await db
				.updateTable('user_merge')
				.set({ undone_at: now })
				.where('id', '=', id)
				.where('undone_at', 'is', null)
				.executeTakeFirst();
			return Number(result.numUpdatedRows) === 1;
		},
	};
}
