import { beforeAll, describe, expect, it } from 'vitest';
import type { AppStore } from '../../../src/lib/server/storage/app/repositories';
import { duplicateOf, isDuplicate } from '../../../src/lib/server/storage/engine/failures';
import type { Engine } from '../engines';
import { atOnce, userRow } from './rows';

export function describeUsers(engine: () => Engine): void {
	describe('users', () => {
		let store: AppStore;
		beforeAll(async () => {
			store = await engine().newApp();
		});
		const create = (row: ReturnType<typeof userRow>) => store.write((tx) => tx.users.create(row));

		it('count up from 1 and are found by id and by each identifier', async () => {
			const full = {
				...{ username: 'Alice', email: 'Alice@Example.com', emailVerified: true, phone: '+8613800138000' },
				...{ phoneKey: '+8613800138000', phoneVerified: true, name: 'Alice', locale: 'en' },
			};
			expect(await create(userRow('alice', full))).toBe(1);
			expect(await create(userRow('bob', { username: 'bob' }))).toBe(2);
			const alice = await store.read.users.findById('alice');
			expect(alice).toEqual({
				id: 'alice',
				number: 1,
				username: 'Alice',
				email: 'Alice@Example.com',
				emailVerified: true,
				phone: '+8613800138000',
				phoneVerified: true,
				name: 'Alice',
				locale: 'en',
				status: 'active',
				createdAt: 1000,
				updatedAt: 1000,
				lastSignInAt: null,
				signInCount: 0,
				points: 0,
			});
			expect(await store.read.users.findByIdentifier('username', 'alice')).toEqual(alice);
			expect(await store.read.users.findByIdentifier('email', 'alice@example.com')).toEqual(alice);
			expect(await store.read.users.findByIdentifier('phone', '+8613800138000')).toEqual(alice);
			expect(await store.read.users.findByIdentifier('email', 'Alice@Example.com')).toBeUndefined();
			expect(await store.read.users.findById('nobody')).toBeUndefined();
		});

		it.each([
			['username', { username: 'Taken' }, 'username_key'],
			['proven email', { email: 'taken@example.com', emailVerified: true }, 'email_key'],
			['phone', { phone: '+8613900139000', phoneKey: '+8613900139000' }, 'phone_key'],
		])('share no %s', async (name, same, column) => {
			await create(userRow(`first ${name}`, same));
			const refused = await create(userRow(`second ${name}`, same)).catch((error: unknown) => error);
			expect(isDuplicate(refused)).toBe(true);
			expect(duplicateOf(refused)).toContain(column);
			expect(await store.read.users.findById(`second ${name}`)).toBeUndefined();
		});

		it('share no id', async () => {
			await create(userRow('one id'));
			expect(isDuplicate(await create(userRow('one id')).catch((error: unknown) => error))).toBe(true);
		});

		it('may name one email while nobody has proven it; the proven one comes first, then the oldest', async () => {
			const email = 'shared@example.com';
			await create(userRow('shared 1', { email }));
			await create(userRow('shared 2', { email, emailVerified: true }));
			await create(userRow('shared 3', { email }));
			const ids = (await store.read.users.listByEmailContact(email, 10)).map((user) => user.id);
			expect(ids).toEqual(['shared 2', 'shared 1', 'shared 3']);
			expect(await store.read.users.listByEmailContact(email, 1)).toHaveLength(1);
		});

		it('of many who take one username at once, one gets it', async () => {
			const outcomes = await Promise.allSettled(
				Array.from({ length: 20 }, (_, i) => create(userRow(`racer ${i}`, { username: 'racer' }))),
			);
			expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
			for (const outcome of outcomes)
				if (outcome.status === 'rejected') expect(isDuplicate(outcome.reason)).toBe(true);
		});

		it('change only what is named, and free the identifiers they leave', async () => {
			await create(userRow('mover', { username: 'mover', email: 'mover@example.com', name: 'Mover' }));
			expect(
				await store.write((tx) =>
					tx.users.update('mover', { username: 'Moved', usernameKey: 'moved', updatedAt: 2000 }),
				),
			).toBe(true);
			expect(await store.read.users.findByIdentifier('username', 'mover')).toBeUndefined();
			expect(await store.read.users.findByIdentifier('username', 'moved')).toMatchObject({
				username: 'Moved',
				email: 'mover@example.com',
				name: 'Mover',
				updatedAt: 2000,
				createdAt: 1000,
			});
			const more = {
				emailVerified: true,
				emailKey: 'mover@example.com',
				status: 'disabled',
				locale: 'zh-CN',
				updatedAt: 3000,
			} as const;
			await store.write((tx) => tx.users.update('mover', more));
			expect(await store.read.users.findById('mover')).toMatchObject({
				emailVerified: true,
				status: 'disabled',
				locale: 'zh-CN',
			});
			await store.write((tx) =>
				tx.users.update('mover', { phone: null, phoneKey: null, phoneVerified: false, updatedAt: 4000 }),
			);
			expect(await store.write((tx) => tx.users.update('nobody', { updatedAt: 1 }))).toBe(false);
			await create(userRow('heir', { username: 'mover' }));
		});

		it('count their sign-ins, at once as well', async () => {
			await create(userRow('regular'));
			await atOnce(10, (i) => store.write((tx) => tx.users.recordSignIn('regular', 5000 + i)));
			const user = await store.read.users.findById('regular');
			expect(user?.signInCount).toBe(10);
			expect(user?.lastSignInAt).toBeGreaterThanOrEqual(5000);
		});

		it('keep emoji, rare Chinese characters and quotes as they are', async () => {
			const name = `𠮷野家 O'Brien "😀" \\ % _`;
			await create(userRow('exotic', { name }));
			expect((await store.read.users.findById('exotic'))?.name).toBe(name);
		});

		it('are deleted once, and counted', async () => {
			const before = await store.read.users.count();
			await create(userRow('leaver'));
			expect(await store.read.users.count()).toBe(before + 1);
			expect(await store.write((tx) => tx.users.delete('leaver'))).toBe(true);
			expect(await store.write((tx) => tx.users.delete('leaver'))).toBe(false);
			expect(await store.read.users.count()).toBe(before);
		});
	});
}
