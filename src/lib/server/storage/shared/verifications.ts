/** Codes and links that were sent to prove an email or phone. One row is one message; either proof uses it up. */
import { sql, type Kysely } from 'kysely';
import { compiledQuery, later } from '../engine/compiled-query';
import { sweepSize } from '../engine/database';
import type { SharedSchema } from './schema';

export interface Verification {
	id: string;
	purpose: string;
	target: string;
	userId: string | null;
	/** Sealed JSON. */
	data: string | null;
	code: string;
	link: string | null;
	attempts: number;
	createdAt: number;
	expiresAt: number;
	usedAt: number | null;
}

type Row = {
	id: string;
	purpose: string;
	target: string;
	user_id: string | null;
	data: string | null;
	code: string;
	link: string | null;
	attempts: number;
	created_at: number;
	expires_at: number;
	used_at: number | null;
};

const fromRow = (row: Row): Verification => ({
	id: row.id,
	purpose: row.purpose,
	target: row.target,
	userId: row.user_id,
	data: row.data,
	code: row.code,
	link: row.link,
	attempts: row.attempts,
	createdAt: row.created_at,
	expiresAt: row.expires_at,
	usedAt: row.used_at,
});

type NewValues = [
	id: string,
	purpose: string,
	target: string,
	userId: string | null,
	data: string | null,
	code: string,
	link: string | null,
	attempts: number,
	createdAt: number,
	expiresAt: number,
];

/** Queries that every redirect to a vendor needs. */
function compiled(db: Kysely<SharedSchema>) {
	return {
		create: compiledQuery<NewValues, unknown>(db, () =>
			db.insertInto('verification').values({
				id: later,
				purpose: later,
				target: later,
				user_id: later,
				data: later,
				code: later,
				link: later,
				attempts: later,
				created_at: later,
				expires_at: later,
			}),
		),
		findByLink: compiledQuery<[link: string, purpose: string], Row>(db, () =>
			db.selectFrom('verification').selectAll().where('link', '=', later).where('purpose', '=', later),
		),
		use: compiledQuery<[now: number, id: string, alsoNow: number], { id: string }>(db, () =>
			db
				.updateTable('verification')
				.set({ used_at: later })
				.where('id', '=', later)
				.where('used_at', 'is', null)
				.where('expires_at', '>', later)
				.returning('id'),
		),
	};
}

export function verificationRepository(db: Kysely<SharedSchema>) {
	const queries = compiled(db);
	return {
		async create(verification: Omit<Verification, 'attempts' | 'usedAt'>): Promise<void> {
			const { id, purpose, target, userId, data, code, link, createdAt, expiresAt } = verification;
			await queries.create(id, purpose, target, userId, data, code, link, 0, createdAt, expiresAt);
		},
		async find(id: string): Promise<Verification | undefined> {
			const row = await db.selectFrom('verification').selectAll().where('id', '=', id).executeTakeFirst();
			return row && fromRow(row);
		},
		/** The newest one for the target: an older one is void as soon as a newer was sent. */
		async findNewest(target: string, purpose: string, userId?: string): Promise<Verification | undefined> {
			let query = db
				.selectFrom('verification')
				.selectAll()
				.where('target', '=', target)
				.where('purpose', '=', purpose)
				.orderBy('created_at', 'desc')
				.orderBy('id')
				.limit(1);
			// Of this user only: others may have entered the same address since.
			if (userId !== undefined) query = query.where('user_id', '=', userId);
			const row = await query.executeTakeFirst();
			return row && fromRow(row);
		},
		/** The verifications for the target that are still open. */
		async listOpen(target: string, purpose: string, now: number): Promise<Verification[]> {
			const rows = await db
				.selectFrom('verification')
				.selectAll()
				.where('target', '=', target)
				.where('purpose', '=', purpose)
				.where('used_at', 'is', null)
				.where('expires_at', '>', now)
				.execute();
			return rows.map(fromRow);
		},
		async findByLink(link: string, purpose: string): Promise<Verification | undefined> {
			const [row] = await queries.findByLink(link, purpose);
			return row && fromRow(row);
		},
		/** Counts a try before it is checked, so that parallel tries cannot exceed the limit. @returns tries so far */
		async countAttempt(id: string): Promise<number> {
			const row = await db
				.updateTable('verification')
				.set({ attempts: sql<number>`attempts + 1` })
				.where('id', '=', id)
				.returning('attempts')
				.executeTakeFirst();
			return row?.attempts ?? Number.MAX_SAFE_INTEGER;
		},
		/** Replaces only what the caller read: of two changes at once, one finds no row. */
		async replaceData(id: string, change: { from: string | null; to: string }): Promise<boolean> {
			const result = await db
				.updateTable('verification')
				.set({ data: change.to })
				.where('id', '=', id)
				.where('data', '=', change.from)
				.where('used_at', 'is', null)
				.executeTakeFirst();
			return Number(result.numUpdatedRows) === 1;
		},
		/** @returns whether this call used it up: only one can. */
		async use(id: string, now: number): Promise<boolean> {
			return (await queries.use(now, id, now)).length === 1;
		},
		/** Closes it unused: a clock that is set back later must not make it valid again. */
		async close(id: string, now: number): Promise<void> {
			await db
				.updateTable('verification')
				.set({ used_at: now })
				.where('id', '=', id)
				.where('used_at', 'is', null)
				.execute();
		},
		async deleteOfUser(userId: string): Promise<void> {
			await db.deleteFrom('verification').where('user_id', '=', userId).execute();
		},
		/** At most `sweepSize` of them. @returns whether more may be left */
		async deleteExpired(now: number): Promise<boolean> {
			const expired = db
				.selectFrom('verification')
				.select('id')
				.where('expires_at', '<=', now)
				.limit(sweepSize);
			const result = await db.deleteFrom('verification').where('id', 'in', expired).executeTakeFirst();
			return Number(result.numDeletedRows) === sweepSize;
		},
	};
}
