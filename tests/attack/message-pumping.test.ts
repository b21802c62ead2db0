/** C07: how many messages a stranger can make an app send, and that its operator sees where the limit is reached. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sendCode } from '../../src/lib/server/flows/codes/send-code';
import { requestRecovery } from '../../src/lib/server/flows/recover/recover';
import type { AppServices } from '../../src/lib/server/flows/services';
import { limits } from '../../src/lib/server/limits/rules';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	visitor,
	type ApplianceUnderTest,
} from '../appliance-under-test';
import { oneApp, startTarget, type Target } from './target';
import { connectorsLine } from './vendors';
import { post } from './wire';

interface Event {
	action: string;
	outcome: string;
	address: string;
	detail: { limit?: string; most?: number };
}

describe('from outside', () => {
	let target: Target;
	beforeAll(async () => {
		target = await startTarget({
			apply: `${oneApp}${connectorsLine({}, ['sms', 'email'])}`,
			env: { TRUSTED_PROXIES: '127.0.0.1' },
		});
	});
	afterAll(() => target.stop());

	const own = () => ({ host: new URL(target.origin).host, origin: target.origin });
	const doors: Record<string, (to: string, from: string) => Promise<{ status: number }>> = {
		'the sign-in page': (to, from) =>
			post(
				target.at,
				'/apps/4/sign-in',
				to.includes('@') ? { connector: 'email', email: to } : { connector: 'sms', phone: to },
				{ ...own(), 'x-forwarded-for': from },
			),
		'auth.sendCode': (to, from) =>
			target.api('auth.sendCode', {
				input: { purpose: 'sign-in', connector: to.includes('@') ? 'email' : 'sms', to },
				headers: { 'x-forwarded-for': from },
			}),
		'the recovery page': (to, from) =>
			post(target.at, '/apps/4/recover', { identifier: to }, { ...own(), 'x-forwarded-for': from }),
		'auth.sendCode to recover': (to, from) =>
			target.api('auth.sendCode', {
				input: { purpose: 'recover', identifier: to },
				headers: { 'x-forwarded-for': from },
			}),
	};
	const asks = Object.entries(doors);
	const askAt = async (index: number, to: string, from: string) => {
		const [, ask] = asks[index % 2] ?? [];
		if (!ask) throw new Error('no such door');
		return ask(to, from);
	};
	const reached = async (limit: string): Promise<Event[]> => {
		const headers = { cookie: await target.owner() };
		const input = { action: 'limit.reached', limit: 200 };
		const got = await target.api('admin.audit.list', { input, headers });
		return (got.data as { events: Event[] }).events.filter(({ detail }) => detail.limit === limit);
	};
	const sentTo = async (to: string) => (await target.mails()).filter((mail) => mail.to === to).length;

	it.each([
		['an email', 'pumped@example.com', ['Pumped@Example.com', ' pumped@example.com ', 'PUMPED@EXAMPLE.COM']],
		['a phone', '+8613912345678', ['13912345678', '139 1234 5678', '+86 139-1234-5678']],
	])(
		'%s is written to once a minute, whoever asks, by page or API, however it is spelled',
		async (_, to, spellings) => {
			const [first, ...others] = asks;
			expect((await first?.[1](to, '198.51.100.1'))?.status).toBe(303);
			let from = 1;
			for (const spelling of [to, ...spellings])
				for (const [name, ask] of others)
					expect((await ask(spelling, `198.51.100.${++from}`)).status, `${name}: ${spelling}`).toBe(429);
			expect(await sentTo(to)).toBe(1);
			expect((await reached('send-target-minute')).length).toBeGreaterThan(0);
		},
	);

	it('many at once send one', async () => {
		const to = '+8613912345679';
		const got = await Promise.all(
			Array.from({ length: 40 }, (_, index) => askAt(index, to, `203.0.113.${index}`)),
		);
		expect(got.filter(({ status }) => status !== 429)).toHaveLength(1);
		expect(await sentTo(to)).toBe(1);
	});

	it('an address makes the app send so many an hour, and the operator sees which address', async () => {
		const from = '192.0.2.44';
		let sent = 0;
		for (let index = 0; index < limits.sendAddress.points + 8; index++) {
			const got = await askAt(index, `+86138${String(20_000_000 + index)}`, from);
			if (got.status !== 429) sent += 1;
		}
		expect(sent).toBe(limits.sendAddress.points);
		expect(await reached('send-address')).toMatchObject([{ address: from, outcome: 'refused' }]);
		// Everybody else is written to as before.
		expect((await asks[1]?.[1]('+8613820009999', '192.0.2.45'))?.status).toBe(200);
		const page = await fetch(`${target.origin}/admin/apps/4/audit`, {
			headers: { cookie: await target.owner() },
		});
		expect(await page.text()).toContain(from);
	});
});

describe('within a day', () => {
	let under: ApplianceUnderTest;
	let app: AppServices;
	beforeEach(async () => {
		under = await applianceUnderTest();
		app = await under.app();
		for (const id of ['sms', 'email']) await app.plugins.save(id, { enabled: true });
	});
	afterEach(() => under.close());

	let address = 0;
	const from = () => visitor({ address: `198.51.${Math.floor(++address / 250)}.${address % 250}` });
	const ask = (to: string) => refusalOf(sendCode(app, { connector: 'sms', to, purpose: 'sign-in' }, from()));
	const reached = async () =>
		(await app.store.read.audit.list({ limit: 50, action: 'limit.reached' })).map(
			({ detail }) => detail['limit'],
		);

	it('one target gets ten, by whatever it is asked for', async () => {
		await under.user(app, {
			username: 'alice',
			phone: '+8613812345678',
			phoneVerified: true,
			password: goodPassword,
		});
		const answers: string[] = [];
		for (let hour = 0; hour < 12; hour++) {
			under.clock.move(3_600_000);
			answers.push(
				hour % 2
					? await ask('+8613812345678')
					: await refusalOf(requestRecovery(app, { identifier: '13812345678' }, from())),
			);
		}
		expect(answers).toEqual([
			...Array<string>(10).fill('done'),
			...Array<string>(2).fill('auth/too-many-attempts'),
		]);
		expect(await reached()).toContain('send-target-day');
		under.clock.move(24 * 3_600_000);
		expect(await ask('+8613812345678')).toBe('done');
	});

	it('one app sends ten thousand, however many ask; another app is not held up', async () => {
		const counted = async (points: number) =>
			app.store.write((tx) =>
				tx.rateLimits.add('send-app:all', points, {
					now: under.clock.now(),
					expiresAt: under.clock.now() + 24 * 3_600_000,
				}),
			);
		expect(await ask('+8613811111111')).toBe('done');
		await counted(limits.sendApp.points - 2);
		expect(await ask('+8613811111112')).toBe('done');
		expect(await ask('+8613811111113')).toBe('auth/too-many-attempts');
		expect(await reached()).toEqual(['send-app']);
		const other = await under.app();
		await other.plugins.save('sms', { enabled: true });
		const order = { connector: 'sms', to: '+8613811111114', purpose: 'sign-in' } as const;
		expect(await refusalOf(sendCode(other, order, from()))).toBe('done');
	});
});
