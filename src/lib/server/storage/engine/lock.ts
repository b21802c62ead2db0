/**
 * One process per data folder. The lock is SQLite's own exclusive file lock: the kernel drops it when the
 * process dies, however it dies, so there is no stale lock to clean up.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';

export interface FolderLock {
	release(): void;
}

/** @returns undefined when another process holds the folder. */
export function lockFolder(folder: string): FolderLock | undefined {
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	const handle = new Sqlite(join(folder, 'menshen.lock'), { timeout: 0 });
	try {
		handle.pragma('locking_mode = EXCLUSIVE');
		handle.exec('begin exclusive');
	} catch {
		handle.close();
		return undefined;
	}
	return { release: () => handle.close() };
}
