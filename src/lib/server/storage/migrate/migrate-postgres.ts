/**
 * Brings a PostgreSQL schema up to date. Processes that start together take turns by an advisory lock. A new schema
 * is built under another name and renamed when it is complete, so that a partial one is never used.
 */
import { Kysely, Migrator, PostgresDialect } from 'kysely';
import pg from 'pg';
import { Refusal } from '../../../contract/errors';
import { createPool, quoted } from '../engine/postgres';
import { translated } from '../engine/failures';
import { asError, refuseUnknown, type Migrations } from './timelines';

const undefinedTable = '42P01';

interface Target {
	readonly url: string;
	readonly schema: string;
	readonly migrations: Migrations;
}

async function schemaExists(pool: pg.Pool, schema: string): Promise<boolean> {
	const found = await pool.query('select 1 from pg_namespace where nspname = $1', [schema]).catch(translated);
	return found.rowCount === 1;
}

/** The names of the migrations applied to a schema, or undefined when it keeps no record. */
async function appliedTo(pool: pg.Pool, schema: string): Promise<string[] | undefined> {
	try {
		const { rows } = await pool.query<{ name: string }>(
			`select name from ${quoted(schema)}.kysely_migration`,
		);
		return rows.map((row) => row.name);
	} catch (error) {
		return (error as { code?: unknown }).code === undefinedTable ? undefined : translated(error);
	}
}

/** Runs `work` with a pool of one connection and without a time limit, while no other process does the same for the schema. */
async function alone<T>({ url, schema }: Target, work: (pool: pg.Pool) => Promise<T>): Promise<T> {
	const guard = new pg.Client({
		connectionString: url,
		connectionTimeoutMillis: 3000,
		application_name: 'menshen',
	});
	const pool = createPool({ url, max: 1, patience: 0 });
	guard.on('error', () => undefined);
	try {
		await guard.connect();
		await guard.query('select pg_advisory_lock(hashtext($1))', [`menshen ${schema}`]);
		return await work(pool);
	} catch (error) {
		return translated(error);
	} finally {
		// The lock belongs to the connection and ends with it.
		await Promise.allSettled([guard.end(), pool.end()]);
	}
}

async function applyAll(pool: pg.Pool, schema: string, migrations: Migrations): Promise<void> {
	const db = new Kysely<never>({ dialect: new PostgresDialect({ pool }) }).withSchema(schema);
	const provider = { getMigrations: async () => ({ ...migrations }) };
	const result = await new Migrator({ db, provider, migrationTableSchema: schema }).migrateToLatest();
	if (result.error) throw asError(result.error);
}

/** @returns false when the schema is there already. @throws what a migration throws; nothing is left behind. */
export function createPostgresSchema(target: Target): Promise<boolean> {
	return alone(target, async (pool) => {
		if (await schemaExists(pool, target.schema)) return false;
		const unfinished = `${target.schema}_new`;
		await pool.query(`drop schema if exists ${quoted(unfinished)} cascade`);
		await pool.query(`create schema ${quoted(unfinished)}`);
		try {
			await applyAll(pool, unfinished, target.migrations);
		} catch (error) {
			await pool.query(`drop schema ${quoted(unfinished)} cascade`);
			throw error;
		}
		await pool.query(`alter schema ${quoted(unfinished)} rename to ${quoted(target.schema)}`);
		return true;
	});
}

/**
 * @param pool answers the usual case, a schema that is up to date, with one statement.
 * @returns false when there is no such schema.
 * @throws {SchemaTooNew} for a schema of a newer Menshen.
 * @throws {Refusal} app/damaged for a schema without record.
 */
export async function migratePostgres(pool: pg.Pool, target: Target): Promise<boolean> {
	let applied = await appliedTo(pool, target.schema);
	if (!applied && !(await schemaExists(pool, target.schema))) return false;
	// Another process may have made it between the two looks.
	applied ??= await appliedTo(pool, target.schema);
	if (!applied)
		throw new Refusal('app/damaged', { detail: `schema ${target.schema} has no record of migrations` });
	refuseUnknown(`schema ${target.schema}`, applied, target.migrations);
	if (applied.length < Object.keys(target.migrations).length)
		await alone(target, (own) => applyAll(own, target.schema, target.migrations));
	return true;
}
