import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type Appliance } from './appliance';
import { Browser } from './browser';
import { postForm, RelyingParty, userinfoStatus } from './relying-party';

let appliance: Appliance;
const secrets: Record<string, string> = { a: 'secret-a', b: 'secret-b' };
const inactive = { status: 200, body: { active: false } };

const endpoint = (name: string) => `${appliance.issuer(4).href}/oidc/${name}`;
const as = (id: string): Record<string, string> => ({
	client_id: id,
	...(secrets[id] ? { client_secret: secrets[id] } : {}),
});
const introspect = (id: string, token: string, extra: Record<string, string> = {}) =>
	postForm(endpoint('introspection'), { token, ...as(id), ...extra });
const revoke = (id: string, token: string) => postForm(endpoint('revocation'), { token, ...as(id) });
const userinfo = (token: string) => userinfoStatus(appliance.issuer(4), token);

async function tokensOf(id: string) {
	const secret = secrets[id];
	const rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id, ...(secret ? { secret } : {}) });
	const tokens = await rp.signIn(new Browser(appliance.origin), 'alice', {
		scope: 'openid email offline_access',
		prompt: 'consent',
	});
	return { access: tokens.access_token, refresh: tokens.refresh_token ?? '' };
}

beforeAll(async () => {
	appliance = await startAppliance();
	await appliance.addApp(4);
	await appliance.addUser(4, 'alice');
	for (const [id, secret] of Object.entries(secrets))
		await appliance.addClient(4, {
			id,
			secret,
			redirectUris: [`https://${id}.example/cb`, 'https://rp.example/cb'],
		});
	await appliance.addClient(4, {
		id: 'public',
		redirectUris: ['https://rp.example/cb', 'https://spa.example/x', 'com.example.app:/cb'],
		applicationType: 'native',
	});
});
afterAll(() => appliance.close());

describe('introspection (A15)', () => {
	it('describes a client’s own tokens to it', async () => {
		const { access, refresh } = await tokensOf('a');
		expect(await introspect('a', access)).toMatchObject({
			status: 200,
			body: {
				active: true,
				sub: 'u-alice',
				client_id: 'a',
				scope: 'openid email offline_access',
				token_type: 'Bearer',
				iss: appliance.issuer(4).href,
			},
		});
		expect(await introspect('a', refresh, { token_type_hint: 'refresh_token' })).toMatchObject({
			body: { active: true },
		});
		expect(await introspect('a', refresh, { token_type_hint: 'access_token' })).toMatchObject({
			body: { active: true },
		});
	});

	it('shows it nothing of another’s', async () => {
		const { access, refresh } = await tokensOf('a');
		expect(await introspect('b', access)).toEqual(inactive);
		expect(await introspect('b', refresh)).toEqual(inactive);
		expect(await introspect('a', 'unknown')).toEqual(inactive);
	});

	it('shows nothing to a caller that cannot prove to be a client', async () => {
		const { access } = await tokensOf('public');
		expect(await introspect('public', access)).toEqual(inactive);
		expect((await postForm(endpoint('introspection'), { token: access })).status).toBe(400);
		expect((await postForm(endpoint('introspection'), { token: access, client_id: 'a' })).status).toBe(401);
		expect(
			(await postForm(endpoint('introspection'), { token: access, client_id: 'a', client_secret: 'wrong' }))
				.status,
		).toBe(401);
		expect(
			(await postForm(endpoint('introspection'), { token: access, client_id: 'nobody', client_secret: 'x' }))
				.status,
		).toBe(401);
	});
});

describe('revocation (A15)', () => {
	it('ends a token, and with a refresh token all that came of it', async () => {
		const one = await tokensOf('a');
		expect((await revoke('a', one.access)).status).toBe(200);
		expect(await userinfo(one.access)).toBe(401);
		const two = await tokensOf('a');
		expect((await revoke('a', two.refresh)).status).toBe(200);
		expect(await userinfo(two.access)).toBe(401);
		expect(await introspect('a', two.refresh)).toEqual(inactive);
	});

	it('is content with tokens that do not exist, twice too', async () => {
		const { refresh } = await tokensOf('a');
		expect((await revoke('a', 'unknown')).status).toBe(200);
		expect((await revoke('a', refresh)).status).toBe(200);
		expect((await revoke('a', refresh)).status).toBe(200);
	});

	it('does nothing to another client’s, and does not say so', async () => {
		const { access, refresh } = await tokensOf('a');
		expect(await revoke('b', access)).toEqual(await revoke('b', 'unknown'));
		expect((await revoke('b', refresh)).status).toBe(200);
		expect(await userinfo(access)).toBe(200);
		expect(
			(await postForm(endpoint('revocation'), { token: access, client_id: 'a', client_secret: 'wrong' }))
				.status,
		).toBe(401);
		expect(await userinfo(access)).toBe(200);
	});

	it('of one browser’s tokens leaves another browser’s alone', async () => {
		const [one, two] = [await tokensOf('a'), await tokensOf('a')];
		await revoke('a', one.refresh);
		expect(await userinfo(two.access)).toBe(200);
	});
});

describe('calls from other origins', () => {
	const ask = async (path: string, origin: string, init: RequestInit = {}) => {
		const response = await fetch(endpoint(path), {
			...init,
			headers: { origin, ...(init.headers as Record<string, string>) },
		});
		await response.arrayBuffer();
		return {
			status: response.status,
			allowed: response.headers.get('access-control-allow-origin'),
			credentials: response.headers.get('access-control-allow-credentials'),
		};
	};
	const preflight = {
		method: 'OPTIONS',
		headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
	};

	it.each(['token', 'userinfo', 'revocation'])(
		'%s answers the preflights of registered origins only',
		async (path) => {
			for (const origin of ['https://spa.example', 'https://a.example', 'https://rp.example'])
				expect(await ask(path, origin, preflight)).toEqual({
					status: 204,
					allowed: origin,
					credentials: null,
				});
			for (const origin of [
				'https://evil.example',
				'null',
				'http://spa.example',
				'https://spa.example:8443',
				'https://x.spa.example',
			])
				expect(await ask(path, origin, preflight)).toMatchObject({ status: 403, allowed: null });
		},
	);

	it.each(['introspection', 'logout', 'auth'])('%s answers none', async (path) => {
		expect(await ask(path, 'https://spa.example', preflight)).toMatchObject({ status: 403, allowed: null });
	});

	it('userinfo and revocation belong to the client’s own origins', async () => {
		const { access } = await tokensOf('public');
		const bearer = { headers: { authorization: `Bearer ${access}` } };
		expect(await ask('userinfo', 'https://spa.example', bearer)).toMatchObject({
			status: 200,
			allowed: 'https://spa.example',
		});
		expect(await ask('userinfo', 'https://a.example', bearer)).toMatchObject({ status: 400, allowed: null });
		const body = () => ({
			method: 'POST',
			body: new URLSearchParams({ token: access, client_id: 'public' }),
		});
		expect(await ask('revocation', 'https://evil.example', body())).toMatchObject({
			status: 400,
			allowed: null,
		});
		expect(await userinfo(access)).toBe(200);
		expect(await ask('revocation', 'https://spa.example', body())).toMatchObject({
			status: 200,
			allowed: 'https://spa.example',
		});
		expect(await userinfo(access)).toBe(401);
	});
});

describe('bearers', () => {
	it('are taken from the header or a form, never from the address', async () => {
		const { access } = await tokensOf('a');
		const inQuery = await fetch(`${endpoint('userinfo')}?access_token=${access}`);
		expect(inQuery.status).toBe(400);
		expect((await postForm(endpoint('userinfo'), { access_token: access })).status).toBe(200);
		const none = await fetch(endpoint('userinfo'));
		expect(none.status).toBe(401);
		expect(none.headers.get('www-authenticate')).toContain('Bearer');
		expect(await userinfo('nonsense')).toBe(401);
		const { refresh } = await tokensOf('a');
		expect(await userinfo(refresh)).toBe(401);
	});
});
