/** How a session begins, travels and ends over the API (ADR 0012; C09, C10, C12). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPassword } from '../../../../tests/appliance-under-test';
import type { AppServices } from '../flows/services';
import {
	accessToken,
	apiUnderTest,
	byAccessToken,
	byCookie,
	bySessionToken,
	firstPartyClient,
	origin,
	spaOrigin,
	type ApiUnderTest,
	type Proof,
} from './api-under-test';

let api: ApiUnderTest;
let app: AppServices;
let here: Record<string, string>;
let alice: { id: string };

beforeAll(async () => {
	api = await apiUnderTest();
	app = await api.under.app();
	alice = await api.under.user(app, {
		username: 'alice',
		email: 'alice@example.com',
		emailVerified: true,
		password: goodPassword,
	});
	here = { 'menshen-app': String(app.id) };
	await firstPartyClient(app);
});
afterAll(() => api.close());

const credentials = { identifier: 'alice', password: goodPassword };
const signIn = (headers: Record<string, string> = {}) =>
	api.tell('auth.signIn', { input: credentials, headers: { ...here, ...headers } });
const cookieOf = (lines: string[]) => lines.map((line) => line.split(';')[0]).join('; ');
const tokenOf = (data: unknown) => (data as { session: { token: string } | null }).session?.token;
const asksForToken = { 'menshen-session': 'token' };

describe('a sign-in by cookie', () => {
	it.each([
		['our own page', { origin, 'sec-fetch-site': 'same-origin' }],
		['a program with a cookie jar', {}],
	])('from %s sets the cookies that pages set, and no token in the answer', async (_, headers) => {
		const answer = await signIn(headers);
		expect(answer.status).toBe(200);
		expect(answer.data).toMatchObject({
			user: { id: alice.id, username: 'alice', roles: ['user'] },
			session: null,
		});
		expect(answer.cookies).toHaveLength(2);
		expect(answer.cookies[0]).toMatch(
			new RegExp(`^menshen-${app.id}=[^;]+; Path=/; Max-Age=\\d+; HttpOnly; SameSite=Lax$`),
		);
		expect(answer.cookies[1]).toMatch(new RegExp(`^menshen-known-${app.id}=`));
		const me = await api.ask('me.get', { headers: { ...here, cookie: cookieOf(answer.cookies) } });
		expect(me.data).toMatchObject({ id: alice.id, email: 'alice@example.com' });
	});

	it('under https uses the prefix that binds cookies to the host', async () => {
		const secure = await apiUnderTest({ ORIGIN: 'https://id.example', ALLOW_OUTBOX: '1' });
		const other = await secure.under.app();
		await secure.under.user(other);
		const { cookies } = await secure.tell('auth.signIn', {
			input: credentials,
			headers: { 'menshen-app': String(other.id) },
		});
		for (const cookie of cookies)
			expect(cookie).toMatch(/^__Host-menshen-.*; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/);
		await secure.close();
	});

	it('always makes a new session and ends the one before (C09)', async () => {
		const first = cookieOf((await signIn()).cookies);
		const second = cookieOf((await signIn({ cookie: first })).cookies);
		expect(second).not.toBe(first);
		expect((await api.ask('me.get', { headers: { ...here, cookie: first } })).error?.code).toBe(
			'auth/not-signed-in',
		);
		expect((await api.ask('me.get', { headers: { ...here, cookie: second } })).status).toBe(200);
	});

	it('ends with auth.signOut, which takes the cookie away (C10)', async () => {
		const cookie = cookieOf((await signIn()).cookies);
		const out = await api.tell('auth.signOut', { headers: { ...here, cookie } });
		expect(out.cookies[0]).toContain(`menshen-${app.id}=; Path=/; Max-Age=0`);
		expect((await api.ask('me.get', { headers: { ...here, cookie } })).status).toBe(401);
		expect((await api.tell('auth.signOut', { headers: { ...here, cookie } })).status).toBe(200);
	});
});

describe('a sign-in by token', () => {
	it('is for programs that ask for it: the token is in the answer and in no cookie', async () => {
		const answer = await signIn(asksForToken);
		const token = tokenOf(answer.data);
		expect(token).toMatch(/^mss_[a-z0-9]{20,}$/);
		expect(answer.cookies).toEqual([]);
		const bearer = { ...here, authorization: `Bearer ${token}` };
		expect((await api.ask('me.get', { headers: bearer })).data).toMatchObject({ id: alice.id });
		await api.tell('auth.signOut', { headers: { ...bearer, ...asksForToken } });
		expect((await api.ask('me.get', { headers: bearer })).status).toBe(401);
	});

	it.each([
		['Origin', { origin }],
		['Sec-Fetch-Site', { 'sec-fetch-site': 'same-origin' }],
	])('is not given to a browser, as %s shows', async (_, headers) => {
		const answer = await signIn({ ...asksForToken, ...headers });
		expect(tokenOf(answer.data)).toBeUndefined();
		expect(answer.text).not.toContain('mss_');
		expect(answer.cookies).toHaveLength(2);
	});

	it('is not accepted from a browser either', async () => {
		const bearer = await bySessionToken(app, alice.id);
		for (const browser of [{ origin }, { origin: spaOrigin }, { 'sec-fetch-site': 'same-origin' }] as Proof[])
			expect((await api.ask('me.get', { headers: { ...bearer, ...browser } })).status).toBe(401);
	});

	it('is not accepted as a cookie, nor a cookie’s value as a token', async () => {
		const { cookie } = await byCookie(app, alice.id);
		const value = cookie?.split('=')[1] ?? '';
		expect((await api.ask('me.get', { headers: { ...here, authorization: `Bearer ${value}` } })).status).toBe(
			401,
		);
		const { authorization } = await bySessionToken(app, alice.id);
		const token = authorization?.split(' ')[1] ?? '';
		expect(
			(await api.ask('me.get', { headers: { ...here, cookie: `menshen-${app.id}=${token}` } })).status,
		).toBe(401);
	});

	it('of one app is not valid in another (A19)', async () => {
		const other = await api.under.app();
		await api.under.user(other);
		const bearer = await bySessionToken(app, alice.id);
		expect(
			(await api.ask('me.get', { headers: { ...bearer, 'menshen-app': String(other.id) } })).status,
		).toBe(401);
	});

	it('ignores cookies when there is an Authorization header', async () => {
		const cookie = await byCookie(app, alice.id);
		for (const authorization of ['Bearer nonsense', 'Basic YWxpY2U6eA==', 'Bearer', 'Bearer a b', ''])
			expect((await api.ask('me.get', { headers: { ...cookie, authorization } })).status).toBe(401);
	});
});

describe('an access token', () => {
	it('gives access to me.* with the scope menshen.me, as long as its client is first-party', async () => {
		const bearer = await byAccessToken(api, app, { userId: alice.id, scope: 'openid menshen.me' });
		expect((await api.ask('me.get', { headers: { ...bearer, origin: spaOrigin } })).data).toMatchObject({
			id: alice.id,
		});
		const { updateClient } = await import('../flows/clients/manage-clients');
		const actor = { kind: 'system', id: 'test' } as const;
		const visitor = { address: '', device: '', locale: 'en', requestId: '' } as const;
		await updateClient(app, { id: 'spa', change: { firstParty: false }, actor }, visitor);
		expect((await api.ask('me.get', { headers: bearer })).status).toBe(401);
		await updateClient(app, { id: 'spa', change: { firstParty: true }, actor }, visitor);
	});

	it('ends with the session it came from', async () => {
		const bearer = await byAccessToken(api, app, { userId: alice.id, scope: 'openid menshen.me' });
		await api.tell('me.sessions.endOthers', { headers: await byCookie(app, alice.id) });
		expect((await api.ask('me.get', { headers: bearer })).status).toBe(401);
	});

	it('cannot change credentials', async () => {
		const bearer = await byAccessToken(api, app, { userId: alice.id, scope: 'openid menshen.me' });
		const change = await api.tell('me.changePassword', {
			input: { password: goodPassword, newPassword: 'another-good-password' },
			headers: bearer,
		});
		expect(change.error?.code).toBe('auth/fresh-sign-in-required');
	});

	it('without the scope does not act for the user in public procedures either', async () => {
		const bearer = await byAccessToken(api, app, { userId: alice.id, scope: 'openid email' });
		for (const [name, input] of [
			['auth.sendCode', { purpose: 'verify-email' }],
			['auth.verifyEmail', { code: '123456' }],
		] as const)
			expect((await api.tell(name, { input, headers: bearer })).error?.code).toBe('auth/forbidden');
	});

	it('of another app gives no access here', async () => {
		const other = await api.under.app();
		const stranger = await api.under.user(other);
		await firstPartyClient(other);
		const token = await accessToken(api, other, { userId: stranger.id, scope: 'openid menshen.me' });
		expect((await api.ask('me.get', { headers: { ...here, authorization: `Bearer ${token}` } })).status).toBe(
			401,
		);
	});
});

describe('changing the password', () => {
	const newPassword = 'another-good-password';

	it('asks for the old one, ends every other session and delivers a new one in the same way (C10, C12)', async () => {
		const bob = await api.under.user(app, { username: 'bob', password: goodPassword });
		const [here1, elsewhere] = [await bySessionToken(app, bob.id), await byCookie(app, bob.id)];
		const wrong = await api.tell('me.changePassword', {
			input: { password: 'not-the-password', newPassword },
			headers: here1,
		});
		expect(wrong.error).toMatchObject({
			code: 'auth/invalid-credentials',
			fields: { password: { code: 'auth/invalid-credentials' } },
		});
		const done = await api.tell('me.changePassword', {
			input: { password: goodPassword, newPassword },
			headers: { ...here1, ...asksForToken },
		});
		const token = tokenOf(done.data);
		for (const old of [here1, elsewhere])
			expect((await api.ask('me.get', { headers: old })).status).toBe(401);
		expect(
			(await api.ask('me.get', { headers: { ...here, authorization: `Bearer ${token}` } })).data,
		).toMatchObject({ id: bob.id });
	});

	it('by cookie answers with the new cookie', async () => {
		const carol = await api.under.user(app, { username: 'carol', password: goodPassword });
		const done = await api.tell('me.changePassword', {
			input: { password: goodPassword, newPassword },
			headers: await byCookie(app, carol.id),
		});
		expect(done.data).toEqual({ session: null });
		expect(done.cookies.map((line) => line.split('=')[0])).toContain(`menshen-known-${app.id}`);
		expect(
			(await api.ask('me.get', { headers: { ...here, cookie: cookieOf(done.cookies) } })).data,
		).toMatchObject({ id: carol.id });
	});
});

describe('one’s own sessions', () => {
	it('are listed with the caller’s own marked, and ended one by one', async () => {
		const dave = await api.under.user(app, { username: 'dave' });
		const [mine, other] = [await bySessionToken(app, dave.id), await byCookie(app, dave.id)];
		const list = (await api.ask('me.sessions.list', { headers: mine })).data as {
			id: string;
			current: boolean;
		}[];
		expect(list.map(({ current }) => current).sort()).toEqual([false, true]);
		const id = list.find(({ current }) => !current)?.id;
		await api.tell('me.sessions.end', { input: { id }, headers: mine });
		expect((await api.ask('me.get', { headers: other })).status).toBe(401);
		expect((await api.ask('me.get', { headers: mine })).status).toBe(200);
	});

	it('of other users are out of reach (D08)', async () => {
		const erin = await api.under.user(app, { username: 'erin' });
		const [mine, theirs] = [await byCookie(app, erin.id), await byCookie(app, alice.id)];
		const [target] = (await api.ask('me.sessions.list', { headers: theirs })).data as { id: string }[];
		await api.tell('me.sessions.end', { input: { id: target?.id }, headers: mine });
		expect((await api.ask('me.get', { headers: theirs })).status).toBe(200);
	});
});

describe('registering', () => {
	it('signs in at once with a username, by the same two ways', async () => {
		const byToken = await api.tell('auth.register', {
			input: { username: 'frank', password: goodPassword },
			headers: { ...here, ...asksForToken },
		});
		expect(byToken.data).toMatchObject({ status: 'signed-in', user: { username: 'frank' } });
		expect(tokenOf(byToken.data)).toMatch(/^mss_/);
		const byCookies = await api.tell('auth.register', {
			input: { username: 'grace', password: goodPassword },
			headers: here,
		});
		expect(byCookies.cookies).toHaveLength(2);
	});

	it('with an email waits for the mailed code', async () => {
		const email = 'heidi@example.com';
		const asked = await api.tell('auth.register', {
			input: { email, password: goodPassword },
			headers: here,
		});
		expect(asked.data).toMatchObject({ status: 'verify-email', email });
		const { verification } = asked.data as { verification: string };
		const wrong = await api.tell('auth.completeRegistration', {
			input: { verification, code: '000000' },
			headers: here,
		});
		expect(wrong.error?.code).toBe('auth/code-invalid');
		const code = await api.under.codeFor(app, email);
		const done = await api.tell('auth.completeRegistration', {
			input: { verification, code },
			headers: { ...here, ...asksForToken },
		});
		expect(done.data).toMatchObject({ user: { email, emailVerified: true } });
	});
});

describe('a forgotten password', () => {
	it('is replaced with the mailed code; unknown accounts get the same answer (C08)', async () => {
		const known = await api.tell('auth.sendCode', {
			input: { purpose: 'recover', identifier: 'alice@example.com' },
			headers: here,
		});
		const unknown = await api.tell('auth.sendCode', {
			input: { purpose: 'recover', identifier: 'nobody@example.com' },
			headers: here,
		});
		const plain = (text: string, name: string) =>
			text.replace(/"verification":"[\w-]{22}"/, '').replace(name, 'somebody');
		expect([unknown.status, plain(unknown.text, 'nobody')]).toEqual([
			known.status,
			plain(known.text, 'alice'),
		]);
		const code = await api.under.codeFor(app, 'alice@example.com');
		const newPassword = 'a-newly-chosen-password';
		const done = await api.tell('auth.resetPassword', {
			input: { identifier: 'alice@example.com', code, newPassword },
			headers: here,
		});
		expect(done.status).toBe(200);
		expect((await signIn()).error?.code).toBe('auth/invalid-credentials');
		expect(
			(
				await api.tell('auth.signIn', {
					input: { identifier: 'alice', password: newPassword },
					headers: here,
				})
			).status,
		).toBe(200);
	});
});

describe('proving an email', () => {
	it('needs the user who signed in, and the code that was mailed', async () => {
		const ivan = await api.under.user(app, { username: 'ivan', email: 'ivan@example.com' });
		expect(
			(await api.tell('auth.sendCode', { input: { purpose: 'verify-email' }, headers: here })).error?.code,
		).toBe('auth/not-signed-in');
		const proof = await byCookie(app, ivan.id);
		expect(
			(await api.tell('auth.sendCode', { input: { purpose: 'verify-email' }, headers: proof })).status,
		).toBe(200);
		const code = await api.under.codeFor(app, 'ivan@example.com');
		expect(
			(await api.tell('auth.verifyEmail', { input: { code }, headers: await byCookie(app, alice.id) })).error
				?.code,
		).toBe('auth/code-invalid');
		expect((await api.tell('auth.verifyEmail', { input: { code }, headers: here })).error?.code).toBe(
			'auth/not-signed-in',
		);
		expect((await api.tell('auth.verifyEmail', { input: { code }, headers: proof })).status).toBe(200);
		expect((await api.ask('me.get', { headers: proof })).data).toMatchObject({ emailVerified: true });
	});
});
