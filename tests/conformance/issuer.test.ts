import { request as send, type OutgoingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type Appliance } from './appliance';
import { Browser } from './browser';
import { RelyingParty } from './relying-party';

let appliance: Appliance;
const spoofed = {
	host: 'evil.example',
	'x-forwarded-host': 'evil.example',
	'x-forwarded-proto': 'https',
	'x-forwarded-port': '444',
	forwarded: 'host=evil.example;proto=https',
};

interface Raw {
	status: number;
	headers: Record<string, string | string[] | undefined>;
	body: string;
}

/** fetch would not let a Host header through. */
function ask(path: string, headers: OutgoingHttpHeaders = {}, method = 'GET'): Promise<Raw> {
	const { hostname, port } = new URL(appliance.origin);
	return new Promise((resolve, reject) => {
		const req = send({ hostname, port, path, headers, method }, (res) => {
			let body = '';
			res.on('data', (chunk) => (body += String(chunk)));
			res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }));
		});
		req.on('error', reject);
		req.end();
	});
}

beforeAll(async () => {
	appliance = await startAppliance();
	await appliance.addApp(4);
	await appliance.addUser(4, 'alice');
	await appliance.addClient(4, { id: 'web', secret: 's3cret' });
});
afterAll(() => appliance.close());

describe('the issuer (A02)', () => {
	it.each(['openid-configuration', 'oauth-authorization-server'])(
		'is in %s as in ORIGIN, whatever the caller sends',
		async (name) => {
			const { status, body } = await ask(`/apps/4/.well-known/${name}`, spoofed);
			const document = JSON.parse(body) as Record<string, unknown>;
			expect(status).toBe(200);
			expect(document['issuer']).toBe(`${appliance.origin}/apps/4`);
			const addresses = Object.entries(document).filter(
				([key]) => key.endsWith('_endpoint') || key === 'jwks_uri',
			);
			expect(addresses.length).toBeGreaterThanOrEqual(7);
			for (const [, address] of addresses)
				expect(address).toMatch(new RegExp(`^${appliance.origin}/apps/4/oidc/`));
		},
	);

	it('is in every redirect and cookie of an authorization', async () => {
		const rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'web', secret: 's3cret' });
		const { url } = await rp.request();
		const { status, headers } = await ask(url.pathname + url.search, spoofed);
		expect(status).toBe(303);
		expect(headers['location']).toMatch(new RegExp(`^${appliance.origin}/apps/4/interaction/`));
		expect(String(headers['set-cookie'])).not.toMatch(/evil|domain|secure/i);
	});

	it('offers the code flow with PKCE only (A10)', async () => {
		const document = JSON.parse((await ask('/apps/4/.well-known/openid-configuration')).body) as Record<
			string,
			unknown
		>;
		expect(document).toMatchObject({
			response_types_supported: ['code'],
			grant_types_supported: ['authorization_code', 'refresh_token'],
			code_challenge_methods_supported: ['S256'],
			id_token_signing_alg_values_supported: ['RS256', 'ES256'],
			token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
			request_uri_parameter_supported: false,
			authorization_response_iss_parameter_supported: true,
			backchannel_logout_supported: true,
		});
		expect(document).not.toHaveProperty('registration_endpoint');
		expect(document).not.toHaveProperty('pushed_authorization_request_endpoint');
	});
});

describe('discovery and key set', () => {
	it.each(['/apps/4/.well-known/openid-configuration', '/apps/4/oidc/jwks'])(
		'%s may be read by any site and cached for a while',
		async (path) => {
			const got = await ask(path, { origin: 'https://anybody.example' });
			expect(got.headers).toMatchObject({
				'access-control-allow-origin': '*',
				'cache-control': 'public, max-age=300',
			});
			const head = await ask(`${path}?x=1`, {}, 'HEAD');
			expect(head).toMatchObject({ status: 200, body: '' });
			expect(head.headers['content-length']).toBe(String(Buffer.byteLength(got.body)));
			expect(await ask(path, { origin: 'https://anybody.example' }, 'OPTIONS')).toMatchObject({
				status: 204,
			});
			expect(await ask(path, {}, 'POST')).toMatchObject({ status: 405 });
			expect(await ask(path, {}, 'DELETE')).toMatchObject({ status: 405 });
		},
	);

	it('never shows a private key', async () => {
		const { keys } = JSON.parse((await ask('/apps/4/oidc/jwks')).body) as { keys: Record<string, unknown>[] };
		expect(keys.map((key) => key['alg'])).toEqual(['RS256', 'ES256']);
		for (const key of keys)
			for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(key).not.toHaveProperty(secret);
	});
});

describe('strange addresses', () => {
	it.each([
		'/apps/5/.well-known/openid-configuration',
		'/apps/0/oidc/auth',
		'/apps/04/oidc/jwks',
		'/apps/%34/oidc/jwks',
		'/apps/4%2f/oidc/jwks',
		'/apps//oidc/jwks',
		'/apps/-1/oidc/token',
		'/apps/1e3/oidc/token',
		'/apps/1000000/oidc/token',
		'/apps/..%2f4/oidc/token',
	])('%s is not an app', async (path) => {
		const { status, body } = await ask(path);
		expect(status).toBe(404);
		expect(JSON.parse(body)).toEqual({ error: 'invalid_request', error_description: 'app/not-found' });
	});

	it.each([
		'/apps/4/oidc',
		'/apps/4/oidc/',
		'/apps/4/oidc/TOKEN',
		'/apps/4/oidc/token/',
		'/apps/4/oidc/../oidc/token',
		'/apps/4/oidc//token',
		'/apps/4/oidc/auth/..',
		'/apps/4/oidc/reg',
		'/apps/4/oidc/device',
		'/apps/4/oidc/request',
		'/apps/4/oidc/auth/a/b',
		'/apps/4/oidc/%74oken',
	])('%s is not a page of an app', async (path) => {
		expect(await ask(path)).toMatchObject({
			status: 404,
			body: '{"error":"invalid_request","error_description":"edge/not-found"}',
		});
	});

	it.each([
		'/',
		'/apps/4',
		'/apps/4/oidcx',
		'/apps/4/.well-known/other',
		'/x/apps/4/oidc/token',
		'//apps/4/oidc/token',
	])('%s is left to others', async (path) => {
		const { body } = await ask(path);
		expect(body).toBe('{}');
	});
});

it('under https marks its cookies and says so to browsers', async () => {
	const secure = await startAppliance({ origin: 'https://id.example' });
	try {
		await secure.addApp(4);
		await secure.addUser(4, 'alice');
		await secure.addClient(4, { id: 'ours', firstParty: true });
		const { port } = secure.address;
		const browser = new Browser('https://id.example', `http://127.0.0.1:${port}`);
		const query =
			'client_id=ours&response_type=code&redirect_uri=https%3A%2F%2Frp.example%2Fcb&scope=openid&code_challenge_method=S256';
		const login = await browser.open(
			`https://id.example/apps/4/oidc/auth?${query}&code_challenge=${'c'.repeat(43)}`,
		);
		expect(login.url.origin).toBe('https://id.example');
		const page = await browser.open(login.url, { identifier: 'alice' });
		expect(page.url.href).toMatch(/^https:\/\/rp\.example\/cb\?code=/);
		expect(page.headers.get('strict-transport-security')).toContain('max-age');
		expect(browser.cookies.map((cookie) => cookie.name).sort()).toEqual(
			expect.arrayContaining([
				'__Host-menshen-4',
				'__Host-menshen-op-4',
				'__Host-menshen-op-4.sig',
				'__Secure-menshen-in-4',
			]),
		);
		for (const cookie of browser.cookies) expect(cookie).toMatchObject({ secure: true });
	} finally {
		await secure.close();
	}
});
