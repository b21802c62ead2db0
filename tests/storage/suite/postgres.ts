/** What only PostgreSQL has: other processes, connections that die, writes that wait for each other. */
import { describe, expect, it, vi } from 'vitest';
import { openStorage } from '../../../src/lib/server/storage/open';
import { timelines } from '../../../src/lib/server/storage/migrate/timelines';
import type { Engine } from '../engines';
import { atOnce, userRow } from './rows';

export function describePostgres(engine: () => Engine): void {
	describe('several processes', () => {
		it('that start at once on an empty database make its tables once', async () => {
			const place = await engine().newPlace();
			const storages = await atOnce(5, () => place.open());
			const won = await atOnce(5, async (i) =>
				storages[i]?.control.write((tx) => tx.settings.claim('setup', i, 1)),
			);
			expect(won.filter(Boolean)).toHaveLength(1);
			const applied = await place.run('control', 'select name from kysely_migration order by name');
			expect(applied.map(({ name }) => name)).toEqual(Object.keys(timelines.control));
			await Promise.all(storages.map((storage) => storage.close()));
		});

		it('that make one app at once make it once, and all can use it', async () => {
			const place = await engine().newPlace();
			const storages = [await place.open(), await place.open(), await place.open()];
			const made = await Promise.allSettled(storages.map((storage) => storage.createApp(1)));
			expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
			const counts = await Promise.all(
				storages.map(async (storage) =>
					(await storage.app(1)).write((tx) => tx.rateLimits.add('k', 1, { now: 1000, expiresAt: 2000 })),
				),
			);
			expect(counts.map(({ points }) => points).sort()).toEqual([1, 2, 3]);
			await Promise.all(storages.map((storage) => storage.close()));
		});

		it('share one count, also under a storm', async () => {
			const place = await engine().newPlace();
			const storages = [await place.open(), await place.open()];
			await storages[0]?.createApp(1);
			const stores = await Promise.all(storages.map((storage) => storage.app(1)));
			const counters = await atOnce(100, async (i) =>
				stores[i % 2]?.write((tx) => tx.rateLimits.add('k', 1, { now: 1000, expiresAt: 2000 })),
			);
			expect(counters.map((counter) => counter?.points ?? 0).sort((a, b) => a - b)).toEqual(
				Array.from({ length: 100 }, (_, i) => i + 1),
			);
			await Promise.all(storages.map((storage) => storage.close()));
		});
	});

	describe('connections', () => {
		it('that read are not kept waiting by more writes than there are connections', async () => {
			const store = await engine().newApp();
			let finish = () => {};
			const finished = new Promise<void>((resolve) => (finish = resolve));
			const writes = atOnce(40, (i) =>
				store.write(async (tx) => {
					await tx.settings.save(`x ${i}`, i, 1);
					await finished;
				}),
			);
			expect(await store.read.settings.find('x 39')).toBeUndefined();
			finish();
			await writes;
			expect(await store.read.settings.find('x 39')).toBe(39);
		});

		it('that die are replaced', async () => {
			const place = await engine().newPlace();
			const storage = await place.open();
			const store = await storage.createApp(1);
			await store.write((tx) => tx.settings.save('x', 1, 1));
			const end = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'menshen' and datname = current_database()`;
			expect((await place.run(1, end)).length).toBeGreaterThan(0);
			await vi.waitFor(async () => expect(await store.read.settings.find('x')).toBe(1));
			await vi.waitFor(() => store.write((tx) => tx.settings.save('x', 2, 1)));
			await storage.close();
			await expect(store.read.settings.find('x')).rejects.toMatchObject({ code: 'storage/unavailable' });
		});

		it('that die in the middle of a write undo it and say so', async () => {
			const place = await engine().newPlace();
			const storage = await place.open();
			const store = await storage.createApp(1);
			const end = `select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction' and datname = current_database()`;
			const cut = store.write(async (tx) => {
				await tx.settings.save('half', 1, 1);
				await place.run(1, end);
				await tx.settings.save('half 2', 1, 1);
			});
			await expect(cut).rejects.toMatchObject({ code: 'storage/unavailable' });
			expect(await store.read.settings.find('half')).toBeUndefined();
			await storage.close();
		});

		it('to nowhere refuse the start', async () => {
			const databaseUrl = 'postgres://nobody@127.0.0.1:1/nothing';
			await expect(openStorage({ dataDir: '/nowhere', databaseUrl })).rejects.toMatchObject({
				code: 'storage/unavailable',
			});
		});
	});

	describe('writes', () => {
		it('that wait for each other both succeed in the end', async () => {
			const store = await engine().newApp();
			await store.write(async (tx) => {
				for (const id of ['a', 'b']) await tx.users.create(userRow(id));
			});
			let arrived = 0;
			let go: () => void = () => undefined;
			const both = new Promise<void>((resolve) => (go = resolve));
			let tries = 0;
			const crossing = (first: string, second: string) =>
				store.write(async (tx) => {
					tries += 1;
					await tx.users.recordSignIn(first, 1);
					if (++arrived === 2) go();
					await both;
					await tx.users.recordSignIn(second, 1);
				});
			await Promise.all([crossing('a', 'b'), crossing('b', 'a')]);
			expect(tries).toBeGreaterThan(2);
			expect((await store.read.users.findById('a'))?.signInCount).toBe(2);
			expect((await store.read.users.findById('b'))?.signInCount).toBe(2);
		});
	});
}
