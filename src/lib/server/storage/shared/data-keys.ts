/** The database's data key, wrapped by the master key. */
import type { Kysely } from 'kysely';
import type { SharedSchema } from './schema';

export function dataKeyRepository(db: Kysely<SharedSchema>) {
	return {
		async find(): Promise<string | undefined> {
			const row = await db
				.selectFrom('data_key')
				.select('wrapped')
				.where('id', '=', 'current')
				.executeTakeFirst();
			return row?.wrapped;
		},
		/** Stores it only where none is stored: of several processes the first one wins. */
		async claim(wrapped: string, now: number): Promise<boolean> {
			const result = await db
				.insertInto('data_key')
				.values({ id: 'current', wrapped, created_at: now })
				.onConflict((conflict) => conflict.column('id').doNothing())
				.executeTakeFirst();
			return Number(result.numInsertedOrUpdatedRows ?? 0) === 1;
		},
		async create(wrapped: string, now: number): Promise<void> {
			await db.insertInto('data_key').values({ id: 'current', wrapped, created_at: now }).execute();
		},
	};
}
