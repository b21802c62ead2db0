/**
 * C08: codes asked for, typed wrongly or sent to recover, and passkeys do not show which people have an account.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { median, said, sameDistribution } from './alike';
import { startTarget, type Target } from './target';
import { connectorsLine } from './vendors';
import { post, type Got } from './wire';

const people = 40;
const rounds = 2;
const app = 4;
const digits = (index: number) => String(index).padStart(4, '0');
const mailOf = (kind: 'known' | 'ghost', index: number) => `${kind}${digits(index)}@example.com`;
const phoneOf = (kind: 'known' | 'ghost', index: number) =>
	`+8613${kind === 'known' ? 7 : 8}0000${digits(index)}`;

let target: Target;
let source = 0;
const elsewhere = () => ({ 'x-forwarded-for': `198.51.${Math.floor(++source / 250)}.${source % 250}` });
const page = (path: string, fields: Record<string, string>) =>
	post(target.at, `/apps/${app}${path}`, fields, {
		host: new URL(target.origin).host,
		origin: target.origin,
		...elsewhere(),
	});
const api = (procedure: string, input: object) => target.api(procedure, { input, headers: elsewhere() });

interface Surface {
	name: string;
	ask(mail: string, phone: string): Promise<Got>;
}
const sending: Surface[] = [
	{
		name: 'the sign-in page by email code',
		ask: (email) => page('/sign-in', { connector: 'email', email }),
	},
	{
		name: 'the sign-in page by text message',
		ask: (_, phone) => page('/sign-in', { connector: 'sms', phone }),
	},
	{
		name: 'auth.sendCode to sign in by email',
		ask: (to) => api('auth.sendCode', { purpose: 'sign-in', connector: 'email', to }),
	},
	{
		name: 'auth.sendCode to sign in by text message',
		ask: (_, to) => api('auth.sendCode', { purpose: 'sign-in', connector: 'sms', to }),
	},
	{ name: 'the recovery page with a phone', ask: (_, phone) => page('/recover', { identifier: phone }) },
	{
		name: 'auth.sendCode to recover by phone',
		ask: (_, phone) => api('auth.sendCode', { purpose: 'recover', identifier: phone }),
	},
];
/** Asked for after `sending` has sent to the same. */
const typing: Surface[] = [
	{
		name: 'auth.resetPassword by phone with a wrong code',
		ask: (_, identifier) =>
			api('auth.resetPassword', { identifier, code: '000000', newPassword: 'a-long-enough-secret' }),
	},
	{
		name: 'auth.signInWithCode with a wrong code',
		ask: async (_, phone) =>
			api('auth.signInWithCode', { verification: verifications.get(phone) ?? 'x', code: '000000' }),
	},
];
const verifications = new Map<string, string>();

/** Each surface asks for people of its own in each round, and one pair more for what it says. */
const perSurface = people * rounds + 1;
const count = perSurface * (sending.length + typing.length);

beforeAll(async () => {
	const users = Array.from(
		{ length: count },
		(_, index) =>
			`      - { username: known${digits(index)}, email: ${mailOf('known', index)}, emailVerified: true, phone: '${phoneOf('known', index)}', phoneVerified: true }`,
	);
	// Registration is closed: a person without an account cannot get one, so that no message goes to an unknown
	// address.
	target = await startTarget({
		apply: `apps:
  - id: ${app}
    name: Demo
    registration: closed
${connectorsLine({}, ['sms', 'email', 'passkey'])}    users:
${users.join('\n')}
`,
		env: { TRUSTED_PROXIES: '127.0.0.1' },
	});
}, 180_000);
afterAll(() => target.stop());

async function prepare(surface: Surface, index: number): Promise<void> {
	if (!typing.includes(surface)) return;
	for (const kind of ['known', 'ghost'] as const) {
		const to = phoneOf(kind, index);
		await api('auth.sendCode', { purpose: 'recover', identifier: to });
		// Another minute's worth of messages is another person's.
		const other = mailOf(kind, index);
		const got = await api('auth.sendCode', { purpose: 'sign-in', connector: 'email', to: other });
		verifications.set(to, (got.data as { verification: string }).verification);
	}
}

const surfaces = [...sending, ...typing];
const firstOf = (surface: Surface) => surfaces.indexOf(surface) * perSurface;

async function measure(surface: Surface, round: number): Promise<{ difference: number; p: number }> {
	const times = { known: [] as number[], ghost: [] as number[] };
	const first = firstOf(surface) + 1 + round * people;
	for (let index = first; index < first + people; index++) await prepare(surface, index);
	for (let index = first; index < first + people; index++)
		for (const kind of index % 2 ? (['known', 'ghost'] as const) : (['ghost', 'known'] as const))
			times[kind].push((await surface.ask(mailOf(kind, index), phoneOf(kind, index))).ms);
	return {
		difference: Math.abs(median(times.known) - median(times.ghost)),
		p: sameDistribution(times.known, times.ghost),
	};
}

describe('C08: known and unknown', () => {
	it.each(surfaces)('get one and the same answer from $name', async (surface) => {
		const index = firstOf(surface);
		await prepare(surface, index);
		const answers = await Promise.all(
			(['known', 'ghost'] as const).map(async (kind) => {
				const names = [mailOf(kind, index), phoneOf(kind, index)];
				const got = await surface.ask(names[0] ?? '', names[1] ?? '');
				expect([200, 303, 400], `${got.status} ${got.body}`).toContain(got.status);
				return { text: said(got, names), length: got.body.length };
			}),
		);
		expect(answers[0]).toEqual(answers[1]);
	});

	it.each(surfaces)('cannot be told apart by time at $name', async (surface) => {
		const seen: { difference: number; p: number }[] = [];
		for (let round = 0; round < rounds; round++) {
			const found = await measure(surface, round);
			if (found.difference < 5 || found.p >= 0.001) return;
			seen.push(found);
		}
		expect(seen, 'the same in every round: a difference that an attacker can measure').toEqual([]);
	});

	it('were real: only people with an account were written to', async () => {
		const headers = { cookie: await target.owner() };
		const input = { limit: 200 };
		const { data } = await target.api('admin.audit.list', { input, headers });
		const { events } = data as { events: { action: string; target: string; detail: { limit?: string } }[] };
		expect(events.filter(({ action }) => action === 'user.code-request').length).toBeGreaterThan(20);
		expect(events.flatMap(({ detail }) => detail.limit ?? [])).toEqual([]);
		const mails = await target.mails();
		expect(mails.length).toBeGreaterThan(20);
		expect(mails.filter(({ to }) => /ghost|\+86138/.test(to))).toEqual([]);
	});

	it('the start of a passkey asks for no name and shows no user’s key', async () => {
		for (const got of [await api('auth.passkeyOptions', {}), await page('/passkey', {})]) {
			expect(got.status).toBe(200);
			expect(got.body).not.toMatch(/allowCredentials":\[\{|known\d/);
		}
		const named = await api('auth.passkeyOptions', { identifier: 'known0000' });
		const unnamed = await api('auth.passkeyOptions', { identifier: 'ghost0000' });
		expect([named.status, named.body.length]).toEqual([unnamed.status, unnamed.body.length]);
	});

	it('a code from a person without an account is refused like a wrong one while registration is closed', async () => {
		const ask = async (to: string) => {
			const got = await api('auth.signInWithCode', { verification: to, code: '123456' });
			return [got.status, got.code];
		};
		expect(await ask('no-such-verification')).toEqual(await ask('another-of-no-such'));
	});
});
