/** The appliance's own tables. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ControlStore } from '../../../src/lib/server/storage/control/repositories';
import { isDuplicate } from '../../../src/lib/server/storage/engine/failures';
import type { Engine } from '../engines';
import { atOnce, sessionRow } from './rows';

export function describeControl(engine: () => Engine): void {
	let control: ControlStore;
	beforeAll(async () => {
		control = (await engine().shared()).control;
	});

	describe('app entries', () => {
		const entry = (id: number) => ({ id, name: `App ${id}`, isPublic: id === 7, createdAt: 1, updatedAt: 1 });

		const nextId = (highest = 99) => control.write((tx) => tx.apps.nextId(highest));

		it('are made, found, listed, changed and deleted', async () => {
			expect(await nextId()).toBe(1);
			await control.write(async (tx) => {
				await tx.apps.create(entry(9));
				await tx.apps.create(entry(7));
			});
			expect(await nextId()).toBe(10);
			expect(await control.read.apps.find(7)).toEqual(entry(7));
			expect(await control.read.apps.list()).toEqual([entry(7), entry(9)]);
			await control.write((tx) => tx.apps.update(9, { name: '应用', isPublic: true, updatedAt: 5 }));
			expect(await control.read.apps.find(9)).toEqual({
				...entry(9),
				name: '应用',
				isPublic: true,
				updatedAt: 5,
			});
			expect(await control.write((tx) => tx.apps.delete(9))).toBe(true);
			expect(await control.write((tx) => tx.apps.delete(9))).toBe(false);
			expect(await control.read.apps.find(9)).toBeUndefined();
		});

		it('leave their number behind, and above the highest the free ones are given out', async () => {
			expect(await nextId()).toBe(10);
			await control.write((tx) => tx.apps.create(entry(1)));
			expect(await nextId(9)).toBe(2);
			await control.write((tx) => tx.apps.create(entry(9)));
			expect(await control.read.apps.find(9)).toEqual(entry(9));
			for (const id of [1, 9]) await control.write((tx) => tx.apps.delete(id));
			expect(await nextId(9)).toBe(2);
		});

		it('that many make at once each have their own', async () => {
			const ids = await atOnce(5, () =>
				control.write(async (tx) => {
					const id = await tx.apps.nextId(99);
					await tx.apps.create(entry(id));
					return id;
				}),
			);
			expect(ids.sort()).toEqual([10, 11, 12, 13, 14]);
			for (const id of ids) await control.write((tx) => tx.apps.delete(id));
		});

		it('share no id', async () => {
			const again = control.write((tx) => tx.apps.create(entry(7)));
			expect(isDuplicate(await again.catch((error: unknown) => error))).toBe(true);
		});
	});

	describe('operators', () => {
		const operator = (id: string, role: 'owner' | 'operator') => ({
			...{ id, email: `${id}@Example.com`, name: id, role, password: 'hash', locale: null, createdAt: 1 },
		});

		it('are made, found, counted and listed in the order they came', async () => {
			await control.write(async (tx) => {
				await tx.operators.create(operator('zoe', 'owner'), 'zoe@example.com');
				await tx.operators.create(operator('abe', 'operator'), 'abe@example.com');
			});
			const zoe = { ...operator('zoe', 'owner'), lastSignInAt: null };
			expect(await control.read.operators.findById('zoe')).toEqual(zoe);
			expect(await control.read.operators.findByEmail('zoe@example.com')).toEqual(zoe);
			expect(await control.read.operators.findByEmail('zoe@Example.com')).toBeUndefined();
			expect((await control.read.operators.list()).map(({ id }) => id)).toEqual(['zoe', 'abe']);
			expect(await control.read.operators.count()).toBe(2);
			expect(await control.read.operators.count('owner')).toBe(1);
		});

		it('share no email', async () => {
			const again = control.write((tx) => tx.operators.create(operator('zoe2', 'owner'), 'zoe@example.com'));
			expect(isDuplicate(await again.catch((error: unknown) => error))).toBe(true);
		});

		it('of many password changes at once, one succeeds', async () => {
			const won = await atOnce(10, (i) =>
				control.write((tx) => tx.operators.replacePassword('zoe', { from: 'hash', to: `new ${i}`, now: 5 })),
			);
			expect(won.filter(Boolean)).toHaveLength(1);
			expect((await control.read.operators.findById('zoe'))?.password).toBe(`new ${won.indexOf(true)}`);
		});

		it('sign in, have sessions, and take them along when they go', async () => {
			await control.write(async (tx) => {
				await tx.operators.recordSignIn('abe', 77);
				await tx.sessions.create(sessionRow('operator session', 'abe'));
			});
			expect((await control.read.operators.findById('abe'))?.lastSignInAt).toBe(77);
			expect(await control.write((tx) => tx.operators.delete('abe'))).toBe(true);
			expect(await control.write((tx) => tx.operators.delete('abe'))).toBe(false);
			expect(await control.read.sessions.find('operator session')).toBeUndefined();
		});
	});

	describe('leases', () => {
		const take = (holder: string, now: number) =>
			control.write((tx) => tx.leases.take('backup', holder, { now, expiresAt: now + 100 }));

		it('are held by one of many', async () => {
			const won = await atOnce(10, (i) => take(`process ${i}`, 1000));
			expect(won.filter(Boolean)).toHaveLength(1);
		});

		it('are prolonged by their holder and pass on when they run out', async () => {
			expect(await take('a', 2000)).toBe(true);
			expect(await take('b', 2050)).toBe(false);
			expect(await take('a', 2050)).toBe(true);
			expect(await take('b', 2149)).toBe(false);
			expect(await take('b', 2150)).toBe(true);
			expect(await take('a', 2151)).toBe(false);
		});
	});
}
