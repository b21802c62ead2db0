import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type Appliance } from './appliance';
import { Browser } from './browser';
import { RelyingParty } from './relying-party';

let appliance: Appliance;
const web = () => RelyingParty.discover({ issuer: appliance.issuer(4), id: 'web', secret: 's3cret' });

beforeAll(async () => {
	appliance = await startAppliance();
	await appliance.addApp(4);
	await appliance.addUser(4, 'alice', { email: 'alice@example.com', emailVerified: true, roles: ['editor'] });
	await appliance.addUser(4, 'bob', { email: 'bob@example.com' });
	await appliance.addClient(4, { id: 'web', secret: 's3cret' });
	await appliance.addClient(4, { id: 'elliptic', idTokenAlg: 'ES256' });
	await appliance.addClient(4, { id: 'ours', firstParty: true });
	await appliance.addClient(4, { id: 'reads-only', secret: 'r', redirectUris: [] });
});
afterAll(() => appliance.close());

describe('an independent relying party', () => {
	it('gets a person signed in, and again without asking', async () => {
		const rp = await web();
		const browser = new Browser(appliance.origin);
		const tokens = await rp.signIn(browser, 'alice');
		expect(tokens.asked).toEqual(['login', 'consent']);
		expect(tokens.claims()).toMatchObject({
			iss: appliance.issuer(4).href,
			aud: 'web',
			sub: 'u-alice',
			amr: ['pwd'],
		});
		expect(tokens.claims()?.['auth_time']).toBeTypeOf('number');
		expect((await rp.signIn(browser, 'alice')).asked).toEqual([]);
	});

	it('reads the consented claims and no others, in the ID token too', async () => {
		const rp = await web();
		const tokens = await rp.signIn(new Browser(appliance.origin), 'alice', { scope: 'openid email role' });
		const info = await client.fetchUserInfo(rp.config, tokens.access_token, 'u-alice');
		expect(info).toEqual({
			sub: 'u-alice',
			email: 'alice@example.com',
			email_verified: true,
			role: 'editor',
			roles: ['editor'],
		});
		expect(tokens.claims()).toMatchObject({ email: 'alice@example.com', role: 'editor' });
		expect(tokens.claims()).not.toHaveProperty('name');
	});

	it('gets no email as verified when it is not', async () => {
		const rp = await web();
		const tokens = await rp.signIn(new Browser(appliance.origin), 'bob', { scope: 'openid email' });
		expect(await client.fetchUserInfo(rp.config, tokens.access_token, 'u-bob')).toMatchObject({
			email_verified: false,
		});
	});

	it('may use its secret in the form as well as in the header', async () => {
		const rp = await RelyingParty.discover({
			issuer: appliance.issuer(4),
			id: 'web',
			secret: 's3cret',
			auth: client.ClientSecretPost('s3cret'),
		});
		expect((await rp.signIn(new Browser(appliance.origin), 'alice')).access_token).toBeTypeOf('string');
	});

	it('gets ES256 where it is registered for it', async () => {
		const rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'elliptic' });
		const tokens = await rp.signIn(new Browser(appliance.origin), 'alice');
		expect(
			JSON.parse(Buffer.from(tokens.id_token?.split('.')[0] ?? '', 'base64url').toString()),
		).toMatchObject({ alg: 'ES256' });
	});

	it('may take the answer as a form', async () => {
		const rp = await web();
		const browser = new Browser(appliance.origin);
		await rp.signIn(browser, 'alice');
		const { url } = await rp.request({ response_mode: 'form_post' });
		const page = await browser.open(url);
		expect(page.status).toBe(200);
		expect(page.body).toContain('action="https://rp.example/cb"');
		expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self' 'sha256-/);
	});

	it('may ask by a form itself', async () => {
		const rp = await web();
		const { url } = await rp.request();
		const page = await new Browser(appliance.origin).open(
			url.origin + url.pathname,
			Object.fromEntries(url.searchParams),
		);
		expect(JSON.parse(page.body)).toMatchObject({ kind: 'login', client: { id: 'web' } });
	});

	it('without redirect URIs only asks about tokens', async () => {
		const rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'reads-only', secret: 'r' });
		expect(await client.tokenIntrospection(rp.config, 'unknown')).toEqual({ active: false });
		expect((await rp.authorize(new Browser(appliance.origin), 'alice')).page).toMatchObject({
			left: false,
			status: 400,
		});
	});
});

describe('the pages', () => {
	it('show which client asks, and what it hints at', async () => {
		const rp = await web();
		const { url } = await rp.request({
			login_hint: 'alice@example.com',
			ui_locales: 'zh-CN en',
			connector: 'password',
		});
		const page = await new Browser(appliance.origin).open(url);
		expect(JSON.parse(page.body)).toMatchObject({
			kind: 'login',
			client: { id: 'web', name: 'web', website: '', destination: 'rp.example', firstParty: false },
			loginHint: 'alice@example.com',
			uiLocales: 'zh-CN en',
			connector: 'password',
			fresh: false,
			canContinue: false,
		});
	});

	it('can turn back: the client hears that access was denied', async () => {
		const rp = await web();
		const browser = new Browser(appliance.origin);
		const request = await rp.request();
		const login = await browser.open(request.url);
		const left = await browser.open(login.url, { abort: '1' });
		expect(left.url.href).toContain('error=access_denied');
		expect(left.url.searchParams.get('state')).toBe(request.state);
	});

	it('are distinguished by the cookie of the browser that began', async () => {
		const rp = await web();
		const [mine, theirs] = [new Browser(appliance.origin), new Browser(appliance.origin)];
		const [page, other] = [
			await mine.open((await rp.request()).url),
			await theirs.open((await rp.request()).url),
		];
		expect(JSON.parse((await theirs.open(page.url)).body)).toEqual({ code: 'interaction/expired' });
		const own = theirs.cookies.filter((cookie) => cookie.path === other.url.pathname);
		for (const cookie of own) theirs.add({ ...cookie, path: page.url.pathname });
		expect(await theirs.open(page.url)).toMatchObject({
			status: 410,
			body: '{"code":"interaction/not-yours"}',
		});
		for (const cookie of own.filter(({ name }) => name.endsWith('.sig')))
			theirs.add({ ...cookie, path: page.url.pathname, value: 'x' });
		expect(JSON.parse((await theirs.open(page.url, { identifier: 'alice' })).body)).toEqual({
			code: 'interaction/expired',
		});
		expect((await mine.open(page.url)).status).toBe(200);
	});

	it('cannot finish twice', async () => {
		const rp = await web();
		const browser = new Browser(appliance.origin);
		const login = await browser.open((await rp.request()).url);
		await browser.open(login.url, { identifier: 'alice' });
		expect(await browser.open(login.url, { identifier: 'alice' })).toMatchObject({
			status: 410,
			body: '{"code":"interaction/expired"}',
		});
	});
});
