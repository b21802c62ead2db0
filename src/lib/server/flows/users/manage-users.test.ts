import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import type { AppServices } from '../services';
import { submitSignIn } from '../sign-in/submit-sign-in';
import {
	createUser,
	deleteUser,
	getUser,
	listUsers,
	sendUserRecovery,
	setUserPassword,
	updateUser,
} from './manage-users';
import type { UserChangeInput } from './user-change';

let under: ApplianceUnderTest;
let app: AppServices;

beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
});
afterAll(() => under.close());

const change = (id: string, to: UserChangeInput) =>
	updateUser(app, { id, change: to, actor: system }, visitor());

describe('an operator and the users of an app', () => {
	it('makes users with any identifier; those that the operator vouches for can sign in', async () => {
		await createUser(
			app,
			{ input: { email: 'a@example.com', emailVerified: true, password: goodPassword }, actor: system },
			visitor(),
		);
		await createUser(
			app,
			{ input: { phone: '13900139000', phoneVerified: true, password: goodPassword }, actor: system },
			visitor(),
		);
		expect(
			await refusalOf(submitSignIn(app, { identifier: 'A@example.com', password: goodPassword }, visitor())),
		).toBe('done');
		expect(
			await refusalOf(submitSignIn(app, { identifier: '139 0013 9000', password: goodPassword }, visitor())),
		).toBe('done');
		expect(await refusalOf(createUser(app, { input: {}, actor: system }, visitor()))).toBe('input/invalid');
	});

	it('is told which field is too long', async () => {
		await expect(
			createUser(app, { input: { username: 'x'.repeat(65) }, actor: system }, visitor()),
		).rejects.toMatchObject({
			code: 'input/invalid',
			fields: { username: 'input/invalid' },
		});
	});

	it.each(['a\0b', 'a\nb', 'a\u202eb'])('cannot give a user the name %j', async (name) => {
		const bad = { code: 'input/invalid', fields: { name: 'input/invalid' } };
		const made = createUser(app, { input: { username: 'unnamed', name }, actor: system }, visitor());
		await expect(made).rejects.toMatchObject(bad);
		const user = await under.user(app, { username: `named-${crypto.randomUUID()}`, name: 'Eve' });
		await expect(change(user.id, { name })).rejects.toMatchObject(bad);
		expect((await change(user.id, { name: ' Eva ' })).name).toBe('Eva');
	});

	it('is told which identifier is taken', async () => {
		await under.user(app, {
			username: 'taken',
			email: 'taken@example.com',
			emailVerified: true,
			phone: '+8613700137000',
			phoneVerified: true,
		});
		const make = (input: object) => refusalOf(createUser(app, { input, actor: system }, visitor()));
		expect(await make({ username: 'TAKEN' })).toBe('user/username-taken');
		expect(await make({ username: 'other', email: 'Taken@Example.com', emailVerified: true })).toBe(
			'user/identifier-taken',
		);
		expect(await make({ username: 'other', phone: '13700137000', phoneVerified: true })).toBe(
			'user/identifier-taken',
		);
		expect(
			await refusalOf(submitSignIn(app, { identifier: 'other', password: goodPassword }, visitor())),
		).toBe('auth/invalid-credentials');
	});

	it('disables at once: sessions end and signing in is refused (C10)', async () => {
		const user = await under.user(app, { username: 'soon-off', password: goodPassword });
		const { session } = await submitSignIn(
			app,
			{ identifier: 'soon-off', password: goodPassword },
			visitor(),
		);
		await change(user.id, { status: 'disabled' });
		expect(await app.sessions.validate(session.token)).toBeUndefined();
		await change(user.id, { status: 'active' });
		expect(
			await refusalOf(submitSignIn(app, { identifier: 'soon-off', password: goodPassword }, visitor())),
		).toBe('done');
	});

	it('leaves a changed email unproven unless they vouch for it, and frees the old one', async () => {
		const user = await under.user(app, { username: 'mover', email: 'old@example.com', emailVerified: true });
		expect(await change(user.id, { email: 'new@example.com' })).toMatchObject({
			email: 'new@example.com',
			emailVerified: false,
		});
		expect(await change(user.id, { emailVerified: true })).toMatchObject({ emailVerified: true });
		await under.user(app, { username: 'heir', email: 'old@example.com', emailVerified: true });
		expect(await refusalOf(change(user.id, { email: 'old@example.com', emailVerified: true }))).toBe(
			'user/identifier-taken',
		);
		expect(await getUser(app, user.id)).toMatchObject({ email: 'new@example.com' });
		expect(await change(user.id, { email: '' })).toMatchObject({ email: null, emailVerified: false });
	});

	it('sets a password, which ends the sessions made with the old one', async () => {
		const user = await under.user(app, { username: 'locked', password: goodPassword });
		const { session } = await submitSignIn(app, { identifier: 'locked', password: goodPassword }, visitor());
		await setUserPassword(app, { id: user.id, newPassword: 'set-by-operator', actor: system }, visitor());
		expect(await app.sessions.validate(session.token)).toBeUndefined();
		expect(
			await refusalOf(submitSignIn(app, { identifier: 'locked', password: 'set-by-operator' }, visitor())),
		).toBe('done');
	});

	it('mails a recovery to a user who has an address', async () => {
		const user = await under.user(app, { username: 'forgetful', email: 'forgetful@example.com' });
		await sendUserRecovery(app, { id: user.id, actor: system }, visitor());
		expect(await under.codeFor(app, 'forgetful@example.com')).toMatch(/^\d{6}$/);
		const silent = await under.user(app, { username: 'silent' });
		expect(await refusalOf(sendUserRecovery(app, { id: silent.id, actor: system }, visitor()))).toBe(
			'input/invalid',
		);
	});

	it('grants roles that exist, the first being the primary one', async () => {
		const user = await under.user(app, { username: 'promoted' });
		expect((await change(user.id, { roles: ['admin', 'user'] })).roles).toEqual(['admin', 'user']);
		expect(await refusalOf(change(user.id, { roles: ['no-such-role'] }))).toBe('role/not-found');
		expect((await getUser(app, user.id)).roles).toEqual(['admin', 'user']);
	});

	it('deletes a user with everything kept of them', async () => {
		const user = await under.user(app, {
			username: 'leaving',
			email: 'leaving@example.com',
			emailVerified: true,
			password: goodPassword,
		});
		await sendUserRecovery(app, { id: user.id, actor: system }, visitor());
		await deleteUser(app, { id: user.id, actor: system }, visitor());
		expect(await refusalOf(getUser(app, user.id))).toBe('user/not-found');
		expect(await app.store.read.credentials.find(user.id, 'password')).toBeUndefined();
		expect(
			await refusalOf(
				under.user(app, { username: 'leaving', email: 'leaving@example.com', emailVerified: true }),
			),
		).toBe('done');
	});

	it('pages through users newest first, each once', async () => {
		const other = await under.app();
		for (let i = 0; i < 23; i++) await under.user(other, { username: `member${i}` });
		const seen: string[] = [];
		let before: number | undefined;
		do {
			const page = await listUsers(other, { limit: 10, before });
			seen.push(...page.users.map((user) => user.username ?? ''));
			before = page.next;
		} while (before !== undefined);
		expect(seen).toEqual(Array.from({ length: 23 }, (_, i) => `member${22 - i}`));
	});

	it.each([
		['PROM', ['promoted']],
		['heir', ['heir']],
		['old@', ['heir']],
		['+861370', ['taken']],
		['nobody-at-all', []],
		['%', []],
		['_', []],
	])('finds %s', async (search, names) => {
		const { users } = await listUsers(app, { search, limit: 20 });
		expect(users.map((user) => user.username)).toEqual(names);
	});
});

describe('points', () => {
	it('are set to what an operator says, and the log has the old value', async () => {
		const user = await under.user(app, { username: 'points' });
		expect(user.points).toBe(0);
		expect(await change(user.id, { points: 120 })).toMatchObject({ points: 120, name: user.name });
		expect(await change(user.id, { points: 30, name: 'P' })).toMatchObject({ points: 30, name: 'P' });
		const [event] = await app.store.read.audit.list({ action: 'user.update', limit: 1 });
		expect(event?.detail).toMatchObject({ fields: ['points', 'name'], pointsBefore: 120, points: 30 });
	});

	it.each([-1, 1.5, NaN, 1e12])('cannot be %d', async (points) => {
		const user = await under.user(app, { username: `odd${String(points)}` });
		await expect(change(user.id, { points })).rejects.toMatchObject({ fields: { points: 'input/invalid' } });
	});

	it('stay as they are where they are not named', async () => {
		const user = await under.user(app, { username: 'saver' });
		await change(user.id, { points: 7 });
		expect(await change(user.id, { name: 'Saver' })).toMatchObject({ points: 7 });
	});
});
