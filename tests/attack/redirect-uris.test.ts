/**
 * A04, A19: where an answer may go. A wrong redirect is reported on our page; nothing is sent to it, not even an
 * error.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../conformance/browser';
import { app, oneApp, password, startTarget, type Target } from './target';
import { post, send, type Got } from './wire';

let target: Target;
const apply = `${oneApp}  - id: 5
    name: Other
    clients:
      - { id: other, name: Other web, secret: a-secret-of-another, redirectUris: ['http://127.0.0.1:6666/cb'], postLogoutRedirectUris: ['http://127.0.0.1:6666/bye'] }
    users:
      - { username: alice, password: ${password} }
`;
beforeAll(async () => void (target = await startTarget({ apply })));
afterAll(() => target.stop());

const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const right = 'http://127.0.0.1:5555/cb';

const request = (redirect: string, change: Record<string, string> = {}) =>
	new URLSearchParams({
		client_id: 'web',
		response_type: 'code',
		scope: 'openid',
		code_challenge: challenge,
		code_challenge_method: 'S256',
		redirect_uri: redirect,
		...change,
	});

async function asks(query: string, { of = app, method = 'GET' } = {}): Promise<Got> {
	const path = `/apps/${of}/oidc/auth`;
	if (method === 'POST') {
		const sentOn = await post(target.at, path, Object.fromEntries(new URLSearchParams(query)), {
			host: new URL(target.origin).host,
		});
		const location = sentOn.headers.location ?? '';
		expect(location.startsWith(`${target.origin}${path}?`)).toBe(true);
		return send(target.at, { path: location.slice(target.origin.length), headers: { accept: 'text/html' } });
	}
	return send(target.at, { path: `${path}?${query}`, headers: { accept: 'text/html' } });
}

function expectLocal(got: Got, hint: string): void {
	expect(got.status, hint).toBe(400);
	expect(got.headers.location, hint).toBeUndefined();
	expect(got.headers['refresh'], hint).toBeUndefined();
	expect(got.body, hint).toContain('<h1');
	// Named as text at most: nothing that a browser would follow, run or post to, but the app's own site.
	expect(got.body, hint).not.toMatch(
		/(?:href|src|action)="?(?:[a-z+.-]+:)?\/\/(?!127\.0\.0\.1:\d+\/apps|localhost|demo\.example")|http-equiv|javascript:|<script>/i,
	);
}

/** Next to what is registered for `web`: one thing changed each. */
const near = [
	'http://127.0.0.1:5555/cb/',
	'http://127.0.0.1:5555/cb?',
	'http://127.0.0.1:5555/cb#',
	'http://127.0.0.1:5555/cb?x=1',
	'http://127.0.0.1:5555/cb#x',
	'http://127.0.0.1:5555/CB',
	'http://127.0.0.1:5555//cb',
	'http://127.0.0.1:5555/./cb',
	'http://127.0.0.1:5555/x/../cb',
	'http://127.0.0.1:5555/cb/..',
	'http://127.0.0.1:5555/%63b',
	'http://127.0.0.1:5555/cb%20',
	'http://127.0.0.1:5555/cb%00',
	'http://127.0.0.1:5555/cb%0d%0aLocation:%20//evil.example',
	'http://127.0.0.1:5555/cb;x',
	'http://127.0.0.1:5555/c',
	'http://127.0.0.1:5555/',
	'http://127.0.0.1:5555',
	'http://127.0.0.1:5556/cb',
	'http://127.0.0.1:05555/cb',
	'http://127.0.0.1/cb',
	'http://127.0.0.1:80/cb',
	'https://127.0.0.1:5555/cb',
	'HTTP://127.0.0.1:5555/cb',
	'http://127.0.0.1:5555\\cb',
	'http:/127.0.0.1:5555/cb',
	'http:127.0.0.1:5555/cb',
	'http:\\\\127.0.0.1:5555\\cb',
	'http://127.0.0.2:5555/cb',
	'http://127.1:5555/cb',
	'http://2130706433:5555/cb',
	'http://0x7f.0.0.1:5555/cb',
	'http://0177.0.0.1:5555/cb',
	'http://localhost:5555/cb',
	'http://[::1]:5555/cb',
	'http://[::ffff:127.0.0.1]:5555/cb',
	'http://0.0.0.0:5555/cb',
	'http://127.0.0.1:5555@evil.example/cb',
	'http://user@127.0.0.1:5555/cb',
	'http://user:pass@127.0.0.1:5555/cb',
	'http://127.0.0.1:5555.evil.example/cb',
	'http://evil.example/127.0.0.1:5555/cb',
	'http://evil.example?http://127.0.0.1:5555/cb',
	'http://evil.example#http://127.0.0.1:5555/cb',
	'http://evil.example\\@127.0.0.1:5555/cb',
	' http://127.0.0.1:5555/cb',
	'http://127.0.0.1:5555/cb ',
	'\thttp://127.0.0.1:5555/cb',
	'http://127.0.0.1:5555/cb\n',
	'http://127.0.0.1:5555/\ncb',
	'ht\ntp://127.0.0.1:5555/cb',
	'\u0000http://127.0.0.1:5555/cb',
	'http://127.0.0.1:5555/cb\u0000',
	'http://１２７.0.0.1:5555/cb',
	'http://127。0。0。1:5555/cb',
	'http://127.0.0.1.:5555/cb',
	'http://127.0.0.1:5555/cb\u200b',
	'http://127.0.0.1:5555/cｂ',
	'http://127.0.0.1:5555/cb,http://evil.example',
	`${right} ${right}`,
	`${right}|http://evil.example`,
	'https://rp.example/cb',
	'https://rp.example/cb?',
	'https://rp.example/cb?fixed=1&',
	'https://rp.example/cb?fixed=1&x=2',
	'https://rp.example/cb?fixed=1&fixed=1',
	'https://rp.example/cb?fixed=2',
	'https://rp.example/cb?FIXED=1',
	'https://rp.example/cb?fixed%3D1',
	'https://rp.example/cb?fixed=1#',
	'https://rp.example:443/cb?fixed=1',
	'https://rp.example./cb?fixed=1',
	'https://RP.example/cb?fixed=1',
	'https://xn--rp-.example/cb?fixed=1',
	'https://sub.rp.example/cb?fixed=1',
	'https://rp.example.evil.example/cb?fixed=1',
	'https://evilrp.example/cb?fixed=1',
	'https://rp.example%2eevil.example/cb?fixed=1',
	'https://rp.example%40evil.example/cb?fixed=1',
	'https://rp.example%ff.evil.example/cb?fixed=1',
	'https://rp。example/cb?fixed=1',
	'https://ｒｐ.example/cb?fixed=1',
	'https://rp.exampIe/cb?fixed=1',
	'http://rp.example/cb?fixed=1',
	'//rp.example/cb?fixed=1',
	'///rp.example/cb?fixed=1',
	'/cb',
	'cb',
	'',
	'.',
	'*',
	'https://*/cb',
	'https://*.example/cb?fixed=1',
	'null',
	'undefined',
	'[object Object]',
	'urn:ietf:wg:oauth:2.0:oob',
	'about:blank',
	'about:srcdoc',
	'javascript:alert(1)',
	'JaVaScRiPt:alert(1)//127.0.0.1:5555/cb',
	'javascript://127.0.0.1:5555/cb%0aalert(1)',
	'data:text/html,<script>alert(1)</script>',
	'vbscript:x',
	'file:///etc/passwd',
	'blob:http://127.0.0.1:5555/x',
	'view-source:http://127.0.0.1:5555/cb',
	'ftp://127.0.0.1:5555/cb',
	'ws://127.0.0.1:5555/cb',
	'intent://x#Intent;scheme=http;end',
	'com.example.app:/cb',
	'http://127.0.0.1:6666/cb',
	'web://127.0.0.1:5555/cb',
	'"><script>alert(1)</script>',
	`${right}${'a'.repeat(4000)}`,
];

/** `native` has a loopback redirect whose port alone is free, and a scheme of its own. */
const nearNative = [
	'http://127.0.0.1:8080/cb/',
	'http://127.0.0.1:8080/other',
	'http://127.0.0.1:8080/cb?x',
	'http://127.0.0.1:8080/cb#x',
	'https://127.0.0.1:8080/cb',
	'http://localhost:8080/cb',
	'http://[::1]:8080/cb',
	'http://127.0.0.2:8080/cb',
	'http://user@127.0.0.1:8080/cb',
	'http://127.0.0.1:8080@evil.example/cb',
	'http://127.0.0.1:99999/cb',
	'http://127.0.0.1:-1/cb',
	'http://127.0.0.1:0x50/cb',
	'http://127.0.0.1:8080\\@evil.example/cb',
	'http://127.0.0.1.evil.example:8080/cb',
	'com.example.app:/cb/',
	'com.example.app:/cb?x',
	'com.example.app://cb',
	'com.example.app:cb',
	'com.example.app2:/cb',
	'com.example:/cb',
	'com.example.app.evil:/cb',
	'com.example.app:/cb#x',
];

describe('A04: a redirect URI', () => {
	it('as registered is taken, so that what follows refuses for the right reason', async () => {
		for (const uri of [right, 'https://rp.example/cb?fixed=1'])
			expect((await asks(request(uri).toString())).status).toBe(303);
		for (const uri of ['http://127.0.0.1:49152/cb', 'http://127.0.0.1/cb', 'com.example.app:/cb'])
			expect((await asks(request(uri, { client_id: 'native' }).toString())).status, uri).toBe(303);
	});

	it(`of ${near.length} near misses is never taken`, async () => {
		expect(near.length).toBeGreaterThanOrEqual(100);
		expect(new Set(near).size).toBe(near.length);
		for (const uri of near) expectLocal(await asks(request(uri).toString()), JSON.stringify(uri));
	});

	it('posted as a form is treated alike', async () => {
		for (const uri of near.filter((one) => one.length < 500).slice(0, 60))
			expectLocal(await asks(request(uri).toString(), { method: 'POST' }), JSON.stringify(uri));
	});

	it(`of ${nearNative.length} near misses of a native client is never taken: only the port is free`, async () => {
		for (const uri of nearNative)
			expectLocal(await asks(request(uri, { client_id: 'native' }).toString()), JSON.stringify(uri));
	});

	it.each([
		['missing', (all: URLSearchParams) => all.delete('redirect_uri')],
		['twice, right one first', (all: URLSearchParams) => all.append('redirect_uri', 'http://evil.example/')],
		[
			'twice, right one last',
			(all: URLSearchParams) => (
				all.set('redirect_uri', 'http://evil.example/'),
				all.append('redirect_uri', right)
			),
		],
		[
			'as an array',
			(all: URLSearchParams) => (all.delete('redirect_uri'), all.append('redirect_uri[]', right)),
		],
		[
			'in another spelling',
			(all: URLSearchParams) => (all.delete('redirect_uri'), all.append('Redirect_Uri', right)),
		],
		['with an unknown client', (all: URLSearchParams) => all.set('client_id', 'nobody')],
		['with the client twice', (all: URLSearchParams) => all.append('client_id', 'native')],
		['without a client', (all: URLSearchParams) => all.delete('client_id')],
		['with a client of strange characters', (all: URLSearchParams) => all.set('client_id', 'web\u0000')],
	])('%s is refused on the spot', async (_, change) => {
		const all = request(right);
		change(all);
		expectLocal(await asks(all.toString()), all.toString());
	});

	it.each([
		[
			'request object',
			{ request: 'eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJodHRwOi8vZXZpbC5leGFtcGxlLyJ9.' },
		],
		['request_uri', { request_uri: 'http://127.0.0.1:1/evil' }],
		['registration', { registration: '{"redirect_uris":["http://evil.example/"]}' }],
		['web_message', { response_mode: 'web_message', web_message_uri: 'http://evil.example/' }],
		['fragment', { response_mode: 'fragment' }],
		['form_post', { response_mode: 'form_post' }],
		['token', { response_type: 'token' }],
		['none', { response_type: 'none' }],
		['prompt none', { prompt: 'none' }],
		['unknown scope', { scope: 'openid nonsense admin' }],
		['resource', { resource: 'http://evil.example/' }],
	])('is the only place an answer goes: %s', async (_, change) => {
		const got = await asks(request(right, change).toString());
		const location = got.headers.location;
		if (location === undefined) expect(got.body).not.toContain('evil.example');
		else
			expect(
				location.startsWith(right) || location.startsWith(`${target.origin}/apps/${app}/interaction/`),
				location,
			).toBe(true);
		expect([200, 303, 400]).toContain(got.status);
	});

	it('after signing out goes to none but the registered ones', async () => {
		for (const uri of [
			'http://127.0.0.1:5555/bye/',
			'http://127.0.0.1:5555/cb',
			'http://evil.example/',
			'//evil.example',
			'javascript:alert(1)',
			'http://127.0.0.1:5555/bye#x',
			'http://127.0.0.1:6666/bye',
		]) {
			const got = await send(target.at, {
				path: `/apps/${app}/oidc/logout?client_id=web&post_logout_redirect_uri=${encodeURIComponent(uri)}`,
				headers: { accept: 'text/html' },
			});
			expectLocal(got, uri);
		}
	});
});

interface Tokens {
	access_token: string;
	refresh_token: string;
	id_token: string;
}

const basic = (id: string, secret: string) => ({
	authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});
const web = basic('web', 'a-secret-of-the-client');
const other = basic('other', 'a-secret-of-another');

/** Signs alice in at `web` and brings the code back. */
async function codeFor(browser: Browser): Promise<string> {
	const query = request(right, { scope: 'openid profile offline_access', prompt: 'consent' });
	const login = await browser.open(`${target.origin}/apps/${app}/oidc/auth?${query.toString()}`);
	const consent = await browser.open(login.url, { identifier: 'alice', password });
	const back = await browser.open(consent.url, { decision: 'allow' });
	expect(back.left).toBe(true);
	return back.url.searchParams.get('code') ?? '';
}

const redeem = (of: number, fields: Record<string, string>, headers: Record<string, string>) =>
	post(target.at, `/apps/${of}/oidc/token`, fields, headers);

describe('A19: what belongs to one app is worth nothing at another', () => {
	it('client, code, refresh token, access token, ID token and session of app 4 at app 5', async () => {
		const browser = new Browser(target.origin);
		const code = await codeFor(browser);
		const exchange = { grant_type: 'authorization_code', code, redirect_uri: right, code_verifier: verifier };
		expect((await redeem(5, exchange, web)).status).toBe(401);
		expect((await redeem(5, exchange, other)).status).toBe(400);
		const got = await redeem(app, exchange, web);
		expect(got.status).toBe(200);
		const tokens = JSON.parse(got.body) as Tokens;

		const renewal = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
		expect((await redeem(5, renewal, web)).status).toBe(401);
		expect((await redeem(5, renewal, other)).status).toBe(400);
		const bearer = { authorization: `Bearer ${tokens.access_token}` };
		expect((await send(target.at, { path: '/apps/5/oidc/userinfo', headers: bearer })).status).toBe(401);
		expect((await target.api('me.get', { app: 5, headers: bearer })).status).toBe(401);
		const seen = await post(target.at, '/apps/5/oidc/introspection', { token: tokens.access_token }, other);
		expect(JSON.parse(seen.body)).toEqual({ active: false });
		expect(
			(await post(target.at, '/apps/5/oidc/revocation', { token: tokens.refresh_token }, other)).status,
		).toBe(200);

		const cookie = browser.headerFor('/');
		expect((await target.api('me.get', { app: 4, headers: { cookie } })).status).toBe(200);
		expect((await target.api('me.get', { app: 5, headers: { cookie } })).status).toBe(401);
		expect(
			(
				await target.api('me.get', {
					app: 5,
					headers: { cookie: cookie.replaceAll('menshen-4', 'menshen-5').replaceAll('op-4', 'op-5') },
				})
			).status,
		).toBe(401);
		const silent = request('http://127.0.0.1:6666/cb', {
			client_id: 'other',
			prompt: 'none',
			id_token_hint: tokens.id_token,
		});
		const hinted = await send(target.at, {
			path: `/apps/5/oidc/auth?${silent.toString()}`,
			headers: { cookie: cookie.replaceAll('-4', '-5') },
		});
		expect(hinted.headers.location ?? '').not.toContain('code=');
		const bye = `id_token_hint=${tokens.id_token}&post_logout_redirect_uri=${encodeURIComponent('http://127.0.0.1:6666/bye')}`;
		expect((await send(target.at, { path: `/apps/5/oidc/logout?${bye}`, headers: { cookie } })).status).toBe(
			400,
		);

		// Nothing of all this ended anything at home.
		expect((await send(target.at, { path: `/apps/${app}/oidc/userinfo`, headers: bearer })).status).toBe(200);
		expect((await redeem(app, renewal, web)).status).toBe(200);
		expect((await target.api('me.get', { app: 4, headers: { cookie } })).status).toBe(200);
	});

	it('two clients of one app: neither redeems, renews, sees nor revokes what the other holds', async () => {
		const code = await codeFor(new Browser(target.origin));
		const exchange = { grant_type: 'authorization_code', code, redirect_uri: right, code_verifier: verifier };
		expect((await redeem(app, { ...exchange, client_id: 'native' }, {})).status).toBe(400);
		const fresh = await codeFor(new Browser(target.origin));
		const tokens = JSON.parse((await redeem(app, { ...exchange, code: fresh }, web)).body) as Tokens;
		expect(
			(
				await redeem(
					app,
					{ grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id: 'native' },
					{},
				)
			).status,
		).toBe(400);
		await post(target.at, `/apps/${app}/oidc/revocation`, {
			token: tokens.access_token,
			client_id: 'native',
		});
		expect(
			(
				await send(target.at, {
					path: `/apps/${app}/oidc/userinfo`,
					headers: { authorization: `Bearer ${tokens.access_token}` },
				})
			).status,
		).toBe(200);
		const nobody = await post(target.at, `/apps/${app}/oidc/introspection`, {
			token: tokens.access_token,
			client_id: 'native',
		});
		expect(nobody.body).not.toContain('"active":true');
	});
});
