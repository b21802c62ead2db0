/** C01–C04, C09, C10: guessing passwords and codes, and what a session is worth afterwards. Over both doors. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { app, oneApp, password, startTarget, type Target } from './target';
import { cookieHeader, post, type Got } from './wire';

const host = (target: Target) => new URL(target.origin).host;
const tryForm = (
	target: Target,
	identifier: string,
	secret: string,
	headers: Record<string, string> = {},
): Promise<Got> =>
	post(
		target.at,
		`/apps/${app}/sign-in`,
		{ identifier, password: secret },
		{ host: host(target), origin: target.origin, ...headers },
	);
const tryApi = (target: Target, identifier: string, secret: string, headers: Record<string, string> = {}) =>
	target.api('auth.signIn', { input: { identifier, password: secret }, headers });

/** Makes wrong tries until one is refused for the limit. @returns how many were checked */
async function judged(
	most: number,
	attempt: (index: number) => Promise<{ status: number }>,
): Promise<number> {
	for (let index = 0; index < most; index++) {
		const { status } = await attempt(index);
		if (status === 429) return index;
		expect([400, 401]).toContain(status);
	}
	return most;
}

describe('without trusted proxies', () => {
	let target: Target;
	afterEach(() => target.stop());
	const spoofs = (index: number): Record<string, string>[] => [
		{ 'x-forwarded-for': `198.51.100.${index}` },
		{ forwarded: `for=198.51.100.${index}` },
		{
			'x-real-ip': `198.51.100.${index}`,
			'cf-connecting-ip': `198.51.100.${index}`,
			'true-client-ip': `198.51.100.${index}`,
			'x-client-ip': `198.51.100.${index}`,
		},
		{ 'x-forwarded-for': `198.51.100.${index}, 127.0.0.1`, via: '1.1 proxy' },
	];

	it('C04, C02, C03: no header buys another try, by page or API, and a restart forgives nothing', async () => {
		target = await startTarget();
		const tries = await judged(20, (index) => {
			const lie = spoofs(index)[index % 4] ?? {};
			return index % 2
				? tryApi(target, 'alice', 'wrong-wrong', lie)
				: tryForm(target, 'alice', 'wrong-wrong', lie);
		});
		expect(tries).toBe(8);
		expect((await tryForm(target, 'alice', password, { 'x-forwarded-for': '198.51.100.200' })).status).toBe(
			429,
		);
		const appliance = await target.appliance.restart();
		expect((await tryApi(target, 'ALICE', password)).status).toBe(429);
		expect((await tryApi(target, 'ａｌｉｃｅ', password)).status).toBe(429);
		expect(appliance.pid).not.toBe(target.appliance.pid);
		await appliance.end('SIGKILL');
	});

	it('C02: many at once gain nothing', async () => {
		target = await startTarget();
		const answers = await Promise.all(
			Array.from({ length: 60 }, (_, index) =>
				index % 2 ? tryApi(target, 'alice', 'wrong-wrong') : tryForm(target, 'alice', 'wrong-wrong'),
			),
		);
		expect(answers.filter(({ status }) => status !== 429).length).toBeLessThanOrEqual(8);
	});

	it('C02: an owner whose account strangers tried still gets in from a browser that was here before', async () => {
		target = await startTarget();
		const known = (await tryForm(target, 'alice', password)).cookies
			.map((line) => line.split(';')[0])
			.filter((pair) => pair?.includes('known'))
			.join('; ');
		expect(known).not.toBe('');
		await judged(20, () => tryForm(target, 'alice', 'wrong-wrong'));
		expect((await tryForm(target, 'alice', password)).status).toBe(429);
		expect((await tryForm(target, 'alice', password, { cookie: known })).status).toBe(303);
		expect(
			(await tryForm(target, 'alice', password, { cookie: known.replace(/=.{4}/, '=AAAA') })).status,
		).toBe(429);
	});
});

describe('behind a trusted proxy', () => {
	let target: Target;
	beforeAll(async () => void (target = await startTarget({ env: { TRUSTED_PROXIES: '127.0.0.1' } })));
	afterAll(() => target.stop());

	/** 203.0.113.9 in a thousand spellings that a proxy or a parser might let through. */
	function spellings(): string[] {
		const octal = (part: number) => `0${part.toString(8)}`;
		const hex = (part: number) => `0x${part.toString(16)}`;
		const forms = [String, octal, hex];
		const parts = [203, 0, 113, 9];
		const numeric = forms.flatMap((a) =>
			forms.flatMap((b) =>
				forms.flatMap((c) =>
					forms.map((d) => parts.map((part, index) => [a, b, c, d][index]?.(part) ?? '').join('.')),
				),
			),
		);
		const mapped = [
			'::ffff:203.0.113.9',
			'::FFFF:203.0.113.9',
			'::ffff:cb00:7109',
			'0:0:0:0:0:ffff:203.0.113.9',
			'0:0:0:0:0:FFFF:CB00:7109',
			'0000:0000:0000:0000:0000:ffff:cb00:7109',
		];
		const base = [
			'203.0.113.9',
			...mapped,
			...mapped.map((one) => `[${one}]`),
			...mapped.map((one) => `[${one}]:443`),
			'203.0.113.9:1',
			'203.0.113.9:65535',
		];
		const spaced = base.flatMap((one) =>
			['', ' ', '  ', '\t'].flatMap((before) => ['', ' ', '\t'].map((after) => before + one + after)),
		);
		const claimed = spaced.flatMap((one) =>
			['', '10.0.0.1, ', 'unknown, ', '198.51.100.7, 198.51.100.8, '].map((ahead) => ahead + one),
		);
		return [...new Set([...claimed, ...numeric])];
	}

	it('C04: 1,000 spellings of one address share one bucket', async () => {
		const all = spellings();
		expect(all.length).toBeGreaterThanOrEqual(1000);
		const statuses = new Map<number, number>();
		for (let start = 0; start < all.length; start += 25) {
			const got = await Promise.all(
				all
					.slice(start, start + 25)
					.map((spelling) =>
						tryApi(target, 'nobody-of-that-name', 'wrong-wrong', { 'x-forwarded-for': spelling }),
					),
			);
			for (const { status } of got) statuses.set(status, (statuses.get(status) ?? 0) + 1);
		}
		expect((statuses.get(401) ?? 0) + (statuses.get(429) ?? 0)).toBe(all.length);
		expect(statuses.get(401)).toBeLessThanOrEqual(8);
	});

	it('C04: one IPv6 /64 is one source, another is another', async () => {
		const tries = await judged(30, (index) =>
			tryApi(target, 'nobody-else', 'wrong-wrong', {
				'x-forwarded-for': `2001:db8:1:1:${index.toString(16)}::${index.toString(16)}`,
			}),
		);
		expect(tries).toBe(8);
		expect(
			(await tryApi(target, 'nobody-else', 'wrong-wrong', { 'x-forwarded-for': '2001:DB8:1:1:0:0:0:ffff' }))
				.status,
		).toBe(429);
		expect(
			(await tryApi(target, 'nobody-else', 'wrong-wrong', { 'x-forwarded-for': '2001:db8:1:2::1' })).status,
		).toBe(401);
	});

	it('C04: what the client wrote itself in the header that the proxy passes on is not believed', async () => {
		const passedOn = await judged(30, (index) =>
			tryApi(target, 'nobody-three', 'wrong-wrong', {
				'x-forwarded-for': `198.51.100.${index}, 203.0.113.77`,
			}),
		);
		expect(passedOn).toBe(8);
		// A proxy that writes one of the two headers usually hands the other through as the client wrote it.
		const beside = await judged(30, (index) =>
			tryApi(target, 'nobody-four', 'wrong-wrong', {
				forwarded: `for=198.51.100.${index}`,
				'x-forwarded-for': '203.0.113.78',
			}),
		);
		expect(beside).toBe(8);
		const mirrored = await judged(30, (index) =>
			tryApi(target, 'nobody-five', 'wrong-wrong', {
				forwarded: 'for=203.0.113.79',
				'x-forwarded-for': `198.51.100.${index}`,
			}),
		);
		expect(mirrored).toBe(8);
	});
});

describe('client secrets behind a trusted proxy', () => {
	let target: Target;
	beforeAll(async () => void (target = await startTarget({ env: { TRUSTED_PROXIES: '127.0.0.1' } })));
	afterAll(() => target.stop());
	const redeem = (secret: string, from: string) =>
		post(
			target.at,
			`/apps/${app}/oidc/token`,
			{ grant_type: 'authorization_code', code: 'none', client_id: 'web', client_secret: secret },
			{ 'x-forwarded-for': from },
		);

	it('C02, C04: are guessed slowly, without locking the client itself out', async () => {
		const codes = new Set<number>();
		for (let index = 0; index < 70; index++) codes.add((await redeem('wrong-secret', '198.51.100.1')).status);
		expect([...codes]).toEqual([401, 429]);
		expect((await redeem('a-secret-of-the-client', '198.51.100.1')).status).toBe(429);
		// 400: the secret is right, the code is invalid.
		expect((await redeem('a-secret-of-the-client', '198.51.100.2')).status).toBe(400);
	});
});

describe('an account behind a trusted proxy', () => {
	let target: Target;
	beforeAll(async () => void (target = await startTarget({ env: { TRUSTED_PROXIES: '127.0.0.1' } })));
	afterAll(() => target.stop());

	it('C02: that strangers from many addresses slowed down is let in again when an operator sets a password', async () => {
		for (let index = 0; index < 64; index++)
			await tryApi(target, 'alice', 'wrong-wrong', {
				'x-forwarded-for': `198.51.100.${Math.floor(index / 6)}`,
			});
		const here = { 'x-forwarded-for': '192.0.2.1' };
		expect((await tryApi(target, 'alice', password, here)).status).toBe(429);
		const headers = { cookie: await target.owner() };
		const found = await target.api('admin.users.list', { input: { search: 'alice' }, headers });
		const id = (found.data as { users: { id: string }[] }).users[0]?.id;
		await target.api('admin.users.setPassword', { input: { id, newPassword: 'a-new-good-one' }, headers });
		expect((await tryApi(target, 'alice', 'a-new-good-one', here)).status).toBe(200);
	});
});

describe('the console behind a trusted proxy', () => {
	let target: Target;
	beforeAll(async () => void (target = await startTarget({ env: { TRUSTED_PROXIES: '127.0.0.1' } })));
	afterAll(() => target.stop());
	const enter = (secret: string, from: string, email = 'owner@example.com') =>
		post(
			target.at,
			'/admin/sign-in',
			{ email, password: secret },
			{ host: host(target), origin: target.origin, 'x-forwarded-for': from },
		);

	it('C02: strangers from many addresses slow an operator down, and another owner lets them in again', async () => {
		const another = { email: 'another@example.com', password: 'a-long-owner-secret', role: 'owner' };
		const adding = { input: another, app: null, headers: { cookie: await target.owner() } };
		await target.api('admin.operators.add', adding);
		const headers = { cookie: cookieHeader(await enter(another.password, '192.0.2.2', another.email)) };
		for (let index = 0; index < 64; index++)
			await enter('wrong-wrong', `198.51.100.${Math.floor(index / 6)}`);
		expect((await enter('a-long-owner-secret', '192.0.2.1')).status).toBe(429);
		const input = { email: 'owner@example.com', newPassword: 'a-new-owner-secret' };
		await target.api('admin.operators.resetPassword', { input, app: null, headers });
		expect((await enter('a-new-owner-secret', '192.0.2.1')).status).toBe(303);
	});
});

describe('passwords and sessions', () => {
	let target: Target;
	beforeAll(
		async () => void (target = await startTarget({ apply: oneApp, env: { TRUSTED_PROXIES: '127.0.0.1' } })),
	);
	afterAll(() => target.stop());
	let source = 0;
	const elsewhere = () => ({ 'x-forwarded-for': `192.0.2.${(source = (source + 1) % 250)}` });

	it('C01: 128 characters and every script are taken, none is cut or folded, the common ones are refused', async () => {
		const register = (username: string, secret: string) =>
			target.api('auth.register', { input: { username, password: secret }, headers: elsewhere() });
		const long = `${'Ünï©ode-密码-'.repeat(12)}`.slice(0, 128);
		expect((await register('longone', long)).status).toBe(200);
		expect((await tryApi(target, 'longone', long, elsewhere())).status).toBe(200);
		for (const wrong of [long.slice(0, 127), long.toLowerCase(), long.toUpperCase(), `${long} `, ` ${long}`])
			expect((await tryApi(target, 'longone', wrong, elsewhere())).status, wrong.slice(-9)).toBe(401);
		const [short, shorter] = ['a-b-'.repeat(18) + 'y', 'a-b-'.repeat(18)];
		expect([short.length, shorter.length]).toEqual([73, 72]);
		expect((await register('seventy', short)).status).toBe(200);
		expect((await tryApi(target, 'seventy', shorter, elsewhere())).status).toBe(401);
		for (const bad of [
			'password',
			'12345678',
			'PASSWORD1',
			'qwertyui',
			'seven77',
			'Demo',
			'common-name',
			'alice@example.com',
		])
			expect(
				(
					await target.api('auth.register', {
						input: { username: 'common-name', email: 'alice@example.com', password: bad },
						headers: elsewhere(),
					})
				).status,
				bad,
			).toBe(400);
	});

	it('C09: a planted session is never the one that gets signed in', async () => {
		const planted = `menshen-${app}=${'a'.repeat(40)}`;
		const first = await tryForm(target, 'alice', password, { cookie: planted, ...elsewhere() });
		const mine = cookieHeader(first);
		expect(mine).not.toContain('a'.repeat(40));
		expect((await target.api('me.get', { headers: { cookie: planted } })).status).toBe(401);
		const second = await tryForm(target, 'alice', password, { cookie: mine, ...elsewhere() });
		expect(cookieHeader(second)).not.toBe(mine);
		expect((await target.api('me.get', { headers: { cookie: mine } })).status).toBe(401);
		expect((await target.api('me.get', { headers: { cookie: cookieHeader(second) } })).status).toBe(200);
	});

	it('C10: sign-out, password change, disabling and deleting end sessions at once', async () => {
		const headers = { cookie: await target.owner() };
		const made = await target.api('admin.users.create', {
			input: { username: 'mallory', password },
			headers,
		});
		const { id } = made.data as { id: string };
		const isIn = async (cookie: string) =>
			(await target.api('me.get', { headers: { cookie } })).status === 200;
		const fresh = (secret = password) => target.signIn('mallory', { secret, headers: elsewhere() });

		let [one, two] = [await fresh(), await fresh()];
		await post(target.at, `/apps/${app}/sign-out`, {}, { cookie: one, origin: target.origin });
		expect([await isIn(one), await isIn(two)]).toEqual([false, true]);

		one = await fresh();
		const changed = await target.api('me.changePassword', {
			input: { password, newPassword: 'another-good-one' },
			headers: { cookie: one },
		});
		expect(changed.status).toBe(200);
		expect([await isIn(one), await isIn(two), await isIn(cookieHeader(changed))]).toEqual([
			false,
			false,
			true,
		]);

		two = await fresh('another-good-one');
		await target.api('admin.users.setPassword', { input: { id, newPassword: password }, headers });
		expect(await isIn(two)).toBe(false);

		two = await fresh();
		await target.api('admin.users.update', { input: { id, status: 'disabled' }, headers });
		expect(await isIn(two)).toBe(false);
		expect((await tryForm(target, 'mallory', password, elsewhere())).status).toBe(403);
		expect((await tryForm(target, 'mallory', 'wrong-wrong', elsewhere())).status).toBe(401);

		await target.api('admin.users.update', { input: { id, status: 'active' }, headers });
		two = await fresh();
		await target.api('admin.users.delete', { input: { id }, headers });
		expect(await isIn(two)).toBe(false);
	});
});
