/** Folders of databases for the tests that look at SQLite's own files. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStorage, type Storage, type StorageOptions } from '../../src/lib/server/storage/open';

/** A folder that goes away with the test. */
export function temporaryFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'menshen-files-'));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/** A storage that is closed with the test, before its folder goes. */
export async function openHere(
	options: Omit<StorageOptions, 'dataDir'> & { dataDir?: string } = {},
): Promise<Storage & { dataDir: string }> {
	const dataDir = options.dataDir ?? temporaryFolder();
	const storage = await openStorage({ ...options, dataDir });
	onTestFinished(() => storage.close());
	return { ...storage, dataDir };
}

/** Every path below a folder with its permissions, e.g. `apps/4/app.db` → `600`. */
export function modesBelow(folder: string): Record<string, string> {
	const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
	return Object.fromEntries(
		paths.map((path) => [path, (statSync(join(folder, path)).mode & 0o777).toString(8)]),
	);
}
