/** Credentials, sessions and roles: what hangs on a user. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { AppStore } from '../../../src/lib/server/storage/app/repositories';
import type { Engine } from '../engines';
import { atOnce, sessionRow, userRow } from './rows';

export function describeProofs(engine: () => Engine): void {
	let store: AppStore;
	beforeAll(async () => {
		store = await engine().newApp();
		await store.write(async (tx) => {
			for (const id of ['ann', 'ben', 'cat']) await tx.users.create(userRow(id));
		});
	});

	describe('credentials', () => {
		it('are found by user and connector', async () => {
			await store.write((tx) =>
				tx.credentials.create({ id: 'c1', userId: 'ann', connector: 'password', secret: 'hash' }, 1),
			);
			expect(await store.read.credentials.find('ann', 'password')).toEqual({
				id: 'c1',
				userId: 'ann',
				connector: 'password',
				secret: 'hash',
			});
			expect(await store.read.credentials.find('ann', 'passkey')).toBeUndefined();
			expect(await store.read.credentials.find('ben', 'password')).toBeUndefined();
		});

		it('of many replacements of one secret at once, one succeeds', async () => {
			await store.write((tx) =>
				tx.credentials.create({ id: 'c2', userId: 'ben', connector: 'password', secret: 'old' }, 1),
			);
			const won = await atOnce(20, (i) =>
				store.write((tx) => tx.credentials.replaceSecret('c2', { from: 'old', to: `new ${i}`, now: 2 })),
			);
			expect(won.filter(Boolean)).toHaveLength(1);
			expect((await store.read.credentials.find('ben', 'password'))?.secret).toBe(`new ${won.indexOf(true)}`);
		});

		it('go by connector, and with their user', async () => {
			await store.write(async (tx) => {
				await tx.credentials.create({ id: 'c3', userId: 'cat', connector: 'password', secret: 's' }, 1);
				await tx.credentials.create({ id: 'c4', userId: 'cat', connector: 'totp', secret: 's' }, 1);
				await tx.credentials.deleteOfUser('cat', 'totp');
			});
			expect(await store.read.credentials.find('cat', 'totp')).toBeUndefined();
			expect(await store.read.credentials.find('cat', 'password')).toBeDefined();
			await store.write((tx) => tx.users.delete('cat'));
			expect(await store.read.credentials.find('cat', 'password')).toBeUndefined();
		});

		it('belong to a user that exists', async () => {
			const orphan = { id: 'c5', userId: 'nobody', connector: 'password', secret: 's' };
			await expect(store.write((tx) => tx.credentials.create(orphan, 1))).rejects.toThrow(/foreign key/i);
		});
	});

	describe('sessions', () => {
		it('come back as they were made, and change what may change', async () => {
			const row = sessionRow('s1', 'ann', { amr: ['pwd', 'otp'], device: '微信', engineSession: 'e1' });
			await store.write((tx) => tx.sessions.create(row));
			expect(await store.read.sessions.find('s1')).toEqual(row);
			await store.write(async (tx) => {
				await tx.sessions.extend('s1', 6000);
				await tx.sessions.linkEngineSession('s1', 'e2');
			});
			expect(await store.read.sessions.find('s1')).toEqual({ ...row, expiresAt: 6000, engineSession: 'e2' });
			expect(await store.read.sessions.find('s2')).toBeUndefined();
		});

		it('are listed by user, the newest first', async () => {
			await store.write(async (tx) => {
				await tx.sessions.create(sessionRow('old', 'ben', { createdAt: 1 }));
				await tx.sessions.create(sessionRow('new', 'ben', { createdAt: 2 }));
			});
			expect((await store.read.sessions.listOfUser('ben')).map((session) => session.id)).toEqual([
				'new',
				'old',
			]);
		});

		it('end one by one, by engine session, by user', async () => {
			await store.write(async (tx) => {
				for (const id of ['a', 'b', 'c'])
					await tx.sessions.create(sessionRow(`end ${id}`, 'ann', { engineSession: `engine ${id}` }));
			});
			expect(await store.write((tx) => tx.sessions.delete('end a'))).toBe(true);
			expect(await store.write((tx) => tx.sessions.delete('end a'))).toBe(false);
			await store.write((tx) => tx.sessions.deleteByEngineSession('engine b'));
			expect(await store.read.sessions.find('end b')).toBeUndefined();
			expect(await store.read.sessions.find('end c')).toBeDefined();
			await store.write((tx) => tx.sessions.deleteOfUser('ann'));
			expect(await store.read.sessions.listOfUser('ann')).toEqual([]);
			expect(await store.read.sessions.listOfUser('ben')).not.toEqual([]);
		});

		it('are swept by either limit', async () => {
			await store.write(async (tx) => {
				await tx.sessions.create(sessionRow('idle', 'ann', { expiresAt: 100, endsAt: 900 }));
				await tx.sessions.create(sessionRow('over', 'ann', { expiresAt: 900, endsAt: 100 }));
				await tx.sessions.create(sessionRow('live', 'ann', { expiresAt: 101, endsAt: 101 }));
				expect(await tx.sessions.deleteExpired(100)).toBe(false);
			});
			expect((await store.read.sessions.listOfUser('ann')).map((session) => session.id)).toEqual(['live']);
		});
	});

	describe('roles', () => {
		it('are made, changed and listed', async () => {
			await store.write(async (tx) => {
				await tx.roles.save({ id: 'user', name: 'User', permissions: [] }, 1);
				await tx.roles.save({ id: 'editor', name: 'Editor', permissions: ['post.write'] }, 1);
				await tx.roles.save({ id: 'editor', name: '编辑', permissions: ['post.write', 'post.delete'] }, 2);
			});
			expect(await store.read.roles.list()).toEqual([
				{ id: 'editor', name: '编辑', permissions: ['post.write', 'post.delete'] },
				{ id: 'user', name: 'User', permissions: [] },
			]);
		});

		it('of a user are replaced as a whole, the first is the primary one', async () => {
			await store.write((tx) => tx.roles.setOfUser('ann', ['user', 'editor', 'user']));
			expect(await store.read.roles.listOfUser('ann')).toEqual(['user', 'editor']);
			expect(await store.read.users.findWithRoles('ann')).toEqual({
				...(await store.read.users.findById('ann')),
				roles: ['user', 'editor'],
			});
			await store.write((tx) => tx.roles.setOfUser('ann', ['editor']));
			expect(await store.read.roles.listOfUser('ann')).toEqual(['editor']);
			await store.write((tx) => tx.roles.setOfUser('ann', []));
			expect(await store.read.roles.listOfUser('ann')).toEqual([]);
			expect(await store.read.users.findWithRoles('ann')).toMatchObject({ id: 'ann', roles: [] });
			expect(await store.read.users.findWithRoles('nobody')).toBeUndefined();
		});

		it('that do not exist are given to nobody, and what stood stays', async () => {
			await store.write((tx) => tx.roles.setOfUser('ben', ['user']));
			await expect(store.write((tx) => tx.roles.setOfUser('ben', ['emperor']))).rejects.toThrow(
				/foreign key/i,
			);
			expect(await store.read.roles.listOfUser('ben')).toEqual(['user']);
		});
	});
}
