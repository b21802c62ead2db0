/** Counters of the limiter. An expired counter starts again at the next hit. */
import { sql, type Kysely } from 'kysely';
import { compiledQuery, later } from '../engine/compiled-query';
import { sweepSize } from '../engine/database';
import type { SharedSchema } from './schema';

export interface Counter {
	points: number;
	expiresAt: number;
}

type Row = { points: number; expires_at: number };
const fromRow = (row: Row): Counter => ({ points: row.points, expiresAt: row.expires_at });

function compiled(db: Kysely<SharedSchema>) {
	const running = sql<boolean>`rate_limit.expires_at > ${later}`;
	return {
		find: compiledQuery<[key: string, now: number], Row>(db, () =>
			db
				.selectFrom('rate_limit')
				.select(['points', 'expires_at'])
				.where('key', '=', later)
				.where('expires_at', '>', later),
		),
		add: compiledQuery<[key: string, points: number, expiresAt: number, now: number, alsoNow: number], Row>(
			db,
			() =>
				db
					.insertInto('rate_limit')
					.values({ key: later, points: later, expires_at: later })
					.onConflict((conflict) =>
						conflict.column('key').doUpdateSet({
							points: sql<number>`case when ${running} then rate_limit.points + excluded.points else excluded.points end`,
							expires_at: sql<number>`case when ${running} then rate_limit.expires_at else excluded.expires_at end`,
						}),
					)
					.returning(['points', 'expires_at']),
		),
	};
}

export function rateLimitRepository(db: Kysely<SharedSchema>) {
	const queries = compiled(db);
	return {
		async find(key: string, now: number): Promise<Counter | undefined> {
			const [row] = await queries.find(key, now);
			return row && fromRow(row);
		},
		/** Adds in one statement, so that processes that share the database share the count. */
		async add(key: string, points: number, times: { now: number; expiresAt: number }): Promise<Counter> {
			const [row] = await queries.add(key, points, times.expiresAt, times.now, times.now);
			if (!row) throw new Error('an upsert returned nothing');
			return fromRow(row);
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
		/** At most `sweepSize` of them. @returns whether more may be left */
		async deleteExpired(now: number): Promise<boolean> {
			const expired = db
				.selectFrom('rate_limit')
				.select('key')
				.where('expires_at', '<=', now)
				.limit(sweepSize);
			const result = await db.deleteFrom('rate_limit').where('key', 'in', expired).executeTakeFirst();
			return Number(result.numDeletedRows) === sweepSize;
		},
	};
}
