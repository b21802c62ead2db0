/** Counters of the limiter. A counter whose time is over starts again at the next hit. */
import { sql, type Kysely } from 'kysely';
import type { SharedSchema } from './schema';

export interface Counter {
	points: number;
	expiresAt: number;
}

export function rateLimitRepository(db: Kysely<SharedSchema>) {
	return {
		async find(key: string, now: number): Promise<Counter | undefined> {
			const row = await db
				.selectFrom('rate_limit')
				.select(['points', 'expires_at'])
				.where('key', '=', key)
				.where('expires_at', '>', now)
				.executeTakeFirst();
			return row && { points: row.points, expiresAt: row.expires_at };
		},
		/** Adds in one statement, so that processes that share the database share the count. */
		async add(key: string, points: number, expiresAt: number, now: number): Promise<Counter> {
			const row = await db
				.insertInto('rate_limit')
				.values({ key, points, expires_at: expiresAt })
				.onConflict((conflict) =>
					conflict.column('key').doUpdateSet({
						points: sql<number>`case when rate_limit.expires_at > ${now} then rate_limit.points + excluded.points else excluded.points end`,
						expires_at: sql<number>`case when rate_limit.expires_at > ${now} then rate_limit.expires_at else excluded.expires_at end`,
					}),
				)
				.returning(['points', 'expires_at'])
				.executeTakeFirstOrThrow();
			return { points: row.points, expiresAt: row.expires_at };
		},
		async set(key: string, points: number, expiresAt: number): Promise<void> {
			await db
				.insertInto('rate_limit')
				.values({ key, points, expires_at: expiresAt })
				.onConflict((conflict) => conflict.column('key').doUpdateSet({ points, expires_at: expiresAt }))
				.execute();
		},
		async delete(key: string): Promise<boolean> {
			const result = await db.deleteFrom('rate_limit').where('key', '=', key).executeTakeFirst();
			return Number(result.numDeletedRows) > 0;
		},
		async deleteExpired(now: number): Promise<void> {
			await db.deleteFrom('rate_limit').where('expires_at', '<=', now).execute();
		},
	};
}
