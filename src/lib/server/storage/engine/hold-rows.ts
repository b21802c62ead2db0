/**
 * Rows that a write locks until it ends. PostgreSQL runs writes side by side and shows each statement what is
 * committed by then (READ COMMITTED), so two writes can each miss what the other does; SQLite has one writer at a
 * time, and needs no lock.
 */
import type { Kysely, SelectQueryBuilder } from 'kysely';
import { engineOf } from './columns';

/** @param rows the rows to lock, in the same order everywhere, so that two writes cannot deadlock */
export async function holdRows<DB, Table extends keyof DB>(
	db: Kysely<DB>,
	rows: () => SelectQueryBuilder<DB, Table, unknown>,
): Promise<void> {
	if (engineOf(db as unknown as Kysely<never>) === 'sqlite') return;
	await rows().forUpdate().execute();
}
