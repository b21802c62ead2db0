/**
 * One process per data folder. The lock is SQLite's own exclusive file lock: the kernel drops it when the
 * process dies, however it dies, so there is no stale lock to clean up.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { createPrivately } from './sqlite';

export interface FolderLock {
	release(): void;
}

/** A handle without a reference is garbage-collected, which closes it and drops the lock. */
const held = new Set<Sqlite.Database>();

const isHeld = (error: unknown) =>
	String((error as { code?: unknown } | null)?.code).startsWith('SQLITE_BUSY');

/** Of two processes that start at once, only one creates the file. */
function createOnce(file: string): void {
	try {
		createPrivately(file);
	} catch (error) {
		if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
	}
}

/**
 * @returns undefined when another process holds the folder.
 * @throws when the folder cannot be written.
 */
export function lockFolder(folder: string): FolderLock | undefined {
	const file = join(folder, 'menshen.lock');
	if (!existsSync(file)) createOnce(file);
	const handle = new Sqlite(file, { timeout: 0 });
	try {
		// Nothing is ever written: no journal file need lie beside it.
		handle.pragma('journal_mode = MEMORY');
		handle.pragma('locking_mode = EXCLUSIVE');
		handle.exec('begin exclusive');
	} catch (error) {
		handle.close();
		if (isHeld(error)) return undefined;
		throw error;
	}
	held.add(handle);
	const release = () => {
		held.delete(handle);
		handle.close();
	};
	return { release };
}
