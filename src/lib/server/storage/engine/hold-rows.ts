/**
 * Rows that a write keeps for itself until it is over. PostgreSQL runs writes side by side and shows each
 * statement what is committed by then (READ COMMITTED), so two writes can each miss what the other does;
 * SQLite has one writer at a time, and nothing to hold.
 */
import type { Kysely, SelectQueryBuilder } from 'kysely';
import { engineOf } from './columns';

/** @param rows what is held, in one order everywhere, so that two holders do not wait for each other */
export async function holdRows<DB, Table extends keyof DB>(
	db: Kysely<DB>,
	rows: () => SelectQueryBuilder<DB, Table, unknown>,
): Promise<void> {
	if (engineOf(db as unknown as Kysely<never>) === 'sqlite') return;
	await rows().forUpdate().execute();
}
