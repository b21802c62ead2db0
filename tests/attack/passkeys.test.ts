/**
 * C14: a passkey's answer is valid once, from this site, for the browser that asked; a key belongs to one user; the
 * last way in stays.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authenticator, type Lies } from '../../plugins/passkey/authenticator-under-test';
import { oneApp, password, startTarget, type ApiGot, type Target } from './target';
import { connectorsLine, Visitor } from './vendors';

interface Begun {
	ceremony: string;
	options: { challenge: string; rpId?: string; rp?: { id: string }; userVerification?: string };
}

let target: Target;
beforeAll(async () => {
	const names = ['bob', 'carol', 'dave', 'erin', 'frank'];
	const users = names.map((name) => `      - { username: ${name}, password: ${password} }\n`).join('');
	const lines = connectorsLine({}, ['passkey', 'email']);
	target = await startTarget({
		apply: `${oneApp}${users}      - { email: keyless@example.com, emailVerified: true }
${lines}  - id: 5
    name: Other
    users:
      - { username: bob, password: ${password} }
${lines}`,
		env: { TRUSTED_PROXIES: '127.0.0.1' },
	});
});
afterAll(() => target.stop());

let source = 0;
const elsewhere = () => ({ 'x-forwarded-for': `198.51.${Math.floor(++source / 250)}.${source % 250}` });
const api = (procedure: string, input?: unknown, cookie?: string, app = 4): Promise<ApiGot> =>
	target.api(procedure, { input, app, headers: { ...elsewhere(), ...(cookie ? { cookie } : {}) } });
const asked = ({ options }: Begun) => ({
	challenge: options.challenge,
	rpId: options.rpId ?? options.rp?.id ?? 'localhost',
	origin: target.origin,
});
async function begin(cookie?: string, app = 4): Promise<Begun> {
	const got = await api(
		cookie ? 'me.passkeys.options' : 'auth.passkeyOptions',
		cookie ? { password } : {},
		cookie,
		app,
	);
	if (got.status !== 200) throw new Error(got.body);
	return got.data as Begun;
}
const cookieOf = (name: string, app = 4) => target.signIn(name, { app, headers: elsewhere() });

async function enrol(cookie: string, key = new Authenticator(), app = 4): Promise<Authenticator> {
	const begun = await begin(cookie, app);
	const input = { ceremony: begun.ceremony, response: key.create(asked(begun)) };
	const got = await api('me.passkeys.add', input, cookie, app);
	if (got.status !== 200) throw new Error(got.body);
	return key;
}
async function signIn(key: Authenticator, lies: Lies = {}, app = 4): Promise<ApiGot> {
	const begun = await begin(undefined, app);
	const input = { ceremony: begun.ceremony, response: key.get(asked(begun), lies) };
	return api('auth.signInWithPasskey', input, undefined, app);
}
const isIn = (got: ApiGot) => got.cookies.some((line) => /^menshen-\d+=\w/.test(line));

describe('C14: signing in', () => {
	it('works with the key and no name, so that a refusal means something', async () => {
		const cookie = await cookieOf('bob');
		const got = await signIn(await enrol(cookie));
		expect([got.status, isIn(got)]).toEqual([200, true]);
		expect((got.data as { user: { username: string } }).user.username).toBe('bob');
	});

	it.each<[string, () => Lies]>([
		['another origin', () => ({ origin: 'https://evil.example' })],
		['an origin that only begins like ours', () => ({ origin: `${target.origin}.evil.example` })],
		['the same host at another port', () => ({ origin: 'http://localhost:1' })],
		['another site (rpId)', () => ({ rpId: 'evil.example' })],
		['a site above ours (rpId)', () => ({ rpId: 'host' })],
		[
			'a challenge that we did not make',
			() => ({ challenge: 'QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE' }),
		],
		['a page inside another page', () => ({ crossOrigin: true, topOrigin: 'https://evil.example' })],
		['a ceremony of another kind', () => ({ type: 'webauthn.create' })],
		['nobody in front of the device', () => ({ userPresent: false })],
		['a device that did not ask who it is', () => ({ userVerified: false })],
		['another key’s id', () => ({ id: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' })],
	])('with %s is refused', async (_, lies) => {
		const key = await enrol(await cookieOf('carol'));
		const got = await signIn(key, lies());
		expect([got.status, isIn(got)]).toEqual([401, false]);
		expect((await signIn(key)).status, 'the key itself is good').toBe(200);
	});

	it('takes an answer once, whether it was right or wrong', async () => {
		const key = await enrol(await cookieOf('carol'));
		const begun = await begin();
		const input = { ceremony: begun.ceremony, response: key.get(asked(begun)) };
		expect((await api('auth.signInWithPasskey', input)).status).toBe(200);
		expect((await api('auth.signInWithPasskey', input)).code).toBe('interaction/expired');
		const wrong = await begin();
		const lie = { ceremony: wrong.ceremony, response: key.get(asked(wrong), { rpId: 'evil.example' }) };
		expect((await api('auth.signInWithPasskey', lie)).status).toBe(401);
		const right = { ceremony: wrong.ceremony, response: key.get(asked(wrong)) };
		expect((await api('auth.signInWithPasskey', right)).code).toBe('interaction/expired');
	});

	it('many times at once with one answer lets one in', async () => {
		const key = await enrol(await cookieOf('carol'));
		const begun = await begin();
		const input = { ceremony: begun.ceremony, response: key.get(asked(begun)) };
		const got = await Promise.all(Array.from({ length: 10 }, () => api('auth.signInWithPasskey', input)));
		expect(got.filter(isIn)).toHaveLength(1);
	});

	it('takes no challenge of another answer, another app, or of enrolling', async () => {
		const cookie = await cookieOf('carol');
		const key = await enrol(cookie);
		const [one, two, foreign, enrolling] = [
			await begin(),
			await begin(),
			await begin(undefined, 5),
			await begin(cookie),
		];
		const tries = [
			{ ceremony: one.ceremony, response: key.get(asked(two)) },
			{ ceremony: foreign.ceremony, response: key.get(asked(foreign)) },
			{ ceremony: enrolling.ceremony, response: key.get(asked(enrolling)) },
		];
		for (const [index, input] of tries.entries()) {
			const got = await api('auth.signInWithPasskey', input);
			expect([got.status >= 400, isIn(got)], String(index)).toEqual([true, false]);
		}
	});

	it('with a key of one app opens no other, though both are one site to the device', async () => {
		const key = await enrol(await cookieOf('bob', 5), new Authenticator(), 5);
		expect((await signIn(key, {}, 5)).status).toBe(200);
		expect((await signIn(key)).status).toBe(401);
	});

	it('begun at a page is answered by that browser alone', async () => {
		const [mine, thief] = [new Visitor(target), new Visitor(target)];
		const key = await enrol(await cookieOf('carol'));
		const begun = JSON.parse((await mine.open(mine.at('/passkey'), {})).body) as Begun;
		await thief.open(thief.at('/passkey'), {});
		const form = {
			connector: 'passkey',
			ceremony: begun.ceremony,
			response: JSON.stringify(key.get(asked(begun))),
		};
		await thief.open(thief.at('/sign-in'), form);
		expect(await thief.me()).toBeUndefined();
		await mine.open(mine.at('/sign-in'), form);
		expect(await mine.me()).toBeDefined();
	});

	it('by a counter that went back is refused and reported to the operator, as there may be a copy', async () => {
		const cookie = await cookieOf('dave');
		const key = await enrol(cookie);
		for (let times = 0; times < 3; times++) expect((await signIn(key)).status).toBe(200);
		expect((await signIn(key, { counter: 1 })).code).toBe('auth/passkey-copied');
		const headers = { cookie: await target.owner() };
		const listed = await target.api('admin.audit.list', {
			input: { action: 'user.passkey-report', limit: 10 },
			headers,
		});
		const { events } = listed.data as { events: { target: string; detail: { report: string } }[] };
		expect(events).toHaveLength(1);
		expect(events[0]?.detail.report).toMatch(/counter/i);
	});

	it('by a counter that went back is refused with the next step on the page, in the reader’s language', async () => {
		const key = await enrol(await cookieOf('dave'));
		expect((await signIn(key, { counter: 9 })).status).toBe(200);
		for (const [language, words] of [
			['en', 'remove it in your account and add it again'],
			['zh-CN', '重新添加'],
		] as const) {
			const visitor = new Visitor(target);
			const begun = JSON.parse((await visitor.open(visitor.at('/passkey'), {})).body) as Begun;
			const form = {
				connector: 'passkey',
				ceremony: begun.ceremony,
				response: JSON.stringify(key.get(asked(begun), { counter: 1 })),
			};
			const page = await visitor.open(visitor.at(`/sign-in?ui_locales=${language}`), form);
			expect(page.body).toContain(words);
			expect(await visitor.me()).toBeUndefined();
		}
	});
});

describe('C14: enrolling', () => {
	it('asks for the password, and for a signed-in user', async () => {
		const cookie = await cookieOf('erin');
		expect((await api('me.passkeys.options', {}, cookie)).code).toBe('auth/invalid-credentials');
		expect((await api('me.passkeys.options', { password: 'wrong-wrong' }, cookie)).code).toBe(
			'auth/invalid-credentials',
		);
		const begun = await begin(cookie);
		const response = new Authenticator().create(asked(begun));
		const other = await cookieOf('frank');
		const got = await api('me.passkeys.add', { ceremony: begun.ceremony, response }, other);
		expect(got.status).toBeGreaterThanOrEqual(400);
		for (const who of [cookie, other])
			expect((await api('me.passkeys.list', undefined, who)).data).toEqual([]);
	});

	it.each<[string, () => Lies]>([
		['another origin', () => ({ origin: 'https://evil.example' })],
		['another site', () => ({ rpId: 'evil.example' })],
		['another challenge', () => ({ challenge: 'AAAA' })],
		['no proof of who is there', () => ({ userVerified: false })],
	])('with %s adds nothing', async (_, lies) => {
		const cookie = await cookieOf('erin');
		const begun = await begin(cookie);
		const response = new Authenticator().create(asked(begun), lies());
		const got = await api('me.passkeys.add', { ceremony: begun.ceremony, response }, cookie);
		expect(got.code).toBe('auth/invalid-credentials');
		expect((await api('me.passkeys.list', undefined, cookie)).data).toEqual([]);
	});

	it('of a key that another user has is refused: an id belongs to one user', async () => {
		const key = await enrol(await cookieOf('bob'));
		const cookie = await cookieOf('erin');
		const begun = await begin(cookie);
		const input = { ceremony: begun.ceremony, response: key.create(asked(begun)) };
		expect((await api('me.passkeys.add', input, cookie)).code).toBe('identity/taken');
		expect((((await signIn(key)).data as { user: { username: string } }) ?? {}).user.username).toBe('bob');
	});
});

describe('C14: taking away', () => {
	it('the last way in is refused; with another there it goes, and opens nothing any more', async () => {
		const visitor = new Visitor(target);
		await visitor.open(visitor.at('/sign-in'), { connector: 'email', email: 'keyless@example.com' });
		const mail = (await target.mails()).find(({ to }) => to === 'keyless@example.com');
		await visitor.open(visitor.at('/code'), { code: mail?.content.params.code ?? '' });
		const begun = (await api('me.passkeys.options', {}, visitor.cookie)).data as Begun;
		const key = new Authenticator();
		const input = { ceremony: begun.ceremony, response: key.create(asked(begun)) };
		expect((await api('me.passkeys.add', input, visitor.cookie)).status).toBe(200);
		const owner = { cookie: await target.owner() };
		const setEmailCodes = async (enabled: boolean) =>
			expect(
				(await target.api('admin.connectors.save', { input: { id: 'email', enabled }, headers: owner }))
					.status,
			).toBe(200);
		// Without codes by mail, and without a password, the key is all there is.
		await setEmailCodes(false);
		expect((await api('me.passkeys.remove', { id: key.id }, visitor.cookie)).code).toBe('auth/last-way-in');
		expect((await signIn(key)).status).toBe(200);
		await setEmailCodes(true);
		expect((await api('me.passkeys.remove', { id: key.id }, visitor.cookie)).status).toBe(200);
		expect((await signIn(key)).status).toBe(401);
	});

	it('is one’s own only', async () => {
		const key = await enrol(await cookieOf('bob'));
		const input = { id: key.id, password };
		expect((await api('me.passkeys.remove', input, await cookieOf('frank'))).code).toBe('identity/not-found');
		expect((await signIn(key)).status).toBe(200);
	});
});
