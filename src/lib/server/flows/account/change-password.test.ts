import { minute } from '../../runtime/clock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	sessionOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import type { AppServices } from '../services';
import { signOutEverywhere } from '../sign-out/end-sessions';
import { writeUser } from '../users/write-user';
import { submitSignIn } from '../sign-in/submit-sign-in';
import { changePassword } from './change-password';
import { nameBeside } from './name-beside-password';
import { updateProfile } from './update-profile';

let under: ApplianceUnderTest;
let app: AppServices;
const newPassword = 'a-brand-new-secret';

beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
});
afterAll(() => under.close());

describe('changing the password', () => {
	it('keeps this browser in, under a new session, and signs every other out (C09, C10)', async () => {
		const user = await under.user(app, { username: 'alice', password: goodPassword });
		const here = await submitSignIn(app, { identifier: 'alice', password: goodPassword }, visitor());
		const there = await submitSignIn(app, { identifier: 'alice', password: goodPassword }, visitor());
		const { session } = await changePassword(
			app,
			{ user, session: await sessionOf(app, user), password: goodPassword, newPassword },
			visitor(),
		);
		expect(await app.sessions.validate(here.session.token)).toBeUndefined();
		expect(await app.sessions.validate(there.session.token)).toBeUndefined();
		expect(await app.sessions.validate(session.token)).toMatchObject({ userId: user.id });
		expect(
			await refusalOf(submitSignIn(app, { identifier: 'alice', password: goodPassword }, visitor())),
		).toBe('auth/invalid-credentials');
	});

	it('leaves this browser a known one, and no other', async () => {
		const user = await under.user(app, { username: 'karla', password: goodPassword });
		const before = await submitSignIn(app, { identifier: 'karla', password: goodPassword }, visitor());
		const { knownBrowser } = await changePassword(
			app,
			{ user, session: await sessionOf(app, user), password: goodPassword, newPassword },
			visitor(),
		);
		const signIn = (password: string, known?: string) =>
			refusalOf(
				submitSignIn(
					app,
					{ identifier: 'karla', password },
					visitor({ address: '192.0.2.9', knownBrowser: known }),
				),
			);
		for (let i = 0; i < 8; i++) await signIn('not-the-one');
		expect(await signIn(newPassword, before.knownBrowser)).toBe('auth/too-many-attempts');
		expect(await signIn(newPassword, knownBrowser)).toBe('done');
	});

	it('asks for the present one, and slows guessing it', async () => {
		const user = await under.user(app, { username: 'bob', password: goodPassword });
		const session = await sessionOf(app, user);
		const guess = () =>
			refusalOf(
				changePassword(
					app,
					{ user, session, password: 'not-the-one', newPassword },
					visitor({ address: '192.0.2.1' }),
				),
			);
		const answers: string[] = [];
		for (let i = 0; i < 10; i++) answers.push(await guess());
		expect(answers[0]).toBe('auth/invalid-credentials');
		expect(answers.at(-1)).toBe('auth/too-many-attempts');
	});

	it('refuses a new one that is weak or says the name', async () => {
		const user = await under.user(app, { username: 'wilhelmina', password: goodPassword });
		const session = await sessionOf(app, user);
		const change = (to: string) =>
			refusalOf(changePassword(app, { user, session, password: goodPassword, newPassword: to }, visitor()));
		expect(await change('short')).toBe('password/too-short');
		expect(await change('wilhelmina1')).toBe('password/contains-name');
	});

	it('does nothing for a session that ended while it was looked at', async () => {
		const user = await under.user(app, { username: 'ended', password: goodPassword });
		const session = await sessionOf(app, user);
		await signOutEverywhere(app, { userId: user.id, actor: system }, visitor());
		const change = changePassword(app, { user, session, password: goodPassword, newPassword }, visitor());
		expect(await refusalOf(change)).toBe('auth/not-signed-in');
		const signIn = submitSignIn(app, { identifier: 'ended', password: goodPassword }, visitor());
		expect(await refusalOf(signIn)).toBe('done');
	});

	it('tells the owner by mail (C12)', async () => {
		const user = await under.user(app, {
			username: 'dora',
			email: 'dora@example.com',
			emailVerified: true,
			password: goodPassword,
		});
		await changePassword(
			app,
			{ user, session: await sessionOf(app, user), password: goodPassword, newPassword },
			visitor(),
		);
		const purposes = (await app.store.read.messages.list({ limit: 10 })).map((message) => message.purpose);
		expect(purposes).toContain('password-changed');
	});
});

describe('an account without a password', () => {
	it('gets one from a sign-in of the last minutes only', async () => {
		const user = await under.user(app, { username: 'passwordless' });
		const fresh = await sessionOf(app, user);
		const old = { ...fresh, authTime: under.clock.now() - 11 * minute };
		const choose = (session: typeof old) =>
			changePassword(app, { user, session, password: '', newPassword }, visitor());
		expect(await refusalOf(choose(old))).toBe('auth/fresh-sign-in-required');
		expect(await refusalOf(choose(fresh))).toBe('done');
		const signIn = submitSignIn(app, { identifier: 'passwordless', password: newPassword }, visitor());
		expect(await refusalOf(signIn)).toBe('done');
	});
});

describe('a first password with nothing to type beside it', () => {
	const nameless = () =>
		app.store.write(
			async (tx) => (await writeUser(tx, { username: null, email: null, phone: null }, under.clock.now())).id,
		);
	const choose = async (userId: string, username: string | undefined, authTime = under.clock.now()) => {
		const user = await app.store.read.users.findById(userId);
		if (!user) throw new Error('no user');
		const session = { ...(await sessionOf(app, user)), authTime };
		return changePassword(app, { user, session, password: '', newPassword, username }, visitor());
	};

	it('takes a username along, and both sign in', async () => {
		const id = await nameless();
		const { user } = await choose(id, ' Frieda ');
		expect(user).toMatchObject({ id, username: 'Frieda' });
		const signIn = submitSignIn(app, { identifier: 'frieda', password: newPassword }, visitor());
		expect((await signIn).user.id).toBe(id);
	});

	it('is not set where the name is missing, wrong, taken or in the password', async () => {
		await under.user(app, { username: 'gerda', password: goodPassword });
		const id = await nameless();
		for (const [username, code] of [
			['', 'input/invalid'],
			['a b', 'input/invalid'],
			['Gerda', 'user/username-taken'],
			[newPassword, 'password/contains-name'],
		] as const)
			expect(await refusalOf(choose(id, username))).toBe(code);
		expect(await app.store.read.credentials.find(id, 'password')).toBeUndefined();
		const longAgo = under.clock.now() - 11 * minute;
		expect(await refusalOf(choose(id, 'greta', longAgo))).toBe('auth/fresh-sign-in-required');
	});

	it('changes no name that is there already', async () => {
		const named = await under.user(app, { username: 'hanna' });
		expect((await choose(named.id, 'other')).user.username).toBe('hanna');
		const mailed = await under.user(app, { email: 'ida@example.com', emailVerified: true });
		expect((await choose(mailed.id, 'ida')).user.username).toBeNull();
		const before = await under.user(app, { email: 'jana@example.com', password: goodPassword });
		const wish = {
			user: before,
			session: await sessionOf(app, before),
			password: goodPassword,
			username: 'jana',
		};
		const { user } = await changePassword(app, { ...wish, newPassword }, visitor());
		expect(user.username).toBeNull();
	});

	it('asks for a name by what may sign in here', () => {
		const user = { username: null, emailVerified: true, phoneVerified: false };
		expect(nameBeside({ signInIdentifiers: ['username', 'email'] }, user)).toBe('there');
		expect(nameBeside({ signInIdentifiers: ['username', 'phone'] }, user)).toBe('wanted');
		expect(nameBeside({ signInIdentifiers: ['phone'] }, user)).toBe('barred');
		expect(nameBeside({ signInIdentifiers: ['phone'] }, { ...user, username: 'kim' })).toBe('barred');
	});
});

describe('changing the profile', () => {
	it('changes what is named and nothing else', async () => {
		const user = await under.user(app, { username: 'eve', name: 'Eve', password: goodPassword });
		const changed = await updateProfile(app, { userId: user.id, change: { name: '  伊芙  ' } }, visitor());
		expect(changed).toMatchObject({ name: '伊芙', locale: null, username: 'eve', status: 'active' });
		expect(await refusalOf(updateProfile(app, { userId: 'nobody', change: { name: 'x' } }, visitor()))).toBe(
			'user/not-found',
		);
	});

	it.each(['a\0b', 'a\nb', 'a\u202eb', 'x'.repeat(81)])('takes no name like %j', async (name) => {
		const user = await under.user(app, { username: `name-${crypto.randomUUID()}`, name: 'Eve' });
		expect(await refusalOf(updateProfile(app, { userId: user.id, change: { name } }, visitor()))).toBe(
			'input/invalid',
		);
	});
});
