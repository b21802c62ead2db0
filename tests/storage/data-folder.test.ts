/** The files of DATA_DIR: who may read them, who holds them, how many are open, what one broken file does. */
import {
	closeSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	rmSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { Refusal } from '../../src/lib/contract/errors';
import { lockFolder } from '../../src/lib/server/storage/engine/lock';
import { runChild } from './child';
import { modesBelow, openHere, temporaryFolder } from './files';
import { atOnce, userRow } from './suite/rows';

const appFile = (dataDir: string, id: number) => join(dataDir, 'apps', String(id), 'app.db');

/** `count` apps, each a copy of the first. */
function copyApps(dataDir: string, count: number): void {
	for (let id = 2; id <= count; id++) {
		mkdirSync(dirname(appFile(dataDir, id)), { recursive: true });
		copyFileSync(appFile(dataDir, 1), appFile(dataDir, id));
	}
}

const openDescriptors = () => readdirSync('/proc/self/fd').length;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What this process holds, without what it has let go of. */
function inUse(): { descriptors: number; megabytes: number } {
	collectGarbage();
	return {
		descriptors: openDescriptors(),
		megabytes: process.memoryUsage.rss() / 1024 / 1024,
	};
}

describe('files and folders', () => {
	it('are for the owner alone, also while they are in use', async () => {
		const before = process.umask(0);
		try {
			const dataDir = join(temporaryFolder(), 'data');
			const lock = lockFolder(dataDir);
			const storage = await openHere({ dataDir });
			await (await storage.createApp(4)).write((tx) => tx.users.create(userRow('u')));
			await storage.control.write((tx) => tx.settings.save('x', 1, 1));
			expect(modesBelow(dirname(dataDir))).toEqual({
				data: '700',
				'data/apps': '700',
				'data/apps/4': '700',
				...Object.fromEntries(
					[
						'control.db',
						'control.db-shm',
						'control.db-wal',
						'menshen.lock',
						'apps/4/app.db',
						'apps/4/app.db-shm',
						'apps/4/app.db-wal',
					].map((file) => [`data/${file}`, '600']),
				),
			});
			await storage.close();
			expect(Object.keys(modesBelow(dataDir)).sort()).toEqual([
				'apps',
				'apps/4',
				'apps/4/app.db',
				'control.db',
				'menshen.lock',
			]);
			lock?.release();
		} finally {
			process.umask(before);
		}
	});

	it('of an app that could not be made are not left behind, and one that is half made is made anew', async () => {
		const storage = await openHere();
		mkdirSync(dirname(appFile(storage.dataDir, 1)), { recursive: true });
		writeFileSync(`${appFile(storage.dataDir, 1)}.new`, 'half a file');
		await storage.createApp(1);
		expect(readdirSync(dirname(appFile(storage.dataDir, 1))).filter((name) => name.includes('.new'))).toEqual(
			[],
		);
	});
});

describe('the lock of a folder', () => {
	it('is held by one process, and falls with it however it dies', async () => {
		const folder = temporaryFolder();
		const holder = runChild('./lock-holder.ts', [folder]);
		await holder.line(/^locked$/);
		expect(lockFolder(folder)).toBeUndefined();
		const second = runChild('./lock-holder.ts', [folder]);
		await second.line(/^refused$/);
		await holder.kill();
		const lock = lockFolder(folder);
		expect(lock).toBeDefined();
		lock?.release();
	});

	it('is also refused to the same process, and free after release', () => {
		const folder = temporaryFolder();
		const lock = lockFolder(folder);
		expect(lockFolder(folder)).toBeUndefined();
		lock?.release();
		const again = lockFolder(folder);
		expect(again).toBeDefined();
		again?.release();
	});

	it('of a folder that cannot be is an error, not a lock held by others', () => {
		const folder = temporaryFolder();
		writeFileSync(join(folder, 'file'), '');
		expect(() => lockFolder(join(folder, 'file', 'below'))).toThrow();
	});
});

describe('many apps', () => {
	it('a thousand of them keep no more files open than they may, cost little memory, and each still answers (F20)', async () => {
		const [count, limit, together] = [1000, 100, 50];
		const storage = await openHere();
		await (await storage.createApp(1)).write((tx) => tx.settings.save('which', 'copied', 1));
		await storage.close();
		copyApps(storage.dataDir, count);
		const again = await openHere({ dataDir: storage.dataDir });
		const before = inUse();
		const written: number[] = [];
		let most = 0;
		for (let first = 1; first <= count; first += together) {
			const answers = await atOnce(together, async (i) => {
				const store = await again.app(first + i);
				return store.read.settings.find('which');
			});
			expect(answers).toEqual(answers.map(() => 'copied'));
			await (await again.app(first)).write((tx) => tx.settings.save('which', first, 1));
			written.push(first);
			most = Math.max(most, openDescriptors() - before.descriptors);
		}
		for (const id of written) expect(await (await again.app(id)).read.settings.find('which')).toBe(id);
		await vi.waitFor(() => expect(again.openFiles()).toBeLessThanOrEqual(limit));
		// A database, its log, the log's index, and the same for reading.
		expect(most).toBeLessThanOrEqual((limit + together) * 6);
		expect(inUse().descriptors - before.descriptors).toBeLessThanOrEqual(limit * 6);
		expect(inUse().megabytes - before.megabytes).toBeLessThan(150);
	}, 180_000);

	it('are not closed while they write', async () => {
		const storage = await openHere({ openFiles: 1 });
		const one = await storage.createApp(1);
		let release: () => void = () => undefined;
		const held = new Promise<void>((resolve) => (release = resolve));
		const writing = one.write(async (tx) => {
			await tx.settings.save('begun', 1, 1);
			await held;
			await tx.settings.save('ended', 1, 1);
		});
		await (await storage.createApp(2)).read.settings.find('x');
		await (await storage.createApp(3)).read.settings.find('x');
		expect(storage.openFiles()).toBeGreaterThan(1);
		release();
		await writing;
		expect(await one.read.settings.find('ended')).toBe(1);
		await vi.waitFor(() => expect(storage.openFiles()).toBe(1));
	});

	it('share one store per app, however often it is asked for', async () => {
		const storage = await openHere({ openFiles: 1 });
		const one = await storage.createApp(1);
		await storage.createApp(2);
		expect(await storage.app(1)).toBe(one);
	});
});

const damages: [string, (file: string) => void][] = [
	[
		'is no database at all',
		(file) => writeFileSync(file, 'this is no database, whatever its name says. '.repeat(500)),
	],
	['was cut to nothing', (file) => truncateSync(file)],
	['was cut in the middle', (file) => truncateSync(file, 8192)],
	['was overwritten in part', (file) => overwrite(file)],
];

/** All but the first page, so that the damage shows at the first real read only. */
function overwrite(file: string): void {
	const descriptor = openSync(file, 'r+');
	for (let page = 1; page < 40; page++) writeSync(descriptor, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
	closeSync(descriptor);
}

describe('one broken file', () => {
	it.each(damages)('that %s is reported, and breaks no other app', async (_, damage) => {
		const storage = await openHere();
		await storage.createApp(1);
		await storage.createApp(2);
		await (await storage.app(1)).write((tx) => tx.users.create(userRow('u', { username: 'u' })));
		await storage.close();
		damage(appFile(storage.dataDir, 1));
		const again = await openHere({ dataDir: storage.dataDir });
		for (let twice = 0; twice < 2; twice++) {
			const failure = await again
				.app(1)
				.then(
					(store) => store.read.users.findById('u'),
					(error: unknown) => error,
				)
				.catch((error: unknown) => error);
			expect(failure).toBeInstanceOf(Refusal);
			expect(failure).toMatchObject({ code: 'app/damaged' });
		}
		const other = await again.app(2);
		await other.write((tx) => tx.users.create(userRow('v')));
		expect(await other.read.users.count()).toBe(1);
	});

	it('that vanished is not made anew', async () => {
		const storage = await openHere({ openFiles: 1 });
		const store = await storage.createApp(1);
		await (await storage.createApp(2)).read.settings.find('x');
		await vi.waitFor(() => expect(storage.openFiles()).toBe(1));
		rmSync(dirname(appFile(storage.dataDir, 1)), { recursive: true });
		await expect(store.write((tx) => tx.settings.save('x', 1, 1))).rejects.toMatchObject({
			code: 'storage/unavailable',
		});
		expect(existsSync(appFile(storage.dataDir, 1))).toBe(false);
	});

	it('of the appliance itself refuses the start', async () => {
		const storage = await openHere();
		await storage.close();
		truncateSync(join(storage.dataDir, 'control.db'), 100);
		await expect(openHere({ dataDir: storage.dataDir })).rejects.toMatchObject({ code: 'app/damaged' });
	});
});
