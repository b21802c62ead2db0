/** Pages of other sites: what they may do, and that cookies give them no access (D03). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPassword, system, visitor } from '../../../../tests/appliance-under-test';
import { createClient } from '../flows/clients/manage-clients';
import type { AppServices } from '../flows/services';
import {
	apiUnderTest,
	byAccessToken,
	byCookie,
	byOperatorCookie,
	firstPartyClient,
	origin,
	spaOrigin,
	type ApiUnderTest,
	type Proof,
} from './api-under-test';

let api: ApiUnderTest;
let app: AppServices;
let cookie: Proof;
let operator: Proof;
let alice: { id: string };

beforeAll(async () => {
	api = await apiUnderTest();
	app = await api.under.app();
	alice = await api.under.user(app);
	cookie = await byCookie(app, alice.id);
	operator = { ...(await byOperatorCookie(api.under, 'owner')), 'menshen-app': String(app.id) };
	await firstPartyClient(app);
	const thirdParty = { id: 'shop', name: 'Shop', redirectUris: ['https://shop.example/cb'] };
	await createClient(app, { settings: thirdParty, actor: system }, visitor());
});
afterAll(() => api.close());

const foreign: [string, Proof][] = [
	['another site', { origin: 'https://evil.example' }],
	['a sandboxed frame', { origin: 'null' }],
	['another port of this machine', { origin: 'http://localhost:4000' }],
	['our host on https', { origin: 'https://localhost:3999' }],
	['a page that says so only by Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site' }],
	['a sister site', { 'sec-fetch-site': 'same-site' }],
	['a first-party page that sends the cookie along', { origin: spaOrigin }],
];

describe.each(foreign)('%s', (_, headers) => {
	it.each([
		'application/json',
		'APPLICATION/JSON; charset=utf-8',
		'text/plain',
		'TeXt/PlAiN',
		'multipart/form-data; boundary=x',
		'application/x-www-form-urlencoded',
		'',
	])('changes nothing with the user’s cookie and content type "%s"', async (type) => {
		const answer = await api.tell('me.update', {
			input: { name: 'Mallory' },
			headers: { ...cookie, ...headers, 'content-type': type },
		});
		expect(answer.error?.code).toBe('edge/cross-site');
		expect(answer.status).toBe(403);
	});

	it.each(['PUT', 'PATCH', 'DELETE'])('does not change anything by %s', async (method) => {
		const answer = await api.tell('me.update', {
			input: { name: 'Mallory' },
			method,
			headers: { ...cookie, ...headers },
		});
		expect(answer.status).toBe(403);
	});

	it('reads nothing with cookies, and administers nothing', async () => {
		for (const proof of [cookie, operator])
			for (const name of ['me.get', 'admin.users.list']) {
				const answer = await api.ask(name, { input: {}, headers: { ...proof, ...headers } });
				expect([401, 403]).toContain(answer.status);
				expect(answer.text).not.toContain('alice');
			}
	});
});

afterAll(async () => {
	const { name } = (await app.store.read.users.findById(alice.id)) ?? {};
	expect(name).toBe('');
});

describe('our own page', () => {
	it('acts with the cookie', async () => {
		const headers = { ...cookie, origin, 'sec-fetch-site': 'same-origin' };
		expect((await api.tell('me.update', { input: { locale: 'en' }, headers })).status).toBe(200);
		expect(
			(await api.ask('me.get', { headers: { ...cookie, 'sec-fetch-site': 'same-origin' } })).status,
		).toBe(200);
	});

	it('is not told which other origins may call', async () => {
		const answer = await api.ask('me.get', { headers: { ...cookie, origin } });
		expect(answer.headers.get('access-control-allow-origin')).toBeNull();
	});
});

describe('CORS', () => {
	const preflight = (from: string) =>
		fetch(`${api.url}me.get`, {
			method: 'OPTIONS',
			headers: {
				origin: from,
				'access-control-request-method': 'POST',
				'access-control-request-headers': 'authorization,menshen-app',
			},
		});

	it('answers a preflight without cookies', async () => {
		const answer = await preflight(spaOrigin);
		expect(answer.status).toBe(204);
		expect(answer.headers.get('access-control-allow-origin')).toBe(spaOrigin);
		expect(answer.headers.get('access-control-allow-headers')).toContain('authorization');
		expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
	});

	it('lets pages of first-party clients call with a bearer', async () => {
		const bearer = await byAccessToken(api, app, { userId: alice.id, scope: 'openid menshen.me' });
		const answer = await api.ask('me.get', {
			headers: { ...bearer, origin: spaOrigin, 'sec-fetch-site': 'cross-site' },
		});
		expect(answer.data).toMatchObject({ username: 'alice' });
		expect(answer.headers.get('access-control-allow-origin')).toBe(spaOrigin);
		expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
		expect(answer.headers.get('vary')).toBe('Origin');
	});

	it.each([
		['a third-party client', 'https://shop.example'],
		['nobody', 'https://evil.example'],
		['a look-alike', 'https://spa.example.evil.example'],
		['the same host on http', 'http://spa.example'],
	])('refuses pages of %s, even with a good bearer', async (_, from) => {
		const bearer = await byAccessToken(api, app, { userId: alice.id, scope: 'openid menshen.me' });
		const answer = await api.ask('me.get', { headers: { ...bearer, origin: from } });
		expect(answer.error?.code).toBe('edge/cross-site');
		expect(answer.headers.get('access-control-allow-origin')).toBeNull();
	});

	it('refuses pages that belong to another app', async () => {
		const other = await api.under.app();
		const answer = await api.ask('me.get', {
			headers: { 'menshen-app': String(other.id), origin: spaOrigin },
		});
		expect(answer.error?.code).toBe('edge/cross-site');
	});

	it('starts no session for a page elsewhere: it could not keep one', async () => {
		const headers = { 'menshen-app': String(app.id), origin: spaOrigin, 'sec-fetch-site': 'cross-site' };
		const credentials = { identifier: 'alice', password: goodPassword };
		for (const wish of [{}, { 'menshen-session': 'token' }] as Proof[]) {
			const answer = await api.tell('auth.signIn', { input: credentials, headers: { ...headers, ...wish } });
			expect(answer.error?.code).toBe('edge/cross-site');
			expect(answer.cookies).toEqual([]);
		}
		const registered = await api.tell('auth.register', {
			input: { username: 'quinn', password: goodPassword },
			headers,
		});
		expect(registered.error?.code).toBe('edge/cross-site');
		expect(await app.store.read.users.findByIdentifier('username', 'quinn')).toBeUndefined();
	});
});
