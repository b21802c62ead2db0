/** A new database file gets its name only when it is complete and on disk: a crash leaves no partial file. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { createPrivately, openForWriting } from '../engine/sqlite';
import { createTables } from './migrate-sqlite';
import type { Migrations } from './timelines';

function persistName(folder: string): void {
	const descriptor = openSync(folder, 'r');
	fsyncSync(descriptor);
	closeSync(descriptor);
}

function discard(file: string): void {
	for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
}

/** @throws what a migration throws, or the engine's failure; nothing of the file is left. */
export async function createDatabaseFile(path: string, migrations: Migrations): Promise<void> {
	const unfinished = `${path}.new`;
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	discard(unfinished);
	try {
		createPrivately(unfinished);
		const handle = openForWriting(unfinished);
		try {
			await createTables(handle, migrations);
		} finally {
			// Closing the last handle moves the log into the file.
			handle.close();
		}
		renameSync(unfinished, path);
		persistName(dirname(path));
	} catch (error) {
		discard(unfinished);
		throw error;
	}
}
