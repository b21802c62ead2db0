import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';
import * as client from 'openid-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startAppliance, type Appliance } from './appliance';
import { Browser, type Page } from './browser';
import { RelyingParty, userinfoStatus } from './relying-party';

let appliance: Appliance;
let listener: Server;
const notices: JWTPayload[] = [];
let answer = 200;
const bye = 'https://rp.example/bye';
const second = 1000;

async function readNotice(token: string): Promise<JWTPayload> {
	const issuer = appliance.issuer(4).href;
	const keys = createRemoteJWKSet(new URL(`${issuer}/oidc/jwks`));
	return (await jwtVerify(token, keys, { issuer, audience: 'told', typ: 'logout+jwt' })).payload;
}
const deliveries = async () => (await appliance.app(4)).store.read.logoutDeliveries.list(50);
const isSignedIn = async (browser: Browser) => {
	const rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'web', secret: 's' });
	return (await browser.open((await rp.request({ prompt: 'none' })).url)).url.searchParams.has('code');
};
const signIn = async (id: string, browser: Browser, as = 'alice') => {
	const rp = await RelyingParty.discover({
		issuer: appliance.issuer(4),
		id,
		...(id === 'web' ? { secret: 's' } : {}),
	});
	const tokens = await rp.signIn(browser, as);
	return { rp, ...tokens, sid: tokens.claims()?.['sid'] };
};
const logout = (browser: Browser, parameters: Record<string, string>): Promise<Page> =>
	browser.open(`${appliance.issuer(4).href}/oidc/logout?${new URLSearchParams(parameters).toString()}`);

beforeAll(async () => {
	appliance = await startAppliance();
	listener = createServer((req, res) => {
		let body = '';
		req.on('data', (chunk) => (body += String(chunk)));
		req.on('end', () => {
			if (answer === 200)
				void readNotice(new URLSearchParams(body).get('logout_token') ?? '')
					.then((notice) => notices.push(notice))
					.finally(() => res.writeHead(200).end());
			else res.writeHead(answer, { location: 'http://127.0.0.1:1/' }).end();
		});
	});
	await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
	await appliance.addApp(4);
	for (const name of ['alice', 'bob']) await appliance.addUser(4, name);
	await appliance.addClient(4, { id: 'web', secret: 's', postLogoutRedirectUris: [bye] });
	const backchannelLogoutUri = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/told`;
	await appliance.addClient(4, { id: 'told', backchannelLogoutUri });
});
beforeEach(async () => {
	const { store } = await appliance.app(4);
	for (const { id } of await deliveries())
		await store.write((tx) => tx.logoutDeliveries.settle(id, { status: 'delivered', now: 0 }));
	notices.length = 0;
	answer = 200;
});
afterEach(() => vi.useRealTimers());
afterAll(async () => {
	listener.closeAllConnections();
	listener.close();
	await appliance.close();
});

describe('logout by a relying party (A11)', () => {
	it('asks and ends the browser’s session also where the engine knows nothing of it', async () => {
		const browser = new Browser(appliance.origin);
		await browser.open(`${appliance.origin}/apps/4/account`, { identifier: 'bob' });
		const before = (await (await appliance.app(4)).store.read.sessions.listOfUser('u-bob')).length;
		const page = await logout(browser, { client_id: 'web', post_logout_redirect_uri: bye });
		const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
		expect(page.status).toBe(200);
		expect(xsrf).not.toBe('');
		const confirm = `${appliance.issuer(4).href}/oidc/logout/confirm`;
		expect((await browser.open(confirm, { xsrf, logout: 'yes' })).url.href).toBe(bye);
		const after = (await (await appliance.app(4)).store.read.sessions.listOfUser('u-bob')).length;
		expect(after).toBe(before - 1);
	});

	it('with the ID token of this user ends the session and comes back', async () => {
		const browser = new Browser(appliance.origin);
		const { rp, id_token, access_token } = await signIn('web', browser);
		const url = client.buildEndSessionUrl(rp.config, {
			id_token_hint: id_token ?? '',
			post_logout_redirect_uri: bye,
			state: 'st',
		});
		const page = await browser.open(url);
		expect(page).toMatchObject({ left: true, status: 303 });
		expect(page.url.href).toBe(`${bye}?state=st`);
		expect(await isSignedIn(browser)).toBe(false);
		expect(await userinfoStatus(appliance.issuer(4), access_token)).toBe(401);
		const { store } = await appliance.app(4);
		expect(await store.read.sessions.listOfUser('u-alice')).toEqual([]);
	});

	it('without one asks first; no is no, yes is yes', async () => {
		const browser = new Browser(appliance.origin);
		await signIn('web', browser);
		const asked = await logout(browser, { client_id: 'web', post_logout_redirect_uri: bye });
		expect(asked).toMatchObject({ left: false, status: 200 });
		expect(asked.body).toContain('Sign out of App 4?');
		expect(await isSignedIn(browser)).toBe(true);
		const again = await logout(browser, { client_id: 'web', post_logout_redirect_uri: bye });
		const xsrf = /name="xsrf" value="(\w+)"/.exec(again.body)?.[1] ?? '';
		const confirm = `${appliance.issuer(4).href}/oidc/logout/confirm`;
		expect((await browser.open(confirm, { xsrf: 'wrong', logout: 'yes' })).status).toBe(400);
		expect((await browser.open(confirm, { logout: 'yes' })).status).toBe(400);
		expect(await isSignedIn(browser)).toBe(true);
		expect((await browser.open(confirm, { xsrf, logout: 'yes' })).url.href).toBe(bye);
		expect(await isSignedIn(browser)).toBe(false);
	});

	it('with another user’s ID token asks too', async () => {
		const [mine, theirs] = [new Browser(appliance.origin), new Browser(appliance.origin)];
		await signIn('web', mine);
		const { id_token } = await signIn('web', theirs, 'bob');
		expect((await logout(mine, { id_token_hint: id_token ?? '' })).body).toContain('Sign out of App 4?');
		expect(await isSignedIn(mine)).toBe(true);
	});

	it.each([
		'https://evil.example/',
		`${bye}/`,
		`${bye}?x=1`,
		'https://RP.example/bye',
		'javascript:alert(1)',
		'//evil.example',
		'',
	])('does not redirect to %j', async (uri) => {
		const browser = new Browser(appliance.origin);
		const { id_token } = await signIn('web', browser);
		const page = await logout(browser, { id_token_hint: id_token ?? '', post_logout_redirect_uri: uri });
		expect(page.left).toBe(false);
	});

	it('without a client named goes nowhere else', async () => {
		const browser = new Browser(appliance.origin);
		const page = await logout(browser, { post_logout_redirect_uri: bye });
		expect(page).toMatchObject({ left: false, status: 200 });
		expect(page.body).toContain('You are signed out');
	});

	it('without a signed-in user redirects back at once', async () => {
		const page = await logout(new Browser(appliance.origin), {
			client_id: 'web',
			post_logout_redirect_uri: bye,
		});
		expect(page.url.href).toBe(bye);
	});

	it.each(['not.a.token', 'e30.e30.', ''.padEnd(3000, 'a')])(
		'with a hint like %s is refused',
		async (hint) => {
			const browser = new Browser(appliance.origin);
			await signIn('web', browser);
			expect((await logout(browser, { id_token_hint: hint })).status).toBe(400);
			expect(await isSignedIn(browser)).toBe(true);
		},
	);
});

describe('back-channel logout (A12)', () => {
	it('notifies each client that the session was used for, once, with its own notice', async () => {
		const browser = new Browser(appliance.origin);
		const { id_token, sid } = await signIn('told', browser);
		await signIn('web', browser);
		await logout(browser, { id_token_hint: id_token ?? '' });
		expect(appliance.queued).toContain(4);
		expect(await appliance.engines.deliverLogouts(4)).toBe(1);
		expect(notices).toHaveLength(1);
		expect(notices[0]).toMatchObject({
			sub: 'u-alice',
			aud: 'told',
			sid,
			events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
		});
		expect(sid).toBeTypeOf('string');
		expect(notices[0]).not.toHaveProperty('nonce');
		expect(notices[0]?.jti).toBeTypeOf('string');
		expect(await appliance.engines.deliverLogouts(4)).toBe(0);
		expect((await deliveries())[0]).toMatchObject({ status: 'delivered', attempts: 1, error: null });
	});

	it('is tried again while the client is down; no user’s logout waits for it', async () => {
		const browser = new Browser(appliance.origin);
		const { id_token } = await signIn('told', browser);
		answer = 503;
		const began = performance.now();
		expect((await logout(browser, { id_token_hint: id_token ?? '' })).status).toBe(200);
		expect(performance.now() - began).toBeLessThan(3000);
		expect(await isSignedIn(browser)).toBe(false);
		await appliance.engines.deliverLogouts(4);
		expect((await deliveries())[0]).toMatchObject({ status: 'queued', attempts: 1, clientId: 'told' });
		expect((await deliveries())[0]?.error).toContain('503');
		expect(await appliance.engines.deliverLogouts(4)).toBe(0);
		answer = 200;
		vi.useFakeTimers({ toFake: ['Date'] });
		vi.setSystemTime(Date.now() + 11 * second);
		expect(await appliance.engines.deliverLogouts(4)).toBe(1);
		expect(notices).toHaveLength(1);
		expect((await deliveries())[0]).toMatchObject({ status: 'delivered', attempts: 2 });
	});

	it('does not follow a client elsewhere, and gives up in the end', async () => {
		const browser = new Browser(appliance.origin);
		const { id_token } = await signIn('told', browser);
		answer = 302;
		await logout(browser, { id_token_hint: id_token ?? '' });
		vi.useFakeTimers({ toFake: ['Date'] });
		for (let attempt = 0; attempt < 12; attempt += 1) {
			await appliance.engines.deliverLogouts(4);
			vi.setSystemTime(Date.now() + 9 * 3600 * second);
		}
		expect((await deliveries())[0]).toMatchObject({ status: 'failed', attempts: 10 });
		expect(notices).toEqual([]);
	});

	it('is sent once where two workers look at the same queue', async () => {
		const browser = new Browser(appliance.origin);
		const { id_token } = await signIn('told', browser);
		await logout(browser, { id_token_hint: id_token ?? '' });
		await Promise.all([1, 2, 3, 4].map(() => appliance.engines.deliverLogouts(4)));
		expect(notices).toHaveLength(1);
	});

	it('follows when our own session ends, and when an account is closed', async () => {
		const { store } = await appliance.app(4);
		await signIn('told', new Browser(appliance.origin));
		await signIn('told', new Browser(appliance.origin));
		const [session] = await store.read.sessions.listOfUser('u-alice');
		await store.write((tx) => appliance.engines.link.endSession(tx, session?.engineSession ?? ''));
		expect(await appliance.engines.deliverLogouts(4)).toBe(1);
		await store.write((tx) => appliance.engines.link.endAccount(tx, 'u-alice'));
		await appliance.engines.deliverLogouts(4);
		expect(notices.length).toBeGreaterThanOrEqual(2);
	});

	it('goes nowhere once the client asks for it no more', async () => {
		const browser = new Browser(appliance.origin);
		const { id_token } = await signIn('told', browser);
		await logout(browser, { id_token_hint: id_token ?? '' });
		const { store } = await appliance.app(4);
		const told = await store.read.clients.find('told');
		if (told) await store.write((tx) => tx.clients.update({ ...told, backchannelLogoutUri: null }));
		await appliance.engines.deliverLogouts(4);
		expect(notices).toEqual([]);
		if (told) await store.write((tx) => tx.clients.update(told));
	});
});
