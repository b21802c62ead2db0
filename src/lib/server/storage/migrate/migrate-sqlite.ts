/**
 * Brings a SQLite file up to date. `user_version` holds how many migrations were applied, so that a file
 * that is up to date, as nearly all are, opens without a look at its tables.
 */
import type Sqlite from 'better-sqlite3';
import { Kysely, Migrator, SqliteAdapter, SqliteDialect } from 'kysely';
import { Refusal } from '../../../contract/errors';
import { asError, refuseUnknown, SchemaTooNew, type Migrations } from './timelines';

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

/** Makes the tables of a new, empty file. @throws what the migration throws; then the file has to be deleted. */
export async function createTables(handle: Sqlite.Database, migrations: Migrations): Promise<void> {
	const db = new Kysely<never>({ dialect: new TransactionalSqliteDialect({ database: handle }) });
	const result = await new Migrator({
		db,
		provider: { getMigrations: async () => ({ ...migrations }) },
	}).migrateToLatest();
	if (result.error) throw asError(result.error);
	handle.pragma(`user_version = ${Object.keys(migrations).length}`);
}

function appliedTo(handle: Sqlite.Database): string[] {
	const rows = handle.prepare('select name from kysely_migration').all() as { name: string }[];
	return rows.map((row) => row.name);
}

/**
 * @throws {SchemaTooNew} for a file of a newer Menshen.
 * @throws {Refusal} app/damaged for a file without any schema, e.g. one truncated to zero bytes.
 */
export async function migrateSqlite(handle: Sqlite.Database, migrations: Migrations): Promise<void> {
	const known = Object.keys(migrations).sort();
	const version = handle.pragma('user_version', { simple: true }) as number;
	if (version === known.length) return;
	if (version === 0) throw new Refusal('app/damaged', { detail: `${handle.name} holds no schema` });
	refuseUnknown(handle.name, appliedTo(handle), migrations);
	if (version > known.length) throw new SchemaTooNew(handle.name, String(version), known.at(-1) ?? 'none');
	await createTables(handle, migrations);
}
