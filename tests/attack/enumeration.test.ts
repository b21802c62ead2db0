/** C08: no answer shows whether a person has an account, neither by its text nor by its time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/lib/server/limits/rules';
import { median, said, sameDistribution } from './alike';
import { startTarget, type Target } from './target';
import { post, type Got } from './wire';

const people = 40;
const rounds = 2;
const app = 4;
const nameOf = (kind: 'known' | 'ghost', index: number) => `${kind}${String(index).padStart(3, '0')}`;
const mailOf = (kind: 'known' | 'ghost', index: number) => `${nameOf(kind, index)}@example.com`;

/** Doors that mail: a name is written to once a minute, so each of them asks for names of its own, in each round. */
const mailing = [
	'the recovery page',
	'auth.sendCode',
	'the registration page with an email',
	'auth.register with an email',
];
/** Names that no round asks for. */
const spare = people * rounds * mailing.length;

const users = Array.from({ length: spare + people }, (_, index) => {
	const secret = index < people ? ', password: correct-horse-battery' : '';
	return `      - { username: ${nameOf('known', index)}, email: ${mailOf('known', index)}, emailVerified: true${secret} }`;
});
const apply = `apps:
  - id: ${app}
    name: Demo
    requireVerified: [email]
    users:
      - { username: withpass, email: withpass@example.com, emailVerified: true, password: correct-horse-battery }
${users.join('\n')}
`;

let target: Target;
beforeAll(async () => {
	target = await startTarget({ apply, env: { TRUSTED_PROXIES: '127.0.0.1' } });
}, 180_000);
afterAll(() => target.stop());

let source = 0;
const elsewhere = () => ({ 'x-forwarded-for': `198.51.${100 + Math.floor(++source / 250)}.${source % 250}` });
const page = (path: string, fields: Record<string, string>) =>
	post(target.at, `/apps/${app}${path}`, fields, {
		host: new URL(target.origin).host,
		origin: target.origin,
		...elsewhere(),
	});
const api = (procedure: string, input: object) => target.api(procedure, { input, headers: elsewhere() });

interface Surface {
	name: string;
	/** How many may be asked of one name before it is limited. */
	ask(name: string, mail: string): Promise<Got>;
}

const wrong = 'not-the-right-password';
const surfaces: Surface[] = [
	{ name: 'the sign-in page', ask: (name) => page('/sign-in', { identifier: name, password: wrong }) },
	{
		name: 'the sign-in page by email',
		ask: (_, mail) => page('/sign-in', { identifier: mail, password: wrong }),
	},
	{ name: 'auth.signIn', ask: (name) => api('auth.signIn', { identifier: name, password: wrong }) },
	{ name: 'the recovery page', ask: (name) => page('/recover', { identifier: name }) },
	{ name: 'auth.sendCode', ask: (_, mail) => api('auth.sendCode', { purpose: 'recover', identifier: mail }) },
	{
		name: 'the recovery page with a code',
		ask: (name) =>
			page('/recover', { identifier: name, code: '000000', newPassword: 'a-long-enough-secret' }),
	},
	{
		name: 'auth.resetPassword',
		ask: (name) =>
			api('auth.resetPassword', { identifier: name, code: '000000', newPassword: 'a-long-enough-secret' }),
	},
	{
		name: 'the registration page with an email',
		ask: (_, mail) => page('/register', { email: mail, password: 'a-long-enough-secret' }),
	},
	{
		name: 'auth.register with an email',
		ask: (_, mail) => api('auth.register', { email: mail, password: 'a-long-enough-secret' }),
	},
];

describe('C08: known and unknown accounts', () => {
	// These names are asked for nothing else, so that no limit answers here.
	it.each(surfaces)('get one and the same answer from $name', async ({ name, ask }) => {
		const index = spare + surfaces.findIndex((surface) => surface.name === name);
		const [known, ghost] = [
			[mailOf('known', index), nameOf('known', index)],
			[mailOf('ghost', index), nameOf('ghost', index)],
		];
		const [there, nowhere] = [
			await ask(known[1] ?? '', known[0] ?? ''),
			await ask(ghost[1] ?? '', ghost[0] ?? ''),
		];
		expect(said(there, known)).toBe(said(nowhere, ghost));
		expect(there.body.length, 'length').toBe(nowhere.body.length);
	});

	it('are limited alike, and with the same text', async () => {
		const own = { host: new URL(target.origin).host, origin: target.origin };
		const doors = {
			'192.0.2.1': (who: string, from: object) =>
				post(target.at, `/apps/${app}/sign-in`, { identifier: who, password: wrong }, { ...own, ...from }),
			'192.0.2.2': (who: string, from: object) =>
				target.api('auth.signIn', { input: { identifier: who, password: wrong }, headers: { ...from } }),
		};
		for (const [address, door] of Object.entries(doors)) {
			const answers = async (who: string) => {
				const tries: string[] = [];
				for (let count = 0; count < 10; count++)
					tries.push(said(await door(who, { 'x-forwarded-for': address }), [who]));
				return tries.map((text) =>
					text.replace(/\d+ (seconds|minutes)|\\?"seconds\\?":\d+|"retry-after":"\d+"/g, 'while'),
				);
			};
			expect(await answers('withpass')).toEqual(await answers('without1'));
		}
	});

	it('of which one has no password, is disabled or was never proven: the same refusal', async () => {
		const headers = { cookie: await target.owner() };
		const made = await target.api('admin.users.create', {
			input: { username: 'disabled', email: 'disabled@example.com', password: 'correct-horse-battery' },
			headers,
		});
		await target.api('admin.users.update', {
			input: { id: (made.data as { id: string }).id, status: 'disabled' },
			headers,
		});
		const bare = nameOf('known', spare + 30);
		const answers = await Promise.all(
			[bare, 'disabled', 'disabled@example.com', 'nowhere'].map(async (who) =>
				said(await api('auth.signIn', { identifier: who, password: wrong }), [who]),
			),
		);
		expect(new Set(answers).size).toBe(1);
		const asked = await Promise.all(
			['disabled', 'nowhere'].map(async (who) =>
				said(await api('auth.sendCode', { purpose: 'recover', identifier: who }), [who]),
			),
		);
		expect(new Set(asked).size).toBe(1);
	});

	it('a username may be said to be taken, an email of another user never', async () => {
		expect(
			(
				await api('auth.register', {
					username: 'withpass',
					email: 'new@example.com',
					password: 'a-long-enough-secret',
				})
			).code,
		).toBe('user/username-taken');
		const taken = await api('auth.register', {
			username: 'brandnew',
			email: 'withpass@example.com',
			password: 'a-long-enough-secret',
		});
		expect([taken.status, (taken.data as { status: string }).status]).toEqual([200, 'verify-email']);
	});
});

describe('usernames', () => {
	it('are reported as taken only so often an hour to one address, by page and API together', async () => {
		const from = { 'x-forwarded-for': '192.0.2.77' };
		const own = { host: new URL(target.origin).host, origin: target.origin, ...from };
		const account = (username: string) => ({
			username,
			email: 'probe@example.com',
			password: 'a-long-enough-secret',
		});
		const doors = [
			(username: string) => post(target.at, `/apps/${app}/register`, account(username), own),
			(username: string) => target.api('auth.register', { input: account(username), headers: from }),
		] as const;
		const { points } = limits.registerAddress;
		const atOnce = 10;
		let told = 0;
		for (let asked = 0; asked < points; asked += atOnce) {
			const answers = await Promise.all(
				Array.from({ length: atOnce }, (_, index) => (doors[index % 2] ?? doors[0])(nameOf('known', 0))),
			);
			told += answers.filter(({ status }) => status === 409).length;
		}
		expect(told).toBeGreaterThan(points - 2 * atOnce);
		// What came at once near the limit was put off: a few more, and it is reached.
		for (let more = 0; more < atOnce; more++) await doors[1](nameOf('known', 0));
		for (const door of doors)
			for (const name of [nameOf('known', 0), 'nobody-has-it']) expect((await door(name)).status).toBe(429);
	}, 180_000);
});

/** Known and unknown in turns, so that a busy machine slows both. */
async function measure(surface: Surface, round: number): Promise<{ difference: number; p: number }> {
	const times = { known: [] as number[], ghost: [] as number[] };
	// The person who signs in has a password, in each round. Codes are typed for those who were mailed one by the
	// recovery page.
	const place = Math.max(0, mailing.indexOf(surface.name));
	for (let index = 0; index < people; index++) {
		const kinds = index % 2 ? (['known', 'ghost'] as const) : (['ghost', 'known'] as const);
		for (const kind of kinds) {
			const number = surface.name.includes('sign') ? index : (place * rounds + round) * people + index;
			times[kind].push((await surface.ask(nameOf(kind, number), mailOf(kind, number))).ms);
		}
	}
	return {
		difference: Math.abs(median(times.known) - median(times.ghost)),
		p: sameDistribution(times.known, times.ghost),
	};
}

describe('C08: how long an answer takes', () => {
	it('the measure itself distinguishes a real difference from none', () => {
		const even = Array.from({ length: 40 }, (_, index) => 10 + (index % 7));
		expect(
			sameDistribution(
				even,
				even.map((value) => value + (value % 2 ? 0.1 : -0.1)),
			),
		).toBeGreaterThan(0.2);
		expect(
			sameDistribution(
				even,
				even.map((value) => value + 8),
			),
		).toBeLessThan(0.001);
	});

	it.each(surfaces)('shows no difference at $name', async (surface) => {
		const seen: { difference: number; p: number }[] = [];
		for (let round = 0; round < rounds; round++) {
			const found = await measure(surface, round);
			if (found.difference < 5 || found.p >= 0.001) return;
			seen.push(found);
		}
		expect(seen, 'the same in every round: a difference that an attacker can measure').toEqual([]);
	});

	it('was measured on real requests: each known person was written to, and no request was limited', async () => {
		const headers = { cookie: await target.owner() };
		const eventsOf = async (action: string) => {
			const input = { action, limit: 200 };
			const { data } = await target.api('admin.audit.list', { input, headers });
			return (data as { events: { target: string; outcome: string; detail: { limit?: string } }[] }).events;
		};
		// At the page and through the API, and with wrong codes at both.
		expect((await eventsOf('user.recover-request')).length).toBeGreaterThanOrEqual(2 * people);
		const wrongCodes = (await eventsOf('user.recover')).filter(({ outcome }) => outcome === 'refused');
		expect(wrongCodes.length).toBeGreaterThanOrEqual(4 * people);
		const limits = (await eventsOf('limit.reached')).map(({ detail }) => detail.limit);
		expect(limits.filter((limit) => limit?.startsWith('send'))).toEqual([]);
	});
});
