/** One SQLite file: a private write handle behind the group commit, a read-only handle beside it. */
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Kysely } from 'kysely';
import { Refusal } from '../../../contract/errors';
import type { Database, WriteOptions } from './database';
import { isFull, translateFailure } from './failures';
import { GroupCommit } from './group-commit';
import type { OpenFile } from './open-files';
import type { Reserve } from './reserve';
import { SqliteConnection, sqliteDialect } from './sqlite-connection';
import { refuseReadInWrite } from './write-scope';

/** The log is cut back to this size after a large write. */
const logSize = 16 * 1024 * 1024;
/** A read blocks the event loop for at most so many milliseconds while another process recovers the log. */
const readPatience = 100;

/** Makes an empty file with its final mode: no moment in which others could open it. */
export function createPrivately(file: string): void {
	mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
	closeSync(openSync(file, 'wx', 0o600));
}

/**
 * @throws the engine's failure, or Refusal storage/unavailable when there is no such file: it is never created
 * here.
 */
export function openForWriting(file: string): Sqlite.Database {
	if (!existsSync(file)) throw new Refusal('storage/unavailable', { detail: `${file} is gone` });
	const handle = new Sqlite(file, { fileMustExist: true, timeout: 0 });
	try {
		handle.pragma('journal_mode = WAL');
		handle.pragma('synchronous = FULL');
		handle.pragma('foreign_keys = ON');
		handle.pragma('trusted_schema = OFF');
		handle.pragma('secure_delete = FAST');
		handle.pragma('temp_store = MEMORY');
		handle.pragma(`journal_size_limit = ${logSize}`);
		return handle;
	} catch (error) {
		handle.close();
		throw error;
	}
}

function openForReading(file: string): Sqlite.Database {
	const handle = new Sqlite(file, { readonly: true, timeout: readPatience });
	handle.pragma('trusted_schema = OFF');
	handle.pragma('temp_store = MEMORY');
	handle.pragma('cache_size = -16000');
	return handle;
}

/** Files are opened lazily, also after `release()`: an unused app costs no memory. */
export interface SqliteFile<Schema> extends Database<Schema>, OpenFile {
	readonly isOpen: boolean;
	/** Takes a handle that the migrations opened. */
	adopt(handle: Sqlite.Database): void;
	/** Closes for good: code that still uses the store gets Refusal storage/unavailable. */
	retire(): Promise<void>;
}

interface Surroundings {
	opened?(): void;
	closed?(): void;
	/** The table whose changes do not count in `settledVersion`. */
	passing?: string;
	/** Space kept for when the disk is full. */
	reserve?: Reserve | undefined;
}

/**
 * When the disk gets full, writes that grow the data are refused first; others are tried once more with the reserve
 * released.
 */
async function writeWithReserve<T>(
	attempt: () => Promise<T>,
	{ options, reserve }: { options: WriteOptions; reserve: Reserve | undefined },
): Promise<T> {
	if (options.grows) reserve?.admitGrowth();
	try {
		return await attempt();
	} catch (error) {
		const failure = translateFailure(error);
		if (!isFull(failure) || !reserve?.giveBack() || options.grows) throw failure;
		return attempt().catch((again: unknown) => Promise.reject(translateFailure(again)));
	}
}

export function openSqlite<Schema>(file: string, around: Surroundings = {}): SqliteFile<Schema> {
	const { reserve } = around;
	let retired = false;
	const writer: SqliteConnection = new SqliteConnection({
		passing: around.passing,
		open: () => {
			if (retired) throw new Refusal('storage/unavailable', { detail: `${file} was closed` });
			const handle = openForWriting(file);
			around.opened?.();
			return handle;
		},
		admit: () => group.admit(),
		failed: (error) => group.failed(error),
	});
	const reader = new SqliteConnection({
		open: () => {
			// The write handle is opened first: it creates the log, which a read-only handle cannot.
			void writer.handle;
			return openForReading(file);
		},
		admit: refuseReadInWrite,
	});
	const group = new GroupCommit(writer);
	const transaction = new Kysely<Schema>({ dialect: sqliteDialect(writer) });
	const release = () =>
		group.whenIdle(() => {
			if (reader.isStreaming) return false;
			// The write handle is closed last: it moves the log into the file.
			reader.close();
			writer.close();
			around.closed?.();
			return true;
		});
	return {
		engine: 'sqlite',
		read: new Kysely<Schema>({ dialect: sqliteDialect(reader) }),
		version: () => reader.dataVersion + group.commits,
		// The write handle sees the commits of other connections; its own are counted.
		settledVersion: () => writer.dataVersion + group.settled,
		write: (work, options = {}) =>
			writeWithReserve(() => group.submit(() => work(transaction)), { options, reserve }),
		get isOpen() {
			return writer.isOpen;
		},
		get used() {
			return writer.used || reader.used;
		},
		set used(value) {
			writer.used = value;
			reader.used = value;
		},
		adopt(handle) {
			writer.adopt(handle);
			around.opened?.();
		},
		release,
		close: async () => void (await release()),
		async retire() {
			retired = true;
			await release();
		},
	};
}
