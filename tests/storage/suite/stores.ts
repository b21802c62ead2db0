/** What a store promises on both engines, and how apps come and go. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeAll, describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/lib/contract/errors';
import type { AppStore } from '../../../src/lib/server/storage/app/repositories';
import { isDuplicate } from '../../../src/lib/server/storage/engine/failures';
import type { Engine } from '../engines';
import { atOnce, userRow } from './rows';

const refusalOf = (promise: Promise<unknown>) =>
	promise.then(
		() => 'no refusal',
		(error: unknown) => (error instanceof Refusal ? error.code : error),
	);

export function describeStores(engine: () => Engine): void {
	describe('a write', () => {
		let store: AppStore;
		beforeAll(async () => {
			store = await engine().newApp();
		});

		it('undoes everything when its work throws, and says what was thrown', async () => {
			const reason = new Refusal('input/invalid');
			const failed = store.write(async (tx) => {
				await tx.users.create(userRow('half'));
				await tx.settings.save('half', true, 1);
				throw reason;
			});
			await expect(failed).rejects.toBe(reason);
			expect(await store.read.users.findById('half')).toBeUndefined();
			expect(await store.read.settings.find('half')).toBeUndefined();
		});

		it('sees its own work; others do not before it is done', async () => {
			const other = AsyncLocalStorage.bind(() => store.read.settings.find('draft'));
			await store.write(async (tx) => {
				await tx.settings.save('draft', 1, 1);
				expect(await tx.settings.find('draft')).toBe(1);
				expect(await other()).toBeUndefined();
			});
			expect(await store.read.settings.find('draft')).toBe(1);
		});

		it('of 40 at once, one that violates a key and one that throws fail alone', async () => {
			const outcomes = await Promise.allSettled(
				Array.from({ length: 40 }, (_, i) =>
					store.write(async (tx) => {
						await tx.users.create(userRow(`crowd ${i}`, { username: i === 17 ? 'crowd-3' : `crowd-${i}` }));
						if (i === 23) throw new Error('slipped');
					}),
				),
			);
			const failed = outcomes.flatMap((outcome, i) => (outcome.status === 'rejected' ? [i] : []));
			expect(failed).toHaveLength(2);
			expect(failed).toContain(23);
			expect(failed.some((i) => i === 3 || i === 17)).toBe(true);
			const there = await atOnce(40, (i) => store.read.users.findById(`crowd ${i}`));
			expect(there.flatMap((user, i) => (user ? [] : [i]))).toEqual(failed);
		});

		it('that goes on after a failed statement fails with it', async () => {
			const swallowed = store.write(async (tx) => {
				await tx.settings.save('beside', 1, 1);
				await tx.users.create(userRow('crowd 1')).catch(() => undefined);
			});
			expect(isDuplicate(await swallowed.catch((error: unknown) => error))).toBe(true);
			expect(await store.read.settings.find('beside')).toBeUndefined();
		});

		it('inside a write is refused, in the same store and in another', async () => {
			const other = await engine().newApp();
			for (const inner of [store, other]) {
				const nested = store.write(() => inner.write((tx) => tx.settings.save('nested', 1, 1)));
				await expect(nested).rejects.toThrow('write() inside write()');
			}
			await store.write((tx) => tx.settings.save('after', 1, 1));
		});

		it('reads through its transaction only: what reads beside it is refused, whichever store it asks', async () => {
			const other = await engine().newApp();
			for (const inner of [store, other]) {
				const besides = [
					() => inner.read.settings.find('after'),
					// Also what would answer from memory, so that it does not depend on the moment.
					async () => inner.settledVersion(),
				];
				for (const beside of besides)
					await expect(store.write(beside)).rejects.toThrow('read inside write()');
			}
			const read = async () => (await store.read.settings.find('after')) ?? store.settledVersion();
			const later = await store.write(async (tx) => {
				await tx.settings.save('after', 1, 1);
				return { read: AsyncLocalStorage.bind(read) };
			});
			expect(await later.read()).toBe(1);
		});

		it('may be followed by one from the same context, also from a timer that it set', async () => {
			const later = await store.write(
				() =>
					new Promise<() => Promise<void>>((resolve) =>
						resolve(AsyncLocalStorage.bind(() => store.write((tx) => tx.settings.save('later', 1, 1)))),
					),
			);
			await later();
			expect(await store.read.settings.find('later')).toBe(1);
		});

		it('runs in the context of its caller', async () => {
			const request = new AsyncLocalStorage<number>();
			const seen = await atOnce(40, (i) =>
				request.run(i, () =>
					store.write(async (tx) => {
						await tx.settings.save(`context ${i}`, 1, 1);
						return request.getStore();
					}),
				),
			);
			expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i));
		});

		it('with text that the engine cannot hold is refused as input, or kept as it is', async () => {
			const outcome = await refusalOf(store.write((tx) => tx.users.create(userRow('nul', { name: 'a\0b' }))));
			expect(outcome).toBe(engine().name === 'postgres' ? 'input/invalid' : 'no refusal');
			const found = await refusalOf(store.read.users.findById('a\0b'));
			expect(found).toBe(engine().name === 'postgres' ? 'input/invalid' : 'no refusal');
		});
	});

	describe('apps', () => {
		it('are made once, apart from each other, and survive a restart', async () => {
			const place = await engine().newPlace();
			const storage = await place.open();
			const [one, two] = [await storage.createApp(1), await storage.createApp(999_999)];
			await one.write((tx) => tx.users.create(userRow('only in one')));
			expect(await two.read.users.findById('only in one')).toBeUndefined();
			expect(await refusalOf(storage.createApp(1))).toBe('app/id-taken');
			await storage.close();
			const again = await place.open();
			expect(await (await again.app(1)).read.users.findById('only in one')).toBeDefined();
			expect(await again.isReady()).toBe(true);
			await again.close();
		});

		it('of many who make one at once, one does', async () => {
			const storage = await (await engine().newPlace()).open();
			const outcomes = await atOnce(5, () => refusalOf(storage.createApp(3)));
			expect(outcomes.sort()).toEqual([...Array<string>(4).fill('app/id-taken'), 'no refusal']);
			await storage.close();
		});

		it.each([0, -1, 1.5, 1_000_000, Number.NaN, '../../etc' as never, '4' as never])(
			'have no id like %s',
			async (id) => {
				const storage = await engine().shared();
				expect(await refusalOf(storage.app(id))).toBe('app/not-found');
				expect(await refusalOf(storage.createApp(id))).toBe('app/not-found');
				expect(await refusalOf(storage.deleteApp(id))).toBe('app/not-found');
			},
		);

		it('are gone when deleted, for those who still hold them too, and their id is free', async () => {
			const storage = await (await engine().newPlace()).open();
			const held = await storage.createApp(5);
			await held.write((tx) => tx.settings.save('old', 1, 1));
			await storage.deleteApp(5);
			expect(await refusalOf(storage.app(5))).toBe('app/not-found');
			await expect(held.read.settings.find('old')).rejects.toThrow();
			await expect(held.write((tx) => tx.settings.save('ghost', 1, 1))).rejects.toThrow();
			expect(await refusalOf(storage.app(5))).toBe('app/not-found');
			const fresh = await storage.createApp(5);
			expect(await fresh.read.settings.find('old')).toBeUndefined();
			// One file, two stores: the old one must not come back to life on it.
			if (engine().name === 'sqlite')
				expect(await refusalOf(held.read.settings.find('old'))).toBe('storage/unavailable');
			await storage.close();
		});

		it('that never were are not found', async () => {
			const storage = await engine().shared();
			expect(await refusalOf(storage.app(424_242))).toBe('app/not-found');
			await storage.deleteApp(424_242);
		});
	});
}
