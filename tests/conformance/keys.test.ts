import * as client from 'openid-client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createEngines, type Engines } from '../../src/lib/server/oidc/engines';
import { systemClock } from '../../src/lib/server/runtime/clock';
import { startAppliance, type Appliance } from './appliance';
import { Browser } from './browser';
import { RelyingParty } from './relying-party';

let appliance: Appliance;
const day = 86_400_000;

interface PublicKey {
	kid: string;
	alg: string;
	n?: string;
	x?: string;
}

const keySet = async (): Promise<PublicKey[]> => {
	const response = await fetch(`${appliance.issuer(4).href}/oidc/jwks`);
	return ((await response.json()) as { keys: PublicKey[] }).keys;
};
const kidOf = (token: string | undefined) =>
	(JSON.parse(Buffer.from(token?.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
const signIn = async () => {
	const rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'web', secret: 's' });
	return (await rp.signIn(new Browser(appliance.origin), 'alice')).id_token;
};
const moveTo = (time: number) => {
	vi.useFakeTimers({ toFake: ['Date'] });
	vi.setSystemTime(time);
};
/** Another process over the same database. */
const secondProcess = async (): Promise<Engines> => {
	const app = await appliance.app(4);
	return createEngines({
		origin: appliance.origin,
		clock: systemClock,
		log: app.log,
		guardedFetch: fetch,
		app: () => Promise.resolve(app),
	});
};

beforeAll(async () => {
	appliance = await startAppliance();
	await appliance.addApp(4);
	await appliance.addUser(4, 'alice');
	await appliance.addClient(4, { id: 'web', secret: 's' });
});
afterEach(() => vi.useRealTimers());
afterAll(() => appliance.close());

describe('signing keys (A09)', () => {
	it('are made once, even by two processes at once', async () => {
		const fresh = await appliance.addApp(5);
		const others = [0, 1, 2].map(() =>
			createEngines({
				origin: appliance.origin,
				clock: systemClock,
				log: fresh.log,
				guardedFetch: fetch,
				app: () => Promise.resolve(fresh),
			}),
		);
		const seen = await Promise.all(others.map((engines) => engines.keys(5)));
		for (const keys of seen) expect(keys.map(({ kid }) => kid)).toEqual(seen[0]?.map(({ kid }) => kid));
		expect(seen[0]).toMatchObject([
			{ alg: 'RS256', state: 'current' },
			{ alg: 'ES256', state: 'current' },
		]);
	});

	it('survive a restart', async () => {
		const before = await keySet();
		const token = await signIn();
		appliance.engines.forget(4);
		expect(await keySet()).toEqual(before);
		expect(kidOf(await signIn())).toBe(kidOf(token));
	});

	it('are kept sealed', async () => {
		const { store } = await appliance.app(4);
		for (const key of await store.read.signingKeys.list()) {
			expect(key.privateJwk).toMatch(/^v1\./);
			expect(Object.keys(key.publicJwk).sort()).toEqual(
				key.alg === 'RS256'
					? ['alg', 'e', 'kid', 'kty', 'n', 'use']
					: ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
			);
		}
	});

	it('are published a day before they sign, and stay until what they signed is over', async () => {
		const began = Date.now();
		const old = kidOf(await signIn());
		await appliance.engines.rotateKeys(4);
		const published = await keySet();
		expect(published).toHaveLength(4);
		expect(kidOf(await signIn())).toBe(old);
		// Asked for again, the rotation under way goes on.
		await appliance.engines.rotateKeys(4);
		expect(await keySet()).toHaveLength(4);
		moveTo(began + day + 2000);
		const next = kidOf(await signIn());
		expect(next).not.toBe(old);
		expect(published.map(({ kid }) => kid)).toContain(next);
		expect((await keySet()).map(({ kid }) => kid)).toContain(old);
		moveTo(began + 32 * day);
		expect((await keySet()).map(({ kid }) => kid)).not.toContain(old);
	});

	it('can be exchanged at once, one kind alone, and no id is used twice', async () => {
		const before = await appliance.engines.keys(4);
		const after = await appliance.engines.rotateKeys(4, { alg: 'RS256', immediately: true });
		const [rs] = after.filter(({ alg, state }) => alg === 'RS256' && state === 'current');
		expect(before.map(({ kid }) => kid)).not.toContain(rs?.kid);
		expect(after.filter(({ alg }) => alg === 'ES256')).toEqual(before.filter(({ alg }) => alg === 'ES256'));
		expect(kidOf(await signIn())).toBe(rs?.kid);
		expect((await keySet()).map(({ kid }) => kid)).toEqual(
			expect.arrayContaining(before.map(({ kid }) => kid)),
		);
		const keys = await keySet();
		expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
		expect(new Set(keys.map(({ n, x }) => n ?? x)).size).toBe(keys.length);
	});

	it('changed by another process are seen a moment later', async () => {
		await keySet();
		const elsewhere = await secondProcess();
		const keys = await elsewhere.rotateKeys(4, { alg: 'RS256', immediately: true });
		moveTo(Date.now() + 1500);
		expect(kidOf(await signIn())).toBe(
			keys.find(({ alg, state }) => alg === 'RS256' && state === 'current')?.kid,
		);
	});

	it('that retired still verify an old ID token', async () => {
		const rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'web', secret: 's' });
		const browser = new Browser(appliance.origin);
		const tokens = await rp.signIn(browser, 'alice');
		await appliance.engines.rotateKeys(4, { immediately: true });
		const page = await browser.open(
			client.buildEndSessionUrl(rp.config, { id_token_hint: tokens.id_token ?? '' }),
		);
		expect(page.body).toContain('You are signed out');
	});
});
