/** C05: a code to sign in with is good once, for five tries on all doors together, at its own app, browser and purpose. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneApp, password, startTarget, type ApiGot, type Target } from './target';
import { connectorsLine, Visitor } from './vendors';
import { post, type Got } from './wire';

const people = Array.from(
	{ length: 12 },
	(_, index) =>
		`      - { username: person${index}, email: person${index}@example.com, emailVerified: true, phone: '+861370000000${index}', phoneVerified: true, password: ${password} }\n`,
).join('');
const lines = connectorsLine({}, ['sms', 'email']);
let target: Target;
beforeAll(async () => {
	target = await startTarget({
		apply: `${oneApp}${people}${lines}  - id: 5
    name: Other
    users:
      - { username: person0, email: person0@example.com, emailVerified: true, password: ${password} }
${lines}  - id: 6
    name: Proves phones
    requireVerified: [phone]
${lines}`,
		env: { TRUSTED_PROXIES: '127.0.0.1' },
	});
});
afterAll(() => target.stop());

let source = 0;
/** Another address each time, so that no limit of an address stands in for the limit of the code. */
const elsewhere = () => ({ 'x-forwarded-for': `198.51.${Math.floor(++source / 250)}.${source % 250}` });
const api = (procedure: string, input: object, app = 4): Promise<ApiGot> =>
	target.api(procedure, { input, app, headers: elsewhere() });
const wrongs = (code: string, count: number) =>
	Array.from({ length: count }, (_, index) =>
		String((Number(code) + 1 + index) % 1_000_000).padStart(6, '0'),
	);

const connectors = ['email', 'sms'] as const;
let next = 0;
/** A user to whom nothing was sent yet. */
function fresh(connector: (typeof connectors)[number]): string {
	const index = next++ % 12;
	return connector === 'email' ? `person${index}@example.com` : `+861370000000${index}`;
}
async function codeTo(to: string, app = 4): Promise<string> {
	const mail = (await target.mails(app)).find(
		(each) => each.to === to && each.purpose !== 'password-changed',
	);
	return mail?.content.params.code ?? '';
}
async function sent(connector: string, to: string, app = 4): Promise<{ verification: string; code: string }> {
	const got = await api('auth.sendCode', { purpose: 'sign-in', connector, to }, app);
	if (got.status !== 200) throw new Error(got.body);
	return { verification: (got.data as { verification: string }).verification, code: await codeTo(to, app) };
}
const byApi = (verification: string, code: string, app = 4) =>
	api('auth.signInWithCode', { verification, code }, app);

/** A post to the page, with the cookie that the page before it leaves: an attacker writes it by hand. */
function byPage(to: string, verification: string, code: string, app = 4): Promise<Got> {
	const note = { at: 'code', connector: to.includes('@') ? 'email' : 'sms', verification, to, page: '/' };
	const cookie = `menshen-note-${app}=${encodeURIComponent(JSON.stringify(note))}`;
	const own = { host: new URL(target.origin).host, origin: target.origin };
	return post(target.at, `/apps/${app}/code`, { code }, { ...own, ...elsewhere(), cookie });
}
const isIn = (got: Got) => got.cookies.some((line) => /^menshen-\d+=\w/.test(line));

describe.each(connectors)('C05: a code by %s', (connector) => {
	it('signs in by the page as by the API, so that a refusal means something', async () => {
		const [one, another] = [fresh(connector), fresh(connector)];
		const first = await sent(connector, one);
		expect(isIn(await byPage(one, first.verification, first.code))).toBe(true);
		const second = await sent(connector, another);
		expect((await byApi(second.verification, second.code)).status).toBe(200);
	});

	it('is void after five wrong tries, wherever they were made', async () => {
		const to = fresh(connector);
		const { verification, code } = await sent(connector, to);
		const tries = wrongs(code, 5);
		for (const [index, wrong] of tries.entries()) {
			const got = index % 2 ? await byApi(verification, wrong) : await byPage(to, verification, wrong);
			expect([got.status, isIn(got)], String(index)).toEqual([400, false]);
		}
		expect((await byApi(verification, code)).code).toBe('auth/code-invalid');
		expect(isIn(await byPage(to, verification, code))).toBe(false);
	});

	it('is worth no more to many tries at once', async () => {
		const to = fresh(connector);
		const { verification, code } = await sent(connector, to);
		const got = await Promise.all(
			[...wrongs(code, 24), code].map((typed, index) =>
				index % 2 ? byApi(verification, typed) : byPage(to, verification, typed),
			),
		);
		expect(got.filter(isIn)).toEqual([]);
		expect((await byApi(verification, code)).code).toBe('auth/code-invalid');
	});

	it('right, many times at once: one comes in', async () => {
		const to = fresh(connector);
		const { verification, code } = await sent(connector, to);
		const got = await Promise.all(
			Array.from({ length: 4 }, (_, index) =>
				index % 2 ? byApi(verification, code) : byPage(to, verification, code),
			),
		);
		expect(got.filter(isIn)).toHaveLength(1);
	});

	it('that a page sent is of use in that browser alone', async () => {
		const [mine, thief] = [new Visitor(target), new Visitor(target)];
		const to = fresh(connector);
		const typed: Record<string, string> = { connector, [connector === 'email' ? 'email' : 'phone']: to };
		const page = await mine.open(mine.at('/sign-in'), typed);
		expect(page.url.pathname).toMatch(/\/code$/);
		const code = await codeTo(to);
		const note = mine.cookies.find(({ name }) => name === 'menshen-note-4')?.value ?? '';
		const { verification } = JSON.parse(decodeURIComponent(note)) as { verification: string };
		expect((await byApi(verification, code)).code).toBe('auth/code-invalid');
		await thief.open(thief.at('/sign-in'), typed);
		thief.add({ name: 'menshen-note-4', value: note, path: '/', secure: false });
		await thief.open(thief.at('/code'), { code });
		expect(await thief.me()).toBeUndefined();
		await mine.open(mine.at('/code'), { code });
		expect(await mine.me()).toBeDefined();
	});

	it('opens nothing else: no other purpose, no other app', async () => {
		const to = fresh(connector);
		const { verification, code } = await sent(connector, to);
		const newPassword = 'a-password-of-the-thief';
		for (const [procedure, input, app] of [
			['auth.resetPassword', { identifier: to, code, newPassword }, 4],
			['auth.completeRegistration', { verification, code }, 4],
			['auth.proveJoining', { pending: verification, verification, code }, 4],
			['auth.signInWithCode', { verification, code }, 5],
		] as const) {
			const got = await api(procedure, input, app);
			expect(got.status, procedure).toBeGreaterThanOrEqual(400);
			expect(isIn(got), procedure).toBe(false);
		}
		expect((await byApi(verification, code)).status).toBe(200);
		expect((await byApi(verification, code)).code).toBe('auth/code-invalid');
	});
});

describe('C05: a code that an account waits for', () => {
	it('proves the number it was sent to, for the account that asked', async () => {
		const joining = async (name: string) => {
			const got = await api('auth.register', { username: name, password: 'a-long-enough-secret' }, 6);
			return (got.data as { pending: string }).pending;
		};
		const [mine, theirs] = [await joining('waiter1'), await joining('waiter2')];
		const to = '+8613900000001';
		const order = { purpose: 'join', connector: 'sms', to, pending: mine };
		const got = await api('auth.sendCode', order, 6);
		const { verification } = got.data as { verification: string };
		const code = await codeTo(to, 6);
		expect(code).toMatch(/^\d{6}$/);
		const prove = (pending: string, typed: string) =>
			api('auth.proveJoining', { pending, verification, code: typed }, 6);
		expect((await prove(theirs, code)).code).toBe('auth/code-invalid');
		expect((await byApi(verification, code, 6)).code).toBe('auth/code-invalid');
		for (const wrong of wrongs(code, 4)) expect((await prove(mine, wrong)).code).toBe('auth/code-invalid');
		expect((await prove(mine, code)).code, 'void after five tries').toBe('auth/code-invalid');
	});
});
