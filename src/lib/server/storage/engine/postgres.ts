/** PostgreSQL: one pool for the appliance, one schema per app (`app_<id>`), the control data in `menshen`. */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from './database';
import { translateFailure } from './failures';

const int8 = 20;
const numeric = 1700;

export function createPool(url: string): pg.Pool {
	const types = {
		getTypeParser: (oid: number, format?: 'text' | 'binary') =>
			oid === int8 || oid === numeric ? Number : pg.types.getTypeParser(oid, format as 'text'),
	};
	const pool = new pg.Pool({
		connectionString: url,
		max: 16,
		connectionTimeoutMillis: 3000,
		idleTimeoutMillis: 30_000,
		statement_timeout: 10_000,
		types: types as pg.CustomTypesConfig,
	});
	// A connection that dies while idle is replaced at the next use; unheard, it would end the process.
	pool.on('error', () => undefined);
	return pool;
}

export async function createSchema(pool: pg.Pool, schema: string): Promise<void> {
	await pool.query(`create schema if not exists "${schema.replaceAll('"', '')}"`);
}

export async function dropSchema(pool: pg.Pool, schema: string): Promise<void> {
	await pool.query(`drop schema if exists "${schema.replaceAll('"', '')}" cascade`);
}

export function openPostgres<Schema>(pool: pg.Pool, schema: string): Database<Schema> {
	const root = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
	const scoped = root.withSchema(schema);
	return {
		engine: 'postgres',
		read: scoped,
		write: (work) =>
			root
				.transaction()
				.execute((transaction) => work(transaction.withSchema(schema)))
				.catch((error: unknown) => Promise.reject(translateFailure(error))),
		close: async () => undefined,
	};
}

export async function isReachable(pool: pg.Pool): Promise<boolean> {
	return pool.query('select 1').then(
		() => true,
		() => false,
	);
}

