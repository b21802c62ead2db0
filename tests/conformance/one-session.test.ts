import * as client from 'openid-client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startAppliance, type Appliance } from './appliance';
import { Browser } from './browser';
import { refreshBare, RelyingParty, userinfoStatus } from './relying-party';

let appliance: Appliance;
let rp: RelyingParty;
let ours: RelyingParty;
const minute = 60_000;
const day = 24 * 60 * minute;

const silently = async (browser: Browser, extra: Record<string, string> = {}) => {
	const { url } = await browser.open((await rp.request({ prompt: 'none', ...extra })).url);
	return url.searchParams.get('error') ?? (url.searchParams.has('code') ? 'code' : url.href);
};
const signInAtHome = (browser: Browser, identifier: string) =>
	browser.open(`${appliance.origin}/apps/4/account`, { identifier });
const sessionsOf = async (user: string) =>
	(await appliance.app(4)).store.read.sessions.listOfUser(`u-${user}`);
const moveTo = (time: number) => {
	vi.useFakeTimers({ toFake: ['Date'] });
	vi.setSystemTime(time);
};

beforeAll(async () => {
	appliance = await startAppliance();
	await appliance.addApp(4);
	for (const name of ['alice', 'bob', 'carol', 'dave']) await appliance.addUser(4, name);
	await appliance.addClient(4, { id: 'web', secret: 's' });
	await appliance.addClient(4, { id: 'ours', firstParty: true });
	rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'web', secret: 's' });
	ours = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'ours' });
	await rp.signIn(new Browser(appliance.origin), 'alice');
	await rp.signIn(new Browser(appliance.origin), 'bob');
});
afterEach(() => vi.useRealTimers());
afterAll(() => appliance.close());

describe('one truth for “signed in”', () => {
	it('a user who signed in to the account centre is signed in everywhere, without a page', async () => {
		const browser = new Browser(appliance.origin);
		await signInAtHome(browser, 'alice');
		expect(await silently(browser)).toBe('code');
		const tokens = await rp.signIn(browser, 'alice');
		expect(tokens.asked).toEqual([]);
		expect(tokens.claims()).toMatchObject({ sub: 'u-alice', amr: ['pwd'] });
	});

	it('without our session the engine’s own counts for nothing', async () => {
		const browser = new Browser(appliance.origin);
		await rp.signIn(browser, 'alice');
		browser.forget(/^menshen-4$/);
		expect(await silently(browser)).toBe('login_required');
		expect((await rp.signIn(browser, 'alice')).asked).toEqual(['login']);
	});

	it('without the engine’s cookie the session goes on as the same one', async () => {
		const browser = new Browser(appliance.origin);
		const before = await ours.signIn(browser, 'carol');
		const [session] = await sessionsOf('carol');
		browser.forget(/op-4/);
		expect(await silently(browser)).toBe('consent_required');
		expect((await sessionsOf('carol'))[0]?.engineSession).toBe(session?.engineSession);
		expect(await userinfoStatus(appliance.issuer(4), before.access_token)).toBe(200);
	});

	it('a killed session ends its tokens, and only its own', async () => {
		const [one, two] = [new Browser(appliance.origin), new Browser(appliance.origin)];
		const [first, second] = [await ours.signIn(one, 'dave'), await ours.signIn(two, 'dave')];
		const { store } = await appliance.app(4);
		const [newest] = await sessionsOf('dave');
		await store.write(async (tx) => {
			await appliance.engines.link.endSession(tx, newest?.engineSession ?? '');
			await tx.sessions.delete(newest?.id ?? '');
		});
		const statuses = await Promise.all(
			[first, second].map(({ access_token }) => userinfoStatus(appliance.issuer(4), access_token)),
		);
		expect(statuses.sort()).toEqual([200, 401]);
		const refreshed = await Promise.all(
			[first, second].map(({ refresh_token }) => refreshBare(ours, refresh_token ?? '')),
		);
		expect(refreshed.map(({ status }) => status).sort()).toEqual([200, 400]);
	});

	it('a disabled user is signed out at once (C10)', async () => {
		await appliance.addUser(4, 'mallory');
		const browser = new Browser(appliance.origin);
		const tokens = await rp.signIn(browser, 'mallory', { scope: 'openid offline_access', prompt: 'consent' });
		const { store } = await appliance.app(4);
		await store.write((tx) => tx.users.update('u-mallory', { status: 'disabled', updatedAt: 1 }));
		expect(await userinfoStatus(appliance.issuer(4), tokens.access_token)).toBe(401);
		expect(await refreshBare(rp, tokens.refresh_token ?? '')).toMatchObject({
			status: 400,
			body: { error: 'invalid_grant' },
		});
		expect(await appliance.engines.findAccessToken(4, tokens.access_token)).toBeUndefined();
		expect(await silently(browser)).toBe('login_required');
		expect(JSON.parse((await browser.open((await rp.request()).url)).body)).toMatchObject({
			kind: 'login',
			canContinue: false,
		});
		await store.write((tx) => appliance.engines.link.endAccount(tx, 'u-mallory'));
		expect(await client.tokenIntrospection(rp.config, tokens.access_token)).toEqual({ active: false });
	});

	it('a deleted client’s tokens are over', async () => {
		await appliance.addClient(4, { id: 'gone', secret: 'g' });
		const gone = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'gone', secret: 'g' });
		const tokens = await gone.signIn(new Browser(appliance.origin), 'alice');
		const { store } = await appliance.app(4);
		await store.write(async (tx) => {
			await appliance.engines.link.endClient(tx, 'gone');
			await tx.clients.delete('gone');
		});
		expect(await userinfoStatus(appliance.issuer(4), tokens.access_token)).toBe(401);
		expect((await new Browser(appliance.origin).open((await gone.request()).url)).status).toBe(400);
	});

	it('signing in again as the same user keeps what relying parties hold (C09)', async () => {
		const browser = new Browser(appliance.origin);
		const tokens = await ours.signIn(browser, 'carol');
		const cookie = () =>
			browser.cookies.filter(({ name }) => /^menshen-(4|op-4)$/.test(name)).map(({ value }) => value);
		const before = cookie();
		expect((await ours.signIn(browser, 'carol', { prompt: 'login' })).asked).toEqual(['login']);
		for (const value of cookie()) expect(before).not.toContain(value);
		expect(await userinfoStatus(appliance.issuer(4), tokens.access_token)).toBe(200);
	});

	it('signing in as another user ends the first one’s session', async () => {
		const browser = new Browser(appliance.origin);
		const first = await ours.signIn(browser, 'alice');
		const second = await ours.signIn(browser, 'bob', { prompt: 'login' });
		expect(second.claims()?.sub).toBe('u-bob');
		expect(await userinfoStatus(appliance.issuer(4), first.access_token)).toBe(401);
		expect(await userinfoStatus(appliance.issuer(4), second.access_token)).toBe(200);
	});

	it('a session that was ended while its sign-in page stood open does not bring the page down', async () => {
		const browser = new Browser(appliance.origin);
		await ours.signIn(browser, 'carol');
		const login = await browser.open((await ours.request({ prompt: 'login' })).url);
		const { store } = await appliance.app(4);
		await store.write((tx) => appliance.engines.link.endAccount(tx, 'u-carol'));
		const page = await browser.open(login.url, { identifier: 'carol' });
		expect(page.url.searchParams.get('code')).toBeTruthy();
	});
});

describe('how fresh a sign-in is (A18)', () => {
	it('prompt=login asks although a user is signed in; a proof made meanwhile suffices', async () => {
		const browser = new Browser(appliance.origin);
		await rp.signIn(browser, 'alice');
		const page = await browser.open((await rp.request({ prompt: 'login' })).url);
		expect(JSON.parse(page.body)).toMatchObject({ kind: 'login', fresh: true, canContinue: false });
		moveTo(Date.now() + 2000);
		await signInAtHome(browser, 'alice');
		expect((await browser.open(page.url)).url.searchParams.get('code')).toBeTruthy();
	});

	it('max_age asks when the proof is too old', async () => {
		const browser = new Browser(appliance.origin);
		await rp.signIn(browser, 'alice');
		expect((await rp.signIn(browser, 'alice', { max_age: '3600' })).asked).toEqual([]);
		expect((await rp.signIn(browser, 'alice', { max_age: '0' })).asked).toEqual(['login']);
		moveTo(Date.now() + 10 * minute);
		expect(await silently(browser, { max_age: '300' })).toBe('login_required');
		const tokens = await rp.signIn(browser, 'alice', { max_age: '300' });
		expect(tokens.asked).toEqual(['login']);
		expect(Number(tokens.claims()?.['auth_time']) * 1000).toBeGreaterThan(Date.now() - minute);
	});

	it('a newer sign-in at home counts for max_age', async () => {
		const browser = new Browser(appliance.origin);
		await rp.signIn(browser, 'alice');
		moveTo(Date.now() + 10 * minute);
		await signInAtHome(browser, 'alice');
		expect(await silently(browser, { max_age: '300' })).toBe('code');
	});

	it('prompt=none says what is missing', async () => {
		expect(await silently(new Browser(appliance.origin))).toBe('login_required');
		const browser = new Browser(appliance.origin);
		await signInAtHome(browser, 'dave');
		expect(await silently(browser)).toBe('consent_required');
	});

	it('an ID token hints at the user who should sign in', async () => {
		const [mine, theirs] = [new Browser(appliance.origin), new Browser(appliance.origin)];
		const { id_token } = await rp.signIn(theirs, 'bob');
		await rp.signIn(mine, 'alice');
		const hint = { id_token_hint: id_token ?? '' };
		expect(await silently(mine, hint)).toBe('login_required');
		expect(await silently(theirs, hint)).toBe('code');
		const page = await mine.open((await rp.request(hint)).url);
		expect(JSON.parse(page.body)).toMatchObject({ kind: 'login', canContinue: false });
	});

	it('ends with our session: idle and in all (C11)', async () => {
		const browser = new Browser(appliance.origin);
		await rp.signIn(browser, 'alice');
		moveTo(Date.now() + 15 * day);
		expect(await silently(browser)).toBe('login_required');
	});
});
