import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AppStore } from '../../storage/app/repositories';
import { openStorage, type Storage } from '../../storage/open';
import { currentWrites, inOneWrite, RequestWrites } from './request-writes';
import type { NewArtifact } from './stored-form';

let folder: string;
let storage: Storage;
let store: AppStore;
const now = 1000;

const artifact = (id: string, rest: Partial<NewArtifact> = {}): NewArtifact => ({
	model: 'RefreshToken',
	id,
	payload: { id },
	grantId: null,
	uid: null,
	userCode: null,
	accountId: null,
	clientId: null,
	expiresAt: null,
	...rest,
});
const flushed = async (fill: (writes: RequestWrites) => void) => {
	const writes = new RequestWrites(store);
	fill(writes);
	await writes.flush();
};
const stored = (id: string) => store.read.artifacts.find('RefreshToken', id);

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'request-writes-'));
	storage = await openStorage({ dataDir: folder });
	store = await storage.createApp(4);
});
afterAll(async () => {
	await storage.close();
	rmSync(folder, { recursive: true, force: true });
});

describe('a request’s writes', () => {
	it('are seen by itself at once, by others when it is over', async () => {
		const writes = new RequestWrites(store);
		writes.save(artifact('a', { uid: 'a-uid' }));
		expect(await writes.find('RefreshToken', 'a')).toMatchObject({ payload: { id: 'a' }, consumedAt: null });
		expect(await writes.findByUid('RefreshToken', 'a-uid')).toMatchObject({ id: 'a' });
		expect(await stored('a')).toBeUndefined();
		await writes.flush();
		expect(await stored('a')).toMatchObject({ payload: { id: 'a' } });
	});

	it('are empty when it only read', async () => {
		const write = vi.spyOn(store, 'write');
		const writes = new RequestWrites(store);
		await writes.find('RefreshToken', 'a');
		await writes.flush();
		expect(write).not.toHaveBeenCalled();
		await flushed((each) => each.save(artifact('only-read')));
		expect(write).toHaveBeenCalledOnce();
		write.mockRestore();
	});

	it('keep the last of what was saved and destroyed', async () => {
		await flushed((writes) => {
			writes.save(artifact('b'));
			writes.save(artifact('b', { payload: { second: true } }));
			writes.save(artifact('c'));
			writes.destroy('RefreshToken', 'c');
			writes.destroy('RefreshToken', 'd');
			writes.save(artifact('d'));
		});
		expect((await stored('b'))?.payload).toEqual({ second: true });
		expect(await stored('c')).toBeUndefined();
		expect(await stored('d')).toBeDefined();
	});

	it('hide what they destroy from their own reads', async () => {
		await flushed((writes) => writes.save(artifact('e', { uid: 'e-uid', grantId: 'e-grant' })));
		const writes = new RequestWrites(store);
		writes.destroy('RefreshToken', 'e');
		expect(await writes.find('RefreshToken', 'e')).toBeUndefined();
		expect(await writes.findByUid('RefreshToken', 'e-uid')).toBeUndefined();
		const others = new RequestWrites(store);
		others.revokeGrant('e-grant');
		expect(await others.find('RefreshToken', 'e')).toBeUndefined();
		expect(await stored('e')).toBeDefined();
	});

	it('revoke all of a grant, including what was just saved', async () => {
		await flushed((writes) => writes.save(artifact('f', { grantId: 'g' })));
		await flushed((writes) => {
			writes.save(artifact('f2', { grantId: 'g' }));
			writes.save(artifact('f3', { grantId: 'other' }));
			writes.revokeGrant('g');
		});
		expect([await stored('f'), await stored('f2')]).toEqual([undefined, undefined]);
		expect(await stored('f3')).toBeDefined();
	});

	it('are all dropped for the request that consumes second', async () => {
		await flushed((writes) => writes.save(artifact('h')));
		const race = (id: string) =>
			flushed((writes) => {
				writes.save(artifact(id));
				writes.consume('RefreshToken', 'h', now);
			});
		const results = await Promise.allSettled([race('h1'), race('h2'), race('h3')]);
		const won = results.map(({ status }) => status === 'fulfilled');
		expect(won.filter(Boolean)).toHaveLength(1);
		for (const result of results)
			if (result.status === 'rejected')
				expect(result.reason).toMatchObject({ error: 'invalid_grant', statusCode: 400 });
		expect(await Promise.all(['h1', 'h2', 'h3'].map(async (id) => (await stored(id)) !== undefined))).toEqual(
			won,
		);
	});

	it('share one transaction with other writes, and tasks for afterwards run afterwards', async () => {
		const order: string[] = [];
		await flushed((writes) => {
			writes.afterwards(() => order.push('after'));
			writes.also(async (tx) => {
				order.push('write');
				await tx.settings.save('seen', true, now);
			});
		});
		expect(order).toEqual(['write', 'after']);
		expect(await store.read.settings.find('seen')).toBe(true);
	});

	it('do not happen when the work fails', async () => {
		const work = inOneWrite(store, async (writes) => {
			writes.save(artifact('i'));
			expect(currentWrites()).toBe(writes);
			throw new Error('no');
		});
		await expect(work).rejects.toThrow('no');
		expect(await stored('i')).toBeUndefined();
	});

	it('are refused outside of a request', () => {
		expect(() => currentWrites()).toThrow('outside of a request');
	});
});

describe('reads', () => {
	it('are remembered until the next write of any kind', async () => {
		await flushed((writes) => writes.save(artifact('j')));
		let asked = 0;
		const ask = () => new RequestWrites(store).reads.get('counted', () => Promise.resolve((asked += 1)));
		expect([await ask(), await ask()]).toEqual([1, 1]);
		await store.write((tx) => tx.settings.save('x', 1, now));
		expect(await ask()).toBe(2);
	});

	it('of other tables are remembered across writes of artifacts, until anything else is written', async () => {
		let asked = 0;
		const ask = () => new RequestWrites(store).reads.settled('lasting', () => Promise.resolve((asked += 1)));
		expect(await ask()).toBe(1);
		await flushed((writes) => writes.save(artifact('k', { grantId: 'k-grant' })));
		await flushed((writes) => writes.consume('RefreshToken', 'k', now));
		await flushed((writes) => writes.revokeGrant('k-grant'));
		expect(await ask()).toBe(1);
		await flushed((writes) => {
			writes.save(artifact('l'));
			writes.also((tx) => tx.settings.save('x', 2, now));
		});
		expect(await ask()).toBe(2);
	});

	it('of other tables see what another connection to the file has written', async () => {
		let asked = 0;
		const ask = () => new RequestWrites(store).reads.settled('others', () => Promise.resolve((asked += 1)));
		expect(await ask()).toBe(1);
		const other = new Sqlite(join(folder, 'apps/4/app.db'));
		other.prepare(`update setting set value = '3' where name = 'x'`).run();
		other.close();
		await vi.waitFor(async () => expect(await ask()).toBe(2), { interval: 5 });
	});

	it('that failed are tried again', async () => {
		const { reads } = new RequestWrites(store);
		await expect(reads.get('failing', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
		expect(await reads.get('failing', () => Promise.resolve('yes'))).toBe('yes');
	});

	it('are not remembered where the version is not available', async () => {
		const untold = { ...store, version: () => undefined, settledVersion: () => undefined };
		let asked = 0;
		const read = () => Promise.resolve((asked += 1));
		const ask = () => new RequestWrites(untold).reads.get('k', read);
		const askSettled = () => new RequestWrites(untold).reads.settled('k', read);
		expect([await ask(), await ask(), await askSettled(), await askSettled()]).toEqual([1, 2, 3, 4]);
	});
});
