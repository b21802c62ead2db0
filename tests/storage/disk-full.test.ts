/** A full disk: a clear refusal, reads go on, nothing half, and no restart once there is room again. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Refusal } from '../../src/lib/contract/errors';
import { appRepositories, type AppStore } from '../../src/lib/server/storage/app/repositories';
import type { AppSchema } from '../../src/lib/server/storage/app/schema';
import { openForWriting, openSqlite } from '../../src/lib/server/storage/engine/sqlite';
import { storeOver } from '../../src/lib/server/storage/store';
import { openHere, temporaryFolder } from './files';
import { atOnce, userRow } from './suite/rows';

const codeOf = (error: unknown) => (error instanceof Refusal ? error.code : String(error));

/** Two rows in one write, of which either both or none may be there. */
async function register(store: AppStore, id: string, size: number): Promise<string> {
	const written = store.write(async (tx) => {
		await tx.users.create(userRow(id));
		await tx.credentials.create(
			{ id: `credential ${id}`, userId: id, connector: 'password', secret: 'x'.repeat(size) },
			1,
		);
	});
	return written.then(() => 'ok', codeOf);
}

async function isWhole(store: AppStore, id: string, outcome: string): Promise<boolean> {
	const [user, credential] = await Promise.all([
		store.read.users.findById(id),
		store.read.credentials.find(id, 'password'),
	]);
	return outcome === 'ok' ? Boolean(user && credential) : !user && !credential;
}

/** Registers people until one is refused. @returns how many are there */
async function fillUp(store: AppStore, size: number): Promise<number> {
	for (let i = 0; i < 10_000; i++) {
		const outcome = await register(store, `early ${i}`, size);
		expect(await isWhole(store, `early ${i}`, outcome)).toBe(true);
		if (outcome === 'ok') continue;
		expect(outcome).toBe('storage/full');
		return i;
	}
	throw new Error('it never filled up');
}

describe('a database that may not grow', () => {
	it('refuses what does not fit, whole, and takes it when it may grow again', async () => {
		const { dataDir, ...storage } = await openHere();
		await storage.createApp(1);
		await storage.close();
		const path = join(dataDir, 'apps', '1', 'app.db');
		const handle = openForWriting(path);
		const pages = handle.pragma('page_count', { simple: true }) as number;
		handle.pragma(`max_page_count = ${pages + 50}`);
		const file = openSqlite<AppSchema>(path);
		file.adopt(handle);
		onTestFinished(() => file.retire());
		const store = storeOver(file, appRepositories);

		expect(await fillUp(store, 3000)).toBeGreaterThan(3);
		const outcomes = await atOnce(40, (i) => register(store, `crowd ${i}`, i % 3 === 0 ? 50_000 : 10));
		expect(outcomes).toContain('storage/full');
		for (const [i, outcome] of outcomes.entries())
			expect(await isWhole(store, `crowd ${i}`, outcome)).toBe(true);
		expect(await store.read.users.findById('early 0')).toBeDefined();

		handle.pragma('max_page_count = 1000000');
		expect(await register(store, 'late', 50_000)).toBe('ok');
		expect(await isWhole(store, 'late', 'ok')).toBe(true);
	});
});

/** A file system of 3 MB in memory, or undefined where that is not ours to make. */
function smallDisk(): string | undefined {
	if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
	const folder = join(temporaryFolder(), 'disk');
	mkdirSync(folder);
	if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder]).status !== 0) return undefined;
	onTestFinished(() => void spawnSync('umount', ['-l', folder]));
	return folder;
}

describe('a disk that is full', () => {
	it('is said so, leaves reading as it was, and is noticed when it has room again', async ({ skip }) => {
		const disk = smallDisk();
		if (!disk) return skip('needs root, to mount a small disk');
		const dataDir = join(disk, 'data');
		const storage = await openHere({ dataDir });
		const store = await storage.createApp(1);
		expect(await register(store, 'first', 10)).toBe('ok');
		const { bavail, bsize } = statfsSync(disk);
		const ballast = join(disk, 'ballast');
		writeFileSync(ballast, Buffer.alloc(bavail * bsize - 200_000));

		const early = await fillUp(store, 5000);
		const outcomes = await atOnce(40, (i) => register(store, `crowd ${i}`, 20_000));
		expect(new Set(outcomes)).toEqual(new Set(['storage/full']));
		for (const [i, outcome] of outcomes.entries())
			expect(await isWhole(store, `crowd ${i}`, outcome)).toBe(true);
		expect(await store.read.users.findById('first')).toBeDefined();
		expect(await storage.isReady()).toBe(true);

		rmSync(ballast);
		expect(await register(store, 'late', 20_000)).toBe('ok');
		await storage.close();
		const again = await openHere({ dataDir });
		const reopened = await again.app(1);
		expect(await reopened.read.users.count()).toBe(early + 2);
		expect(await isWhole(reopened, 'late', 'ok')).toBe(true);
		await again.close();
	});
});
