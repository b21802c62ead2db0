/** One SQLite file: a private write handle behind the group commit, a read-only handle beside it. */
import { mkdirSync, chmodSync, existsSync, closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Kysely } from 'kysely';
import type { Database } from './database';
import { translateFailure } from './failures';
import { GroupCommit } from './group-commit';
import { SqliteConnection, sqliteDialect } from './sqlite-connection';

/** The file is made with its final mode: no moment in which others could open it. */
function createPrivately(file: string): void {
	if (existsSync(file)) return;
	mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
	closeSync(openSync(file, 'wx', 0o600));
	chmodSync(file, 0o600);
}

function openForWriting(file: string): Sqlite.Database {
	createPrivately(file);
	const handle = new Sqlite(file);
	handle.pragma('busy_timeout = 0');
	handle.pragma('journal_mode = WAL');
	handle.pragma('synchronous = FULL');
	handle.pragma('foreign_keys = ON');
	handle.pragma('trusted_schema = OFF');
	handle.pragma('secure_delete = FAST');
	return handle;
}

function openForReading(file: string): Sqlite.Database {
	const handle = new Sqlite(file, { readonly: true });
	handle.pragma('trusted_schema = OFF');
	return handle;
}

/** Files open lazily and after `release()` once more: an app that nobody uses costs no memory. */
export interface SqliteFile<Schema> extends Database<Schema> {
	readonly isOpen: boolean;
	/** Closes the handles when no write is under way; the next use opens them again. */
	release(): Promise<void>;
}

export function openSqlite<Schema>(file: string): SqliteFile<Schema> {
	const writer = new SqliteConnection(() => openForWriting(file));
	const reader = new SqliteConnection(() => {
		// The write handle first: it makes the file and its WAL, which a read-only handle cannot.
		void writer.handle;
		return openForReading(file);
	});
	const group = new GroupCommit(writer);
	const transaction = new Kysely<Schema>({ dialect: sqliteDialect(writer) });
	const release = async () => {
		await group.idle();
		reader.close();
		writer.close();
	};
	return {
		engine: 'sqlite',
		read: new Kysely<Schema>({ dialect: sqliteDialect(reader) }),
		write: (work) =>
			group.submit(() => work(transaction)).catch((error: unknown) => Promise.reject(translateFailure(error))),
		get isOpen() {
			return writer.isOpen;
		},
		release,
		close: release,
	};
}
