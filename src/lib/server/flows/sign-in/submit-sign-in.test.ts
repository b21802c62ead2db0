import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { hour, minute } from '../../runtime/clock';
import { digest } from '../../runtime/vault';
import { findCurrentUser } from '../account/current-user';
import type { AppServices, Visitor } from '../services';
import { setUserPassword, updateUser } from '../users/manage-users';
import { submitSignIn } from './submit-sign-in';

let under: ApplianceUnderTest;
let app: AppServices;

beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
	await under.user(app, {
		username: 'Alice',
		email: 'Alice@Example.com',
		emailVerified: true,
		phone: '13800138000',
		phoneVerified: true,
		password: goodPassword,
	});
});
afterAll(() => under.close());

const from = (address: string, change: Partial<Visitor> = {}) => visitor({ address, ...change });
const tryIn = (identifier: string, password = goodPassword, who = visitor()) =>
	submitSignIn(app, { identifier, password }, who);

describe('signing in with a password', () => {
	it.each([
		'Alice',
		'alice',
		' ALICE ',
		'ａｌｉｃｅ',
		'alice@example.com',
		'ALICE@EXAMPLE.COM',
		'13800138000',
		'+86 138 0013 8000',
	])('%s names the account', async (identifier) => {
		const { user } = await tryIn(identifier);
		expect(user.username).toBe('Alice');
	});

	it('makes a session that the cookie proves, with how and when it was proven', async () => {
		const { session, user } = await tryIn('alice');
		const current = await findCurrentUser(app, `${session.cookie.name}=${session.token}`);
		expect(current?.user.id).toBe(user.id);
		expect(current?.session).toMatchObject({
			amr: ['pwd'],
			authTime: under.clock.now(),
			device: 'Test browser',
			address: '203.0.113.7',
		});
	});

	it('keeps the digest of the session id only: the database holds nothing that signs in (C10)', async () => {
		const { session } = await tryIn('alice');
		expect(session.token.length).toBeGreaterThanOrEqual(22);
		const row = await app.store.read.sessions.find(digest(session.token));
		expect(row).toBeDefined();
		expect(JSON.stringify(row)).not.toContain(session.token);
		expect(await app.sessions.validate(session.session.id)).toBeUndefined();
	});

	it('replaces the session this browser had (C09)', async () => {
		const first = await tryIn('alice');
		const second = await submitSignIn(
			app,
			{ identifier: 'alice', password: goodPassword, replaces: first.session.session.id },
			visitor(),
		);
		expect(second.session.token).not.toBe(first.session.token);
		expect(await app.sessions.validate(first.session.token)).toBeUndefined();
		expect(await app.sessions.validate(second.session.token)).toBeDefined();
	});

	it('answers the same for a wrong password and an unknown account', async () => {
		const who = from('198.51.100.1');
		expect(await refusalOf(tryIn('alice', 'wrong-password', who))).toBe('auth/invalid-credentials');
		expect(await refusalOf(tryIn('nobody', 'wrong-password', who))).toBe('auth/invalid-credentials');
		expect(await refusalOf(tryIn('', '', who))).toBe('auth/invalid-credentials');
	});

	it('says that an account is disabled only to a person who knows its password', async () => {
		const bob = await under.user(app, { username: 'bob', password: goodPassword });
		await updateUser(
			app,
			{ id: bob.id, change: { status: 'disabled' }, actor: { kind: 'system', id: 't' } },
			visitor(),
		);
		const who = from('198.51.100.2');
		expect(await refusalOf(tryIn('bob', 'wrong-password', who))).toBe('auth/invalid-credentials');
		expect(await refusalOf(tryIn('bob', goodPassword, who))).toBe('auth/account-disabled');
	});

	it('is not offered where the app has system accounts off', async () => {
		const other = await under.app({ systemAccounts: false });
		await under.user(other);
		expect(
			await refusalOf(submitSignIn(other, { identifier: 'alice', password: goodPassword }, visitor())),
		).toBe('auth/method-unavailable');
	});

	it('takes only identifiers that may sign in, and answers as for unknown ones', async () => {
		const other = await under.app({ signInIdentifiers: ['email'] });
		await under.user(other, {
			username: 'alice',
			email: 'alice@example.com',
			emailVerified: true,
			password: goodPassword,
		});
		const tryAt = (identifier: string) =>
			refusalOf(submitSignIn(other, { identifier, password: goodPassword }, visitor()));
		expect(await tryAt('alice')).toBe('auth/invalid-credentials');
		expect(await tryAt('alice@example.com')).toBe('done');
	});

	it('writes every try to the audit log, without what was typed (E09)', async () => {
		await refusalOf(tryIn('alice', 'a-secret-typed-wrongly', from('198.51.100.3')));
		await tryIn('alice', goodPassword, from('198.51.100.4'));
		const [ok, refused] = await app.store.read.audit.list({ action: 'user.sign-in', limit: 2 });
		expect(ok).toMatchObject({ outcome: 'ok', address: '198.51.100.4', actor: { kind: 'user' } });
		expect(refused).toMatchObject({ outcome: 'refused', address: '198.51.100.3', actor: { kind: 'nobody' } });
		expect(JSON.stringify([ok, refused])).not.toContain('a-secret-typed-wrongly');
	});
});

describe('guessing', () => {
	const wrong = (identifier: string, who: Visitor) => refusalOf(tryIn(identifier, 'wrong-password', who));
	const guess = async (identifier: string, who: Visitor, times: number) => {
		const answers: string[] = [];
		for (let i = 0; i < times; i++) answers.push(await wrong(identifier, who));
		return answers;
	};

	it('is slowed from one address, and the right password waits as well (C02)', async () => {
		await under.user(app, { username: 'carol', password: goodPassword });
		const attacker = from('192.0.2.1');
		const answers = await guess('carol', attacker, 10);
		expect(answers.filter((answer) => answer === 'auth/invalid-credentials')).toHaveLength(8);
		expect(answers.at(-1)).toBe('auth/too-many-attempts');
		expect(await refusalOf(tryIn('carol', goodPassword, attacker))).toBe('auth/too-many-attempts');
		under.clock.move(16 * minute);
		expect(await refusalOf(tryIn('carol', goodPassword, attacker))).toBe('done');
	});

	it('counts an unknown account as it counts a known one', async () => {
		const known = await guess('carol', from('192.0.2.11'), 9);
		const unknown = await guess('no-such-person', from('192.0.2.12'), 9);
		expect(unknown).toEqual(known);
	});

	it('does not tell which identifiers belong to one account (C08)', async () => {
		const who = from('192.0.2.15');
		await guess('alice', who, 8);
		expect(await wrong('alice', who)).toBe('auth/too-many-attempts');
		expect(await wrong('alice@example.com', who)).toBe('auth/invalid-credentials');
		expect(await wrong('stranger@example.com', who)).toBe('auth/invalid-credentials');
	});

	it('gets no further with many tries at once', async () => {
		await under.user(app, { username: 'dave', password: goodPassword });
		const answers = await Promise.all(Array.from({ length: 40 }, () => wrong('dave', from('192.0.2.21'))));
		expect(answers.filter((answer) => answer === 'auth/invalid-credentials').length).toBeLessThanOrEqual(8);
	});

	it('is still counted after a restart (C03)', async () => {
		await guess('carol', from('192.0.2.31'), 8);
		await under.restart();
		app = await under.appliance.services.app(app.id);
		expect(await wrong('carol', from('192.0.2.31'))).toBe('auth/too-many-attempts');
	});

	it('by strangers from everywhere does not keep out the browser that signed in before', async () => {
		await under.user(app, { username: 'erin', password: goodPassword });
		const { knownBrowser } = await tryIn('erin', goodPassword, from('192.0.2.40'));
		for (let i = 0; i < 61; i++) await wrong('erin', from(`198.18.${Math.floor(i / 4)}.1`));
		expect(await refusalOf(tryIn('erin', goodPassword, from('192.0.2.41')))).toBe('auth/too-many-attempts');
		expect(await refusalOf(tryIn('erin', goodPassword, from('192.0.2.41', { knownBrowser })))).toBe('done');
	});

	it('a note of a known browser is void once the password was replaced', async () => {
		const user = await under.user(app, { username: 'grace', password: goodPassword });
		const { knownBrowser } = await tryIn('grace', goodPassword, from('192.0.2.60'));
		await setUserPassword(
			app,
			{ id: user.id, newPassword: 'a-brand-new-secret', actor: { kind: 'system', id: 't' } },
			visitor(),
		);
		const attacker = from('192.0.2.61', { knownBrowser });
		await guess('grace', from('192.0.2.61'), 8);
		expect(await refusalOf(tryIn('grace', 'a-brand-new-secret', attacker))).toBe('auth/too-many-attempts');
	});

	it('a known browser is known for its own account only', async () => {
		const { knownBrowser } = await tryIn('alice', goodPassword, from('192.0.2.50'));
		expect(await refusalOf(tryIn('erin', goodPassword, from('192.0.2.51', { knownBrowser })))).toBe(
			'auth/too-many-attempts',
		);
		under.clock.move(2 * hour);
	});

	it('from a known browser counts against its address, and is limited by what the address tried', async () => {
		await under.user(app, { username: 'heidi', password: goodPassword });
		const [home, elsewhere] = ['192.0.2.70', '192.0.2.71'];
		const { knownBrowser } = await tryIn('heidi', goodPassword, from(home));
		for (let i = 0; i < 100; i++) await wrong(`nobody-${i}`, from(home));
		expect(await refusalOf(tryIn('heidi', goodPassword, from(home, { knownBrowser })))).toBe(
			'auth/too-many-attempts',
		);
		expect(await refusalOf(tryIn('heidi', goodPassword, from(elsewhere, { knownBrowser })))).toBe('done');
		await wrong('heidi', from(elsewhere, { knownBrowser }));
		const counted = await app.store.read.rateLimits.find(`sign-in-address:${elsewhere}`, under.clock.now());
		expect(counted?.points).toBe(1);
		under.clock.move(2 * hour);
	});

	it('that reaches a limit is in the audit log, once, with the account concerned (E09)', async () => {
		const user = await under.user(app, { username: 'ivan', password: goodPassword });
		const guesser = from('192.0.2.80');
		await guess('ivan', guesser, 30);
		const reached = (await app.store.read.audit.list({ action: 'limit.reached', limit: 50 })).filter(
			({ address }) => address === guesser.address,
		);
		expect(reached).toMatchObject([
			{ outcome: 'refused', target: `user:${user.id}`, detail: { limit: 'sign-in-pair' } },
		]);
	});

	it('within one IPv6 network counts as one source', async () => {
		const answers: string[] = [];
		for (let i = 1; i <= 9; i++) answers.push(await wrong('carol', from(`2001:db8:0:7:0:0:0:${i}`)));
		expect(answers.at(-1)).toBe('auth/too-many-attempts');
		expect(await wrong('carol', from('2001:db8:0:8:0:0:0:1'))).toBe('auth/invalid-credentials');
	});
});

describe('a session', () => {
	it('ends after so long without use, and moves on with use (C11)', async () => {
		const other = await under.app({ sessionIdleDays: 2, sessionMaxDays: 5 });
		await under.user(other);
		const { session } = await submitSignIn(other, { identifier: 'alice', password: goodPassword }, visitor());
		under.clock.move(36 * hour);
		expect(await other.sessions.validate(session.token)).toMatchObject({ fresh: true });
		under.clock.move(36 * hour);
		expect(await other.sessions.validate(session.token)).toBeDefined();
		under.clock.move(49 * hour);
		expect(await other.sessions.validate(session.token)).toBeUndefined();
	});

	it('ends for good after its absolute limit, however much it is used (C11)', async () => {
		const other = await under.app({ sessionIdleDays: 2, sessionMaxDays: 3 });
		await under.user(other);
		const { session } = await submitSignIn(other, { identifier: 'alice', password: goodPassword }, visitor());
		for (let i = 0; i < 5; i++) {
			under.clock.move(12 * hour);
			expect(await other.sessions.validate(session.token)).toBeDefined();
		}
		under.clock.move(13 * hour);
		expect(await other.sessions.validate(session.token)).toBeUndefined();
	});

	it('survives a clock that jumps, and stays ended once it was removed (F14)', async () => {
		const other = await under.app({ sessionIdleDays: 2 });
		await under.user(other);
		const { session } = await submitSignIn(other, { identifier: 'alice', password: goodPassword }, visitor());
		under.clock.move(-24 * hour);
		expect(await other.sessions.validate(session.token)).toBeDefined();
		under.clock.move(10 * 24 * hour);
		expect(await other.sessions.validate(session.token)).toBeUndefined();
		under.clock.move(-9 * 24 * hour);
		expect(await other.sessions.validate(session.token)).toBeUndefined();
	});

	it('of another app is not valid here (A19)', async () => {
		const other = await under.app();
		await under.user(other);
		const { session } = await submitSignIn(other, { identifier: 'alice', password: goodPassword }, visitor());
		expect(await app.sessions.validate(session.token)).toBeUndefined();
	});
});
