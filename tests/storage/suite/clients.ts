/** Clients and what they are given: consents, logout notices, the engine's artifacts, keys, images. */
import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Artifact } from '../../../src/lib/server/storage/app/artifacts';
import type { AppStore } from '../../../src/lib/server/storage/app/repositories';
import { isDuplicate } from '../../../src/lib/server/storage/engine/failures';
import type { Engine } from '../engines';
import { atOnce, clientRow, userRow } from './rows';

const artifact = (model: string, id: string, more: Partial<Artifact> = {}): Omit<Artifact, 'consumedAt'> => ({
	model,
	id,
	payload: { kind: model, nested: { list: [1, 'zwei', '三'] } },
	grantId: null,
	uid: null,
	userCode: null,
	accountId: null,
	clientId: null,
	expiresAt: 9000,
	...more,
});

export function describeClients(engine: () => Engine): void {
	let store: AppStore;
	beforeAll(async () => {
		store = await engine().newApp();
		await store.write(async (tx) => {
			await tx.users.create(userRow('ann'));
			await tx.clients.create(clientRow('shop'));
			await tx.clients.create(clientRow('wiki'));
		});
	});

	describe('clients', () => {
		it('come back as they were registered, and change', async () => {
			const row = clientRow('native app', {
				secret: 'v1.sealed',
				applicationType: 'native',
				firstParty: true,
				pkceRequired: false,
				redirectUris: ['http://127.0.0.1/cb', 'com.example:/cb?a=1'],
				postLogoutRedirectUris: ['https://shop.example/bye'],
				backchannelLogoutUri: 'https://shop.example/bcl',
				idTokenAlg: 'ES256',
			});
			await store.write((tx) => tx.clients.create(row));
			expect(await store.read.clients.find('native app')).toEqual(row);
			const changed = { ...row, name: '商店', secret: null, redirectUris: [], createdAt: 1, updatedAt: 2000 };
			expect(await store.write((tx) => tx.clients.update(changed))).toBe(true);
			expect(await store.read.clients.find('native app')).toEqual({ ...changed, createdAt: 1000 });
			expect(await store.write((tx) => tx.clients.update(clientRow('nobody')))).toBe(false);
			expect((await store.read.clients.list()).map((client) => client.id)).toEqual([
				'native app',
				'shop',
				'wiki',
			]);
		});

		it('share no id', async () => {
			const again = store.write((tx) => tx.clients.create(clientRow('shop')));
			expect(isDuplicate(await again.catch((error: unknown) => error))).toBe(true);
		});

		it('take consents and logout notices with them', async () => {
			await store.write(async (tx) => {
				await tx.clients.create(clientRow('fleeting'));
				await tx.consents.save({
					userId: 'ann',
					clientId: 'fleeting',
					grantId: 'g',
					scopes: ['openid'],
					updatedAt: 1,
				});
				await tx.logoutDeliveries.create({
					id: 'fleeting',
					clientId: 'fleeting',
					accountId: 'ann',
					sid: 's',
					createdAt: 1,
				});
				expect(await tx.clients.delete('fleeting')).toBe(true);
				expect(await tx.clients.delete('fleeting')).toBe(false);
			});
			expect(await store.read.consents.find('ann', 'fleeting')).toBeUndefined();
			expect(await store.read.logoutDeliveries.list(10)).toEqual([]);
		});
	});

	describe('consents', () => {
		it('are remembered once per user and client, with the latest scopes', async () => {
			await store.write(async (tx) => {
				await tx.consents.save({
					userId: 'ann',
					clientId: 'shop',
					grantId: 'g1',
					scopes: ['openid'],
					updatedAt: 1,
				});
				await tx.consents.save({
					userId: 'ann',
					clientId: 'shop',
					grantId: 'g2',
					scopes: ['openid', 'email'],
					updatedAt: 2,
				});
				await tx.consents.save({ userId: 'ann', clientId: 'wiki', grantId: 'g3', scopes: [], updatedAt: 3 });
			});
			const shop = {
				userId: 'ann',
				clientId: 'shop',
				grantId: 'g2',
				scopes: ['openid', 'email'],
				createdAt: 1,
				updatedAt: 2,
			};
			expect(await store.read.consents.find('ann', 'shop')).toEqual(shop);
			expect(await store.read.consents.listOfUser('ann')).toEqual([
				shop,
				expect.objectContaining({ clientId: 'wiki', scopes: [] }),
			]);
			await store.write((tx) => tx.consents.delete('ann', 'shop'));
			expect(await store.read.consents.find('ann', 'shop')).toBeUndefined();
			expect(await store.read.consents.find('ann', 'wiki')).toBeDefined();
		});
	});

	describe('artifacts', () => {
		const save = (row: Omit<Artifact, 'consumedAt'>) => store.write((tx) => tx.artifacts.save(row));

		it('are found by id, uid and user code of their own model', async () => {
			const row = artifact('Interaction', 'i1', {
				uid: 'uid1',
				userCode: 'CODE',
				grantId: 'g',
				accountId: 'ann',
				clientId: 'shop',
			});
			await save(row);
			const whole = { ...row, consumedAt: null };
			expect(await store.read.artifacts.find('Interaction', 'i1')).toEqual(whole);
			expect(await store.read.artifacts.findByUid('Interaction', 'uid1')).toEqual(whole);
			expect(await store.read.artifacts.findByUserCode('Interaction', 'CODE')).toEqual(whole);
			expect(await store.read.artifacts.find('Session', 'i1')).toBeUndefined();
			expect(await store.read.artifacts.findByUid('Session', 'uid1')).toBeUndefined();
			expect(await store.read.artifacts.listOfAccount('Interaction', 'ann')).toEqual([whole]);
			expect(await store.read.artifacts.listOfAccount('Grant', 'ann')).toEqual([]);
		});

		it('are replaced by a second save, all but their consumption', async () => {
			await save(artifact('RefreshToken', 'r1', { grantId: 'g1' }));
			await store.write((tx) => tx.artifacts.consume('RefreshToken', 'r1', 50));
			await save(artifact('RefreshToken', 'r1', { grantId: 'g2', payload: { new: true }, expiresAt: null }));
			expect(await store.read.artifacts.find('RefreshToken', 'r1')).toMatchObject({
				...{ grantId: 'g2', payload: { new: true }, expiresAt: null, consumedAt: 50 },
			});
		});

		it('of many who consume one at once, one does', async () => {
			await save(artifact('AuthorizationCode', 'once'));
			const won = await atOnce(20, (i) =>
				store.write((tx) => tx.artifacts.consume('AuthorizationCode', 'once', 100 + i)),
			);
			expect(won.filter(Boolean)).toHaveLength(1);
			expect((await store.read.artifacts.find('AuthorizationCode', 'once'))?.consumedAt).toBe(
				100 + won.indexOf(true),
			);
			expect(await store.write((tx) => tx.artifacts.consume('AuthorizationCode', 'absent', 1))).toBe(false);
		});

		it('go by id, grant, account, client', async () => {
			for (const id of ['a', 'b', 'c', 'd'])
				await save(
					artifact('AccessToken', `go ${id}`, {
						grantId: `grant ${id}`,
						accountId: `account ${id}`,
						clientId: `client ${id}`,
					}),
				);
			await store.write(async (tx) => {
				await tx.artifacts.delete('AccessToken', 'go a');
				await tx.artifacts.deleteOfGrant('grant b');
				await tx.artifacts.deleteOfAccount('account c');
			});
			const left = async () =>
				(await atOnce(4, (i) => store.read.artifacts.find('AccessToken', `go ${'abcd'[i]}`))).map(Boolean);
			expect(await left()).toEqual([false, false, false, true]);
			await store.write((tx) => tx.artifacts.deleteOfClient('client d'));
			expect(await left()).toEqual([false, false, false, false]);
		});

		it('are swept when they expire, a bounded number at a time', async () => {
			await store.write(async (tx) => {
				for (let i = 0; i < 1001; i++)
					await tx.artifacts.save(artifact('Swept', String(i), { expiresAt: 10 }));
				await tx.artifacts.save(artifact('Kept', 'later', { expiresAt: 11 }));
				await tx.artifacts.save(artifact('Kept', 'forever', { expiresAt: null }));
			});
			expect(await store.write((tx) => tx.artifacts.deleteExpired(10))).toBe(true);
			expect(await store.write((tx) => tx.artifacts.deleteExpired(10))).toBe(false);
			const swept = await atOnce(1001, (i) => store.read.artifacts.find('Swept', String(i)));
			expect(swept.filter(Boolean)).toEqual([]);
			expect(await store.read.artifacts.find('Kept', 'later')).toBeDefined();
			expect(await store.read.artifacts.find('Kept', 'forever')).toBeDefined();
		});
	});

	describe('logout deliveries', () => {
		it('are due when queued, taken once, and put off', async () => {
			await store.write((tx) =>
				tx.logoutDeliveries.create({
					id: 'd1',
					clientId: 'shop',
					accountId: 'ann',
					sid: 's1',
					createdAt: 100,
				}),
			);
			expect(await store.read.logoutDeliveries.listDue(99, 10)).toEqual([]);
			const [due] = await store.read.logoutDeliveries.listDue(100, 10);
			if (!due) throw new Error('nothing is due');
			expect(due).toMatchObject({
				id: 'd1',
				clientId: 'shop',
				accountId: 'ann',
				sid: 's1',
				status: 'queued',
				attempts: 0,
			});
			const won = await atOnce(10, () => store.write((tx) => tx.logoutDeliveries.take(due, 500)));
			expect(won.filter(Boolean)).toHaveLength(1);
			expect(await store.read.logoutDeliveries.listDue(499, 10)).toEqual([]);
			expect(await store.read.logoutDeliveries.listDue(500, 10)).toMatchObject([{ attempts: 1 }]);
		});

		it('settle, and are forgotten after a time', async () => {
			await store.write((tx) =>
				tx.logoutDeliveries.settle('d1', { status: 'queued', error: 'refused', nextAt: 900, now: 600 }),
			);
			expect(await store.read.logoutDeliveries.list(10)).toMatchObject([
				{ status: 'queued', error: 'refused', nextAt: 900, finishedAt: null },
			]);
			await store.write((tx) => tx.logoutDeliveries.settle('d1', { status: 'delivered', now: 1000 }));
			expect(await store.read.logoutDeliveries.list(10)).toMatchObject([
				{ status: 'delivered', error: null, nextAt: null, finishedAt: 1000 },
			]);
			await store.write((tx) => tx.logoutDeliveries.deleteFinished(1000));
			expect(await store.read.logoutDeliveries.list(10)).toHaveLength(1);
			await store.write((tx) => tx.logoutDeliveries.deleteFinished(1001));
			expect(await store.read.logoutDeliveries.list(10)).toEqual([]);
		});
	});

	describe('signing keys', () => {
		it('are listed in the order they were made, change state, and go', async () => {
			const key = (kid: string, createdAt: number) =>
				({
					kid,
					alg: 'RS256',
					publicJwk: { kty: 'RSA', n: 'x' },
					privateJwk: 'v1.sealed',
					state: 'upcoming',
					createdAt,
					changesAt: 5000,
				}) as const;
			await store.write(async (tx) => {
				await tx.signingKeys.create(key('younger', 2));
				await tx.signingKeys.create(key('older', 1));
			});
			expect(await store.read.signingKeys.list()).toEqual([key('older', 1), key('younger', 2)]);
			await store.write((tx) => tx.signingKeys.setState('older', 'current', null));
			expect((await store.read.signingKeys.list())[0]).toMatchObject({ state: 'current', changesAt: null });
			await store.write((tx) => tx.signingKeys.delete('older'));
			expect((await store.read.signingKeys.list()).map(({ kid }) => kid)).toEqual(['younger']);
		});
	});

	describe('images', () => {
		it('come back byte by byte, however often they are saved', async () => {
			const bytes = Buffer.concat([Buffer.from([0, 255, 39, 0, 92]), randomBytes(200_000)]);
			const id = createHash('sha256').update(bytes).digest('hex');
			await store.write((tx) => tx.images.save({ id, mime: 'image/png', bytes }, 1));
			await store.write((tx) => tx.images.save({ id, mime: 'image/png', bytes }, 2));
			const found = await store.read.images.find(id);
			expect(found?.mime).toBe('image/png');
			expect(Buffer.compare(found?.bytes ?? Buffer.alloc(0), bytes)).toBe(0);
			expect(await store.read.images.find('absent')).toBeUndefined();
		});
	});
}
