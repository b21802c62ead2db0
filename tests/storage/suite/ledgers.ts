/** Settings, plugins, limits, the audit log and the data key: what both kinds of database keep. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { AppStore } from '../../../src/lib/server/storage/app/repositories';
import type { Engine } from '../engines';
import { atOnce, auditRow } from './rows';

export function describeLedgers(engine: () => Engine): void {
	let store: AppStore;
	beforeAll(async () => {
		store = await engine().newApp();
	});

	describe('settings', () => {
		it('keep any JSON, also null and false, and are replaced and deleted', async () => {
			for (const value of [{ 名: ['a', 1, null] }, false, null, '', 0]) {
				await store.write((tx) => tx.settings.save('theme', value, 1));
				expect(await store.read.settings.find('theme')).toEqual(value);
			}
			await store.write((tx) => tx.settings.delete('theme'));
			expect(await store.read.settings.find('theme')).toBeUndefined();
		});

		it('are claimed by one of many, and what stands is not replaced', async () => {
			const won = await atOnce(20, (i) => store.write((tx) => tx.settings.claim('setup', { winner: i }, 1)));
			expect(won.filter(Boolean)).toHaveLength(1);
			expect(await store.read.settings.find('setup')).toEqual({ winner: won.indexOf(true) });
		});
	});

	describe('plugins', () => {
		it('are listed by position, then by id', async () => {
			await store.write(async (tx) => {
				await tx.plugins.save({ id: 'sms', enabled: false, config: '', position: 2 }, 1);
				await tx.plugins.save({ id: 'password', enabled: true, config: '', position: 1 }, 1);
				await tx.plugins.save({ id: 'email', enabled: true, config: 'v1.sealed', position: 2 }, 1);
				await tx.plugins.save({ id: 'sms', enabled: true, config: 'v1.other', position: 3 }, 2);
			});
			expect(await store.read.plugins.list()).toEqual([
				{ id: 'password', enabled: true, config: '', position: 1 },
				{ id: 'email', enabled: true, config: 'v1.sealed', position: 2 },
				{ id: 'sms', enabled: true, config: 'v1.other', position: 3 },
			]);
		});
	});

	describe('rate limits', () => {
		const add = (key: string, points: number, times: { now: number; until: number }) =>
			store.write((tx) => tx.rateLimits.add(key, points, { now: times.now, expiresAt: times.until }));

		it('count exactly, however many come at once', async () => {
			const counters = await atOnce(40, () => add('ip', 1, { now: 1000, until: 2000 }));
			expect(counters.map(({ points }) => points).sort((a, b) => a - b)).toEqual(
				Array.from({ length: 40 }, (_, i) => i + 1),
			);
			expect(await store.read.rateLimits.find('ip', 1999)).toEqual({ points: 40, expiresAt: 2000 });
		});

		it('keep their window while it runs, and begin again when it is over', async () => {
			expect(await add('window', 2, { now: 1000, until: 2000 })).toEqual({ points: 2, expiresAt: 2000 });
			expect(await add('window', 3, { now: 1999, until: 2999 })).toEqual({ points: 5, expiresAt: 2000 });
			expect(await store.read.rateLimits.find('window', 2000)).toBeUndefined();
			expect(await add('window', 1, { now: 2000, until: 3000 })).toEqual({ points: 1, expiresAt: 3000 });
		});

		it('are set, deleted and swept', async () => {
			await store.write((tx) => tx.rateLimits.set('set', 7, 5000));
			await store.write((tx) => tx.rateLimits.set('set', 9, 6000));
			expect(await store.read.rateLimits.find('set', 1)).toEqual({ points: 9, expiresAt: 6000 });
			expect(await store.write((tx) => tx.rateLimits.delete('set'))).toBe(true);
			expect(await store.write((tx) => tx.rateLimits.delete('set'))).toBe(false);
			expect(await store.write((tx) => tx.rateLimits.deleteExpired(3000))).toBe(false);
			expect(await store.read.rateLimits.find('ip', 0)).toBeUndefined();
		});
	});

	describe('audit', () => {
		it('comes back newest first, by page, action and target', async () => {
			const detail = { 原因: 'wrong password', tries: 3 };
			await store.write(async (tx) => {
				for (let i = 1; i <= 5; i++)
					await tx.audit.add(auditRow('user.sign-in', { at: i, target: `user:${i % 2}` }));
				await tx.audit.add(
					auditRow('user.register', { at: 6, outcome: 'refused', actor: { kind: 'nobody', id: '' }, detail }),
				);
			});
			const all = await store.read.audit.list({ limit: 10 });
			expect(all.map(({ at }) => at)).toEqual([6, 5, 4, 3, 2, 1]);
			expect(all[0]).toEqual({
				...auditRow('user.register', {
					at: 6,
					outcome: 'refused',
					actor: { kind: 'nobody', id: '' },
					detail,
				}),
				seq: expect.any(Number) as number,
			});
			const first = await store.read.audit.list({ limit: 2 });
			const second = await store.read.audit.list({ limit: 2, before: first.at(-1)?.seq });
			expect(second.map(({ at }) => at)).toEqual([4, 3]);
			const at = async (page: { action?: string; target?: string }) =>
				(await store.read.audit.list({ ...page, limit: 10 })).map((entry) => entry.at);
			expect(await at({ action: 'user.sign-in' })).toEqual([5, 4, 3, 2, 1]);
			expect(await at({ target: 'user:1' })).toEqual([5, 3, 1]);
			expect(await at({ action: 'user.register', target: 'user:1' })).toEqual([]);
		});

		it('loses its oldest rows, as many at a time as keep nobody waiting', async () => {
			const aged = await engine().newApp();
			const times = async () => (await aged.read.audit.list({ limit: 5000 })).map((entry) => entry.at);
			const sweep = (time: number) => aged.write((tx) => tx.audit.deleteBefore(time));
			expect(await sweep(10)).toBe(false);
			await aged.write(async (tx) => {
				for (let at = 1; at <= 1500; at++) await tx.audit.add(auditRow('user.sign-in', { at }));
			});
			expect(await sweep(1)).toBe(false);
			expect(await times()).toHaveLength(1500);
			expect(await sweep(1401)).toBe(true);
			expect(await times()).toHaveLength(500);
			expect(await sweep(1401)).toBe(false);
			expect((await times()).at(-1)).toBe(1401);
			expect(await sweep(1500)).toBe(false);
			expect(await times()).toEqual([1500]);
		});
	});

	describe('data keys', () => {
		it('are claimed by one of many', async () => {
			expect(await store.read.dataKeys.find()).toBeUndefined();
			const won = await atOnce(10, (i) => store.write((tx) => tx.dataKeys.claim(`wrapped ${i}`, 1)));
			expect(won.filter(Boolean)).toHaveLength(1);
			expect(await store.read.dataKeys.find()).toBe(`wrapped ${won.indexOf(true)}`);
		});
	});
}
