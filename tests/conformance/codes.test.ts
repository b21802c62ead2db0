import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startAppliance, type Appliance } from './appliance';
import { Browser } from './browser';
import { redeemBare, RelyingParty, userinfoStatus } from './relying-party';

let appliance: Appliance;
let rp: RelyingParty;
const minute = 60_000;
const day = 24 * 60 * minute;

async function freshCode(browser = new Browser(appliance.origin)) {
	const { page, request } = await rp.authorize(browser, 'alice');
	return { code: page.url.searchParams.get('code') ?? '', request, browser };
}
const invalidGrant = { status: 400, body: { error: 'invalid_grant' } };
const moveTo = (time: number) => {
	vi.useFakeTimers({ toFake: ['Date'] });
	vi.setSystemTime(time);
};

beforeAll(async () => {
	appliance = await startAppliance();
	await appliance.addApp(4);
	await appliance.addUser(4, 'alice');
	await appliance.addClient(4, { id: 'web', secret: 's' });
	await appliance.addClient(4, { id: 'other', secret: 'o' });
	rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'web', secret: 's' });
});
afterEach(() => vi.useRealTimers());
afterAll(() => appliance.close());

describe('an authorization code (A06)', () => {
	it('works once; used again it takes back what it gave', async () => {
		const { code, request } = await freshCode();
		const first = await redeemBare(rp, code, request);
		expect(first.status).toBe(200);
		expect(await userinfoStatus(appliance.issuer(4), first.body['access_token'] ?? '')).toBe(200);
		expect(await redeemBare(rp, code, request)).toMatchObject(invalidGrant);
		expect(await userinfoStatus(appliance.issuer(4), first.body['access_token'] ?? '')).toBe(401);
		const events = await (await appliance.app(4)).store.read.audit.list({ action: 'token.reuse', limit: 5 });
		expect(events[0]).toMatchObject({ outcome: 'refused', actor: { kind: 'client', id: 'web' } });
	});

	it('works for one of twenty that come at once, whose tokens are taken back then', async () => {
		const { audit } = (await appliance.app(4)).store.read;
		const replays = async () =>
			(await audit.list({ action: 'token.reuse', limit: 200 })).filter(
				({ detail }) => detail['reason'] === 'used by another request',
			);
		const before = (await replays()).length;
		const { code, request, browser } = await freshCode();
		const answers = await Promise.all(Array.from({ length: 20 }, () => redeemBare(rp, code, request)));
		const winners = answers.filter(({ status }) => status === 200);
		expect(winners).toHaveLength(1);
		for (const answer of answers.filter(({ status }) => status !== 200))
			expect(answer).toMatchObject(invalidGrant);
		expect(await userinfoStatus(appliance.issuer(4), winners[0]?.body['access_token'] ?? '')).toBe(401);
		const events = await replays();
		expect(events.length).toBeGreaterThan(before);
		expect(events[0]).toMatchObject({ outcome: 'refused', actor: { kind: 'client', id: 'web' } });
		expect(events[0]?.address).toMatch(/127\.0\.0\.1$/);
		// The person is signed in as before, and so is what they start anew.
		const tokens = await rp.signIn(browser, 'alice');
		expect(await userinfoStatus(appliance.issuer(4), tokens.access_token)).toBe(200);
	});

	it('belongs to its client, its redirect URI and its verifier', async () => {
		const other = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'other', secret: 'o' });
		const { code, request } = await freshCode();
		expect(await redeemBare(other, code, request)).toMatchObject(invalidGrant);
		expect(await redeemBare(rp, code, { ...request, verifier: 'x'.repeat(43) })).toMatchObject(invalidGrant);
		const elsewhere = Object.create(rp, {
			redirectUri: { value: 'https://rp.example/other' },
		}) as RelyingParty;
		expect(await redeemBare(elsewhere, code, request)).toMatchObject(invalidGrant);
		expect((await redeemBare(rp, code, request)).status).toBe(200);
	});

	it('is over after a minute, and stays so when the clock is set back (F14)', async () => {
		const { code, request } = await freshCode();
		const now = Date.now();
		moveTo(now + minute + 1000);
		expect(await redeemBare(rp, code, request)).toMatchObject(invalidGrant);
		moveTo(now);
		expect(await redeemBare(rp, code, request)).toMatchObject(invalidGrant);
	});

	it('that was used does not work again after a jump back (F14)', async () => {
		const { code, request } = await freshCode();
		const now = Date.now();
		expect((await redeemBare(rp, code, request)).status).toBe(200);
		moveTo(now - day);
		expect(await redeemBare(rp, code, request)).toMatchObject(invalidGrant);
		moveTo(now + 10 * day);
		expect(await redeemBare(rp, code, request)).toMatchObject(invalidGrant);
	});

	it('is not in the database, nor is anything else that travels', async () => {
		const { code, request, browser } = await freshCode();
		const { body } = await redeemBare(rp, code, request);
		const { store } = await appliance.app(4);
		const models = ['AccessToken', 'AuthorizationCode', 'Session', 'Grant'];
		const rows = (
			await Promise.all(models.map((model) => store.read.artifacts.listOfAccount(model, 'u-alice')))
		).flat();
		const text = JSON.stringify(rows);
		expect(rows.length).toBeGreaterThan(5);
		expect(text).not.toContain(code);
		expect(text).not.toContain(body['access_token']);
		for (const { value } of browser.cookies) expect(text).not.toContain(value);
	});
});

describe('an access token', () => {
	it('lives as long as the settings say', async () => {
		const app = await appliance.app(4);
		await app.store.write((tx) => tx.settings.save('app', { name: 'App', tokenDays: 3 }, 1));
		const { code, request } = await freshCode();
		const { body } = await redeemBare(rp, code, request);
		expect(body['expires_in']).toBe(3 * 86_400);
		const now = Date.now();
		moveTo(now + 3 * day - minute);
		expect(await userinfoStatus(appliance.issuer(4), body['access_token'] ?? '')).toBe(200);
		moveTo(now + 3 * day + 1000);
		expect(await userinfoStatus(appliance.issuer(4), body['access_token'] ?? '')).toBe(401);
	});

	it('speaks for its user at our own API', async () => {
		const { code, request } = await freshCode();
		const { body } = await redeemBare(rp, code, request);
		const find = (app: number) => appliance.engines.findAccessToken(app, body['access_token'] ?? '');
		expect(await find(4)).toEqual({
			userId: 'u-alice',
			clientId: 'web',
			scopes: ['openid', 'profile', 'email'],
		});
		expect(await appliance.engines.findAccessToken(4, code)).toBeUndefined();
	});
});
