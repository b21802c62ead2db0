import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Refusal } from '../../contract/errors';
import { openStorage, type Storage } from '../storage/open';
import { createLimiter, type Limiter, type LimitKeys, type LimitRule, type Tries } from './limiter';
import { sourceOf } from './rules';

const rule: LimitRule = { name: 'test', points: 3, seconds: 60 };
const wide: LimitRule = { name: 'wide', points: 5, seconds: 600 };
let dataDir: string;
let storage: Storage;
let now: number;
let limiter: Limiter;
const clock = { now: () => now };
const by = { address: '203.0.113.9', requestId: 'r1' };
const on = (...keys: LimitKeys): Tries => ({ by, on: keys });

beforeEach(async () => {
	now = Date.now();
	dataDir = mkdtempSync(join(tmpdir(), 'menshen-limit-'));
	storage = await openStorage({ dataDir });
	limiter = createLimiter(storage.control, clock);
});
afterEach(async () => {
	await storage.close();
	rmSync(dataDir, { recursive: true, force: true });
});

const fail = (key = 'k', through = limiter) =>
	through
		.guard(on([rule, key]), async () => {
			throw new Refusal('auth/invalid-credentials');
		})
		.catch((error: Refusal) => error);
const succeed = (key = 'k') =>
	limiter.guard(on([rule, key]), async () => 'in').catch((error: Refusal) => error.code);

describe('the limiter', () => {
	it('allows a number of failures, then says how long to wait', async () => {
		for (let i = 0; i < 3; i++) expect(await fail()).toMatchObject({ code: 'auth/invalid-credentials' });
		now += 20_000;
		expect(await fail()).toMatchObject({ code: 'auth/too-many-attempts', params: { seconds: 40 } });
		expect(await succeed()).toBe('auth/too-many-attempts');
		now += 41_000;
		expect(await succeed()).toBe('in');
	});

	it('counts no success, and no refusal that is not a failed try', async () => {
		for (let i = 0; i < 10; i++) expect(await succeed()).toBe('in');
		for (let i = 0; i < 10; i++)
			await limiter
				.guard(
					on([rule, 'k']),
					() => Promise.reject(new Refusal('auth/account-disabled')),
					(refusal) => refusal.code === 'auth/invalid-credentials',
				)
				.catch(() => undefined);
		expect(await succeed()).toBe('in');
	});

	it('does not count a bug as a failed try, and rethrows it', async () => {
		for (let i = 0; i < 5; i++)
			await expect(limiter.guard(on([rule, 'k']), () => Promise.reject(new Error('bug')))).rejects.toThrow(
				'bug',
			);
		expect(await succeed()).toBe('in');
	});

	it('keeps keys and rules apart', async () => {
		for (let i = 0; i < 4; i++) await fail('a');
		expect(await succeed('b')).toBe('in');
		expect(await limiter.guard(on([wide, 'a']), async () => 'in')).toBe('in');
	});

	it('counts a try under every rule it is given', async () => {
		const both = () =>
			limiter
				.guard(on([rule, 'x'], [wide, 'y']), () => Promise.reject(new Refusal('auth/invalid-credentials')))
				.catch((error: Refusal) => error.code);
		for (let i = 0; i < 3; i++) await both();
		now += 61_000;
		for (let i = 0; i < 2; i++) expect(await both()).toBe('auth/invalid-credentials');
		now += 61_000;
		expect(await both()).toBe('auth/too-many-attempts');
	});

	it('counts tries under way, so that making many at once does not help', async () => {
		const answers = await Promise.all(Array.from({ length: 20 }, () => fail()));
		const tried = answers.filter(
			(answer) => answer instanceof Refusal && answer.code === 'auth/invalid-credentials',
		);
		expect(tried.length).toBeLessThanOrEqual(3);
		expect(tried.length).toBeGreaterThan(0);
	});

	it('forgets nothing over a restart, and shares the count between processes (C03)', async () => {
		const other = createLimiter(storage.control, clock);
		await fail('k', limiter);
		await fail('k', other);
		await fail('k', limiter);
		await storage.close();
		storage = await openStorage({ dataDir });
		expect(await fail('k', createLimiter(storage.control, clock))).toMatchObject({
			code: 'auth/too-many-attempts',
		});
	});

	it('counts each use, whatever its outcome', async () => {
		for (let i = 0; i < 3; i++) await limiter.spend(on([rule, 'mail']));
		await expect(limiter.spend(on([rule, 'mail']))).rejects.toMatchObject({ code: 'auth/too-many-attempts' });
		await limiter.forget(rule, 'mail');
		await limiter.spend(on([rule, 'mail']));
	});

	it('counts a use of a piece of work, and does not run it at the limit', async () => {
		const done: number[] = [];
		const work = (turn: number) => async () => {
			done.push(turn);
			if (turn === 1) throw new Error('no luck');
			return turn;
		};
		await expect(limiter.spend(on([rule, 'work']), work(0))).resolves.toBe(0);
		await expect(limiter.spend(on([rule, 'work']), work(1))).rejects.toThrow('no luck');
		await expect(limiter.spend(on([rule, 'work']), work(2))).resolves.toBe(2);
		await expect(limiter.spend(on([rule, 'work']), work(3))).rejects.toMatchObject({
			code: 'auth/too-many-attempts',
		});
		expect(done).toEqual([0, 1, 2]);
	});

	it('allows no more uses than the limit at the same time', async () => {
		const answers = await Promise.all(
			Array.from({ length: 10 }, () =>
				limiter.spend(on([rule, 'burst'])).then(
					() => 'ok',
					() => 'no',
				),
			),
		);
		expect(answers.filter((answer) => answer === 'ok').length).toBeLessThanOrEqual(3);
	});
});

describe('the audit log', () => {
	const events = () => storage.control.read.audit.list({ limit: 50 });

	it('has one entry per window for a limit that is reached, however often (E09)', async () => {
		for (let i = 0; i < 3; i++) await fail();
		expect(await events()).toEqual([]);
		for (let i = 0; i < 20; i++) await fail();
		await Promise.all(Array.from({ length: 20 }, () => fail()));
		expect(await events()).toEqual([
			{
				seq: expect.any(Number) as number,
				at: now,
				action: 'limit.reached',
				outcome: 'refused',
				actor: { kind: 'nobody', id: '' },
				target: '',
				address: by.address,
				requestId: by.requestId,
				detail: { limit: 'test', most: 3, seconds: 60 },
			},
		]);
		now += 61_000;
		for (let i = 0; i < 3; i++) await fail();
		expect(await events()).toHaveLength(1);
		for (let i = 0; i < 5; i++) await fail();
		expect(await events()).toHaveLength(2);
	});

	it('has one entry for all processes, and for each key', async () => {
		const other = createLimiter(storage.control, clock);
		for (let i = 0; i < 3; i++) await fail('a');
		await Promise.all([
			fail('a', limiter),
			fail('a', other),
			fail('a', createLimiter(storage.control, clock)),
		]);
		expect(await events()).toHaveLength(1);
		for (let i = 0; i < 5; i++) await fail('b');
		expect(await events()).toHaveLength(2);
	});

	it('names what was tried, and has another entry after the count was reset', async () => {
		const spend = () =>
			limiter.spend({ ...on([rule, 'mail']), target: 'user:u1' }).catch((error: Refusal) => error.code);
		for (let i = 0; i < 5; i++) await spend();
		expect((await events()).map(({ target }) => target)).toEqual(['user:u1']);
		await limiter.forget(rule, 'mail');
		for (let i = 0; i < 5; i++) await spend();
		expect(await events()).toHaveLength(2);
	});

	it('has no entry for tries that only have to wait for others under way', async () => {
		await limiter.guard(on([rule, 'busy']), async () => {
			const others = Array.from({ length: 5 }, () => fail('busy'));
			await Promise.all(others);
		});
		const counted = await storage.control.read.rateLimits.find('test:busy', now);
		expect(counted?.points).toBeLessThan(3);
		expect(await events()).toEqual([]);
	});
});

describe('a source', () => {
	it('is an IPv4 address or an IPv6 network', () => {
		expect(sourceOf('192.0.2.1')).toBe('192.0.2.1');
		expect(sourceOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
		expect(sourceOf('2001:db8:1:2:ffff:0:0:1')).toBe('2001:db8:1:2::/64');
	});
});
