/**
 * Browsers signed in (of users in an app database, of operators in the control database), by the digest of their
 * cookie's value.
 */
import type { Kysely } from 'kysely';
import { compiledQuery, later } from '../engine/compiled-query';
import { sweepSize } from '../engine/database';
import type { SharedSchema } from './schema';

export interface SessionRow {
	/** SHA-256 of the cookie's value. */
	id: string;
	userId: string;
	createdAt: number;
	/** The idle limit. */
	expiresAt: number;
	/** The absolute limit. */
	endsAt: number;
	authTime: number;
	/** Authentication methods, RFC 8176 values. */
	amr: string[];
	device: string;
	address: string;
	engineSession: string | null;
}

const columns = [
	'id',
	'user_id as userId',
	'created_at as createdAt',
	'expires_at as expiresAt',
	'ends_at as endsAt',
	'auth_time as authTime',
	'amr',
	'device',
	'address',
	'engine_session as engineSession',
] as const;

type Values = [
	id: string,
	userId: string,
	createdAt: number,
	expiresAt: number,
	endsAt: number,
	authTime: number,
	amr: string,
	device: string,
	address: string,
	engineSession: string | null,
];

type Row = Omit<SessionRow, 'amr'> & { amr: string };
const fromRow = (row: Row): SessionRow => ({ ...row, amr: JSON.parse(row.amr) as string[] });

export function sessionRepository(db: Kysely<SharedSchema>) {
	const find = compiledQuery<[id: string], Row>(db, () =>
		db.selectFrom('session').select(columns).where('id', '=', later),
	);
	const create = compiledQuery<Values, unknown>(db, () =>
		db.insertInto('session').values({
			id: later,
			user_id: later,
			created_at: later,
			expires_at: later,
			ends_at: later,
			auth_time: later,
			amr: later,
			device: later,
			address: later,
			engine_session: later,
		}),
	);
	return {
		async find(id: string): Promise<SessionRow | undefined> {
			const [row] = await find(id);
			return row && fromRow(row);
		},
		async listOfUser(userId: string): Promise<SessionRow[]> {
			const rows = await db
				.selectFrom('session')
				.select(columns)
				.where('user_id', '=', userId)
				.orderBy('created_at', 'desc')
				.execute();
			return rows.map(fromRow);
		},
		async create(session: SessionRow): Promise<void> {
			const { id, userId, createdAt, expiresAt, endsAt, authTime, device, address, engineSession } = session;
			const amr = JSON.stringify(session.amr);
			await create(id, userId, createdAt, expiresAt, endsAt, authTime, amr, device, address, engineSession);
		},
		async extend(id: string, expiresAt: number): Promise<void> {
			await db.updateTable('session').set({ expires_at: expiresAt }).where('id', '=', id).execute();
		},
		async linkEngineSession(id: string, engineSession: string): Promise<void> {
			await db.updateTable('session').set({ engine_session: engineSession }).where('id', '=', id).execute();
		},
		async delete(id: string): Promise<boolean> {
			const result = await db.deleteFrom('session').where('id', '=', id).executeTakeFirst();
			return Number(result.numDeletedRows) === 1;
		},
		async deleteByEngineSession(engineSession: string): Promise<void> {
			await db.deleteFrom('session').where('engine_session', '=', engineSession).execute();
		},
		async deleteOfUser(userId: string): Promise<void> {
			await db.deleteFrom('session').where('user_id', '=', userId).execute();
		},
		/** At most `sweepSize` of them. @returns whether more may be left */
		async deleteExpired(now: number): Promise<boolean> {
			const expired = db
				.selectFrom('session')
				.select('id')
				.where((eb) => eb.or([eb('expires_at', '<=', now), eb('ends_at', '<=', now)]))
				.limit(sweepSize);
			const result = await db.deleteFrom('session').where('id', 'in', expired).executeTakeFirst();
			return Number(result.numDeletedRows) === sweepSize;
		},
	};
}
