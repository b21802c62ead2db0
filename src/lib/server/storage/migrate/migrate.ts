/** One timeline per kind of database, for both engines. A failed migration leaves nothing behind. */
import {
	Kysely,
	Migrator,
	PostgresDialect,
	SqliteAdapter,
	SqliteDialect,
	type Migration,
	type MigrationProvider,
	type MigrationResultSet,
} from 'kysely';
import type Sqlite from 'better-sqlite3';
import type pg from 'pg';
import * as app0001 from './app/0001-app';
import * as control0001 from './control/0001-control';

/** Order is the key's order; a released migration is never edited. */
const timelines: Record<'app' | 'control', Record<string, Migration>> = {
	app: { '0001-app': app0001 },
	control: { '0001-control': control0001 },
};

export type Timeline = keyof typeof timelines;

/** The database was written by a newer Menshen. Nothing was touched. */
export class SchemaTooNew extends Error {}

const provider = (timeline: Timeline): MigrationProvider => ({ getMigrations: async () => timelines[timeline] });

/** SQLite does roll DDL back; Kysely's adapter does not say so. */
class TransactionalSqliteAdapter extends SqliteAdapter {
	override get supportsTransactionalDdl(): boolean {
		return true;
	}
}

class TransactionalSqliteDialect extends SqliteDialect {
	override createAdapter(): SqliteAdapter {
		return new TransactionalSqliteAdapter();
	}
}

async function refuseNewer(db: Kysely<never>, timeline: Timeline, schema?: string): Promise<void> {
	const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
	if (!tables.some((table) => table.name === 'kysely_migration' && (!schema || table.schema === schema))) return;
	const known = new Set(Object.keys(timelines[timeline]));
	const rows = await (db as unknown as Kysely<{ kysely_migration: { name: string } }>)
		.selectFrom('kysely_migration')
		.select('name')
		.execute();
	const unknown = rows.find((row) => !known.has(row.name));
	if (unknown) throw new SchemaTooNew(`the ${timeline} database has schema ${unknown.name}, this Menshen knows up to ${[...known].pop()}`);
}

function settle(result: MigrationResultSet): void {
	if (result.error) throw result.error;
}

export async function migrateSqlite(handle: Sqlite.Database, timeline: Timeline): Promise<void> {
	const db = new Kysely<never>({ dialect: new TransactionalSqliteDialect({ database: handle }) });
	const migrator = new Migrator({ db, provider: provider(timeline) });
	await refuseNewer(db, timeline);
	settle(await migrator.migrateToLatest());
}

export async function migratePostgres(pool: pg.Pool, schema: string, timeline: Timeline): Promise<void> {
	const db = new Kysely<never>({ dialect: new PostgresDialect({ pool }) });
	const scoped = db.withSchema(schema);
	const migrator = new Migrator({ db: scoped, provider: provider(timeline), migrationTableSchema: schema });
	await refuseNewer(scoped, timeline, schema);
	settle(await migrator.migrateToLatest());
}
