import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type Appliance } from './appliance';
import { Browser } from './browser';
import { postForm, redeemBare, refreshBare, RelyingParty, userinfoStatus } from './relying-party';

/** Two apps that look alike: the same client id, the same secret, the same username. */
let appliance: Appliance;
let a: RelyingParty;
let b: RelyingParty;
const offline = { scope: 'openid offline_access', prompt: 'consent' };
const invalidGrant = { status: 400, body: { error: 'invalid_grant' } };

beforeAll(async () => {
	appliance = await startAppliance();
	for (const id of [4, 5]) {
		await appliance.addApp(id);
		await appliance.addUser(id, 'alice');
		await appliance.addClient(id, {
			id: 'web',
			secret: 's',
			postLogoutRedirectUris: ['https://rp.example/bye'],
		});
	}
	await appliance.addClient(4, { id: 'only-a', secret: 's' });
	a = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'web', secret: 's' });
	b = await RelyingParty.discover({ issuer: appliance.issuer(5), id: 'web', secret: 's' });
});
afterAll(() => appliance.close());

describe('what one app issued means nothing to another (A19)', () => {
	it('a client', async () => {
		const url = new URL((await a.request()).url.href.replace('/apps/4/', '/apps/5/'));
		url.searchParams.set('client_id', 'only-a');
		expect(await new Browser(appliance.origin).open(url)).toMatchObject({ left: false, status: 400 });
		const answer = await postForm(`${appliance.issuer(5).href}/oidc/introspection`, {
			token: 'x',
			client_id: 'only-a',
			client_secret: 's',
		});
		expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
	});

	it('a code, and it still works at home', async () => {
		const { page, request } = await a.authorize(new Browser(appliance.origin), 'alice');
		const code = page.url.searchParams.get('code') ?? '';
		expect(await redeemBare(b, code, request)).toMatchObject(invalidGrant);
		expect((await redeemBare(a, code, request)).status).toBe(200);
	});

	it('access and refresh tokens', async () => {
		const tokens = await a.signIn(new Browser(appliance.origin), 'alice', offline);
		expect(await userinfoStatus(appliance.issuer(5), tokens.access_token)).toBe(401);
		expect(await client.tokenIntrospection(b.config, tokens.access_token)).toEqual({ active: false });
		expect(await refreshBare(b, tokens.refresh_token ?? '')).toMatchObject(invalidGrant);
		await client.tokenRevocation(b.config, tokens.refresh_token ?? '');
		expect(await userinfoStatus(appliance.issuer(4), tokens.access_token)).toBe(200);
		expect(await appliance.engines.findAccessToken(5, tokens.access_token)).toBeUndefined();
		expect((await refreshBare(a, tokens.refresh_token ?? '')).status).toBe(200);
	});

	it('session cookies, even under the other app’s name', async () => {
		const browser = new Browser(appliance.origin);
		await a.signIn(browser, 'alice');
		for (const cookie of browser.cookies)
			browser.add({ ...cookie, name: cookie.name.replace('menshen-4', 'menshen-5').replace('op-4', 'op-5') });
		const page = await browser.open((await b.request({ prompt: 'none' })).url);
		expect(page.url.searchParams.get('error')).toBe('login_required');
		expect(JSON.parse((await browser.open((await b.request()).url)).body)).toMatchObject({
			kind: 'login',
			canContinue: false,
		});
	});

	it('an interaction', async () => {
		const browser = new Browser(appliance.origin);
		const login = await browser.open((await a.request()).url);
		const there = login.url.pathname.replace('/apps/4/', '/apps/5/');
		for (const cookie of browser.cookies)
			browser.add({
				...cookie,
				path: cookie.path.replace('/apps/4/', '/apps/5/'),
				name: cookie.name.replace('-4', '-5'),
			});
		expect(await browser.open(appliance.origin + there, { identifier: 'alice' })).toMatchObject({
			status: 410,
		});
	});

	it('an ID token as a hint', async () => {
		const browser = new Browser(appliance.origin);
		const tokens = await a.signIn(browser, 'alice');
		await b.signIn(browser, 'alice');
		const hint = { id_token_hint: tokens.id_token ?? '' };
		expect((await browser.open(client.buildEndSessionUrl(b.config, hint))).status).toBe(400);
		const page = await browser.open((await b.request({ ...hint, prompt: 'none' })).url);
		expect(page.url.searchParams.get('error')).toBe('invalid_request');
		expect((await b.signIn(browser, 'alice')).asked).toEqual([]);
	});

	it('two apps live side by side in one browser, and signing out of one is that', async () => {
		const browser = new Browser(appliance.origin);
		const tokens = await a.signIn(browser, 'alice');
		await b.signIn(browser, 'alice');
		await browser.open(client.buildEndSessionUrl(a.config, { id_token_hint: tokens.id_token ?? '' }));
		expect((await b.signIn(browser, 'alice')).asked).toEqual([]);
		expect((await a.signIn(browser, 'alice')).asked).toEqual(['login']);
	});

	it('their keys differ', async () => {
		const kids = async (id: number) =>
			(
				(await (await fetch(`${appliance.issuer(id).href}/oidc/jwks`)).json()) as { keys: { kid: string }[] }
			).keys.map(({ kid }) => kid);
		const [four, five] = [await kids(4), await kids(5)];
		expect(four.filter((kid) => five.includes(kid))).toEqual([]);
	});
});
