import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type Appliance } from './appliance';
import { Browser, type Page } from './browser';
import { RelyingParty } from './relying-party';

let appliance: Appliance;
const challenge = { code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' };

beforeAll(async () => {
	appliance = await startAppliance();
	await appliance.addApp(4);
	await appliance.addUser(4, 'alice');
	await appliance.addClient(4, { id: 'public' });
	await appliance.addClient(4, { id: 'confidential', secret: 's' });
	await appliance.addClient(4, { id: 'ours', secret: 's', firstParty: true });
	await appliance.addClient(4, { id: 'old', secret: 's', pkceRequired: false });
	// What no form lets through, should a row say it all the same.
	await appliance.addClient(4, { id: 'odd', pkceRequired: false });
});
afterAll(() => appliance.close());

function ask(id: string, parameters: Record<string, string>): Promise<Page> {
	const base = {
		client_id: id,
		response_type: 'code',
		redirect_uri: 'https://rp.example/cb',
		scope: 'openid',
		state: 'x',
	};
	const query = new URLSearchParams({ ...base, ...parameters });
	return new Browser(appliance.origin).open(`${appliance.issuer(4).href}/oidc/auth?${query.toString()}`);
}

/** Some response types are answered in the fragment. */
const errorOf = ({ url, left }: Page) =>
	left
		? (url.searchParams.get('error') ?? new URLSearchParams(url.hash.slice(1)).get('error'))
		: 'not sent back';

describe('PKCE (A05)', () => {
	it.each(['public', 'confidential', 'ours', 'odd'])(
		'is asked of the client %s, nonce or not',
		async (id) => {
			expect(errorOf(await ask(id, {}))).toBe('invalid_request');
			expect(errorOf(await ask(id, { nonce: 'n' }))).toBe('invalid_request');
			expect(JSON.parse((await ask(id, challenge)).body)).toMatchObject({ kind: 'login' });
		},
	);

	it.each(['public', 'confidential', 'old'])('is never plain for %s', async (id) => {
		expect(errorOf(await ask(id, { ...challenge, code_challenge_method: 'plain', nonce: 'n' }))).toBe(
			'invalid_request',
		);
		expect(errorOf(await ask(id, { code_challenge: 'c'.repeat(43), nonce: 'n' }))).toBe('invalid_request');
		expect(errorOf(await ask(id, { code_challenge_method: 'S256', nonce: 'n' }))).toBe('invalid_request');
		expect(errorOf(await ask(id, { ...challenge, code_challenge: 'short', nonce: 'n' }))).toBe(
			'invalid_request',
		);
	});

	it('may be left out by a confidential client that was let off, if it sends a nonce', async () => {
		expect(errorOf(await ask('old', {}))).toBe('invalid_request');
		expect(JSON.parse((await ask('old', { nonce: 'n' })).body)).toMatchObject({ kind: 'login' });
		const rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'old', secret: 's' });
		const request = await rp.request();
		for (const name of ['code_challenge', 'code_challenge_method']) request.url.searchParams.delete(name);
		const browser = new Browser(appliance.origin);
		const login = await browser.open(request.url);
		const consent = await browser.open(login.url, { identifier: 'alice' });
		const { url } = await browser.open(consent.url, { decision: 'allow' });
		const tokens = await client.authorizationCodeGrant(rp.config, url, {
			expectedNonce: request.nonce,
			expectedState: request.state,
		});
		expect(tokens.claims()?.nonce).toBe(request.nonce);
	});

	it('holds at the token endpoint: wrong, missing and needless verifiers fail', async () => {
		const rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'confidential', secret: 's' });
		const browser = new Browser(appliance.origin);
		for (const verifier of ['w'.repeat(43), '', undefined]) {
			const { page, request } = await rp.authorize(browser, 'alice');
			const attempt = client.authorizationCodeGrant(rp.config, page.url, {
				expectedNonce: request.nonce,
				expectedState: request.state,
				...(verifier === undefined ? {} : { pkceCodeVerifier: verifier }),
			});
			await expect(attempt).rejects.toMatchObject({ error: 'invalid_grant' });
		}
	});
});

describe('other flows (A10)', () => {
	it.each([
		'token',
		'id_token',
		'id_token token',
		'code token',
		'code id_token',
		'code id_token token',
		'none',
		'password',
		'',
	])('there is no response type %j', async (response_type) => {
		const page = await ask('public', { ...challenge, nonce: 'n', response_type });
		expect(['unsupported_response_type', 'invalid_request']).toContain(errorOf(page));
		expect(page.url.href).not.toMatch(/access_token|id_token=|code=/);
	});

	it.each([
		'password',
		'client_credentials',
		'implicit',
		'urn:ietf:params:oauth:grant-type:device_code',
		'urn:openid:params:grant-type:ciba',
		'urn:ietf:params:oauth:grant-type:jwt-bearer',
		'x',
		'',
	])('there is no grant %j', async (grant_type) => {
		const response = await fetch(`${appliance.issuer(4).href}/oidc/token`, {
			method: 'POST',
			headers: { authorization: `Basic ${btoa('confidential:s')}` },
			body: new URLSearchParams({ grant_type, username: 'alice', password: 'x', scope: 'openid' }),
		});
		expect(response.status).toBe(400);
		expect(['unsupported_grant_type', 'invalid_request']).toContain(
			((await response.json()) as { error: string }).error,
		);
	});

	it.each(['request', 'request_uri', 'registration'])('a %s parameter is refused', async (name) => {
		const page = await ask('public', {
			...challenge,
			[name]: name === 'request_uri' ? 'https://evil.example/r' : 'eyJhbGciOiJub25lIn0.e30.',
		});
		expect(errorOf(page)).toBe(`${name}_not_supported`);
	});

	it('an ID token without a signature is not accepted as a hint', async () => {
		const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
		const claims = { iss: appliance.issuer(4).href, aud: 'public', sub: 'u-alice', exp: 9e9, iat: 1 };
		const page = await ask('public', {
			...challenge,
			id_token_hint: `${part({ alg: 'none' })}.${part(claims)}.`,
		});
		expect(errorOf(page)).toBe('invalid_request');
	});
});

it('scopes of our own API are for first-party clients', async () => {
	expect(errorOf(await ask('public', { ...challenge, scope: 'openid menshen.admin' }))).toBe('invalid_scope');
	expect(errorOf(await ask('confidential', { ...challenge, scope: 'openid menshen.me' }))).toBe(
		'invalid_scope',
	);
	expect(JSON.parse((await ask('ours', { ...challenge, scope: 'openid menshen.me' })).body)).toMatchObject({
		kind: 'login',
	});
});
