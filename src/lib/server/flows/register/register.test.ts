import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	signedInBy,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { limits } from '../../limits/rules';
import { minute } from '../../runtime/clock';
import { findCurrentUser } from '../account/current-user';
import type { AppServices } from '../services';
import { openMessage } from '../messages/queue-message';
import { submitSignIn } from '../sign-in/submit-sign-in';
import { confirmEmail } from '../verify/confirm-email';
import { completeRegistration, submitRegistration, type RegisterInput } from './register';

let under: ApplianceUnderTest;
let app: AppServices;
let count = 0;

beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app({ name: 'Acme Shop' });
});
afterAll(() => under.close());

const register = (input: Partial<RegisterInput>, to = app) =>
	submitRegistration(
		to,
		{ password: goodPassword, ...input },
		visitor({ address: `192.0.2.${++count % 250}` }),
	);

async function registered(input: Partial<RegisterInput>, to = app) {
	const result = await register(input, to);
	if (result.status !== 'signed-in') throw new Error('not signed in');
	return result.signedIn;
}

describe('registering with a username', () => {
	it('makes the account at once and signs in', async () => {
		const { user, session } = await registered({ username: 'alice', name: 'Alice Liddell' });
		expect(user).toMatchObject({ username: 'alice', name: 'Alice Liddell', status: 'active', number: 1 });
		const current = await findCurrentUser(app, `${session.cookie.name}=${session.token}`);
		expect(current?.user.id).toBe(user.id);
		expect(await app.store.read.roles.listOfUser(user.id)).toEqual(['user']);
	});

	it.each(['alice', 'ALICE', 'ａｌｉｃｅ', '  alice '])('says that a name is taken: %s', async (username) => {
		expect(await refusalOf(register({ username }))).toBe('user/username-taken');
	});

	it('tells one address only so often an hour which names are taken', async () => {
		const from = visitor({ address: '198.51.100.44' });
		const ask = (username: string) =>
			refusalOf(submitRegistration(app, { username, password: goodPassword }, from));
		const told = new Set<string>();
		for (let tries = 0; tries < limits.registerAddress.points; tries++) told.add(await ask('alice'));
		expect([...told]).toEqual(['user/username-taken']);
		expect(await ask('alice')).toBe('auth/too-many-attempts');
		expect(await ask('nobody-has-it')).toBe('auth/too-many-attempts');
		expect(await refusalOf(register({ username: 'alice' }))).toBe('user/username-taken');
	});

	it('makes one of two accounts that ask for the same name at once', async () => {
		const answers = await Promise.all([
			refusalOf(register({ username: 'twin' })),
			refusalOf(register({ username: 'Twin' })),
		]);
		expect(answers.sort()).toEqual(['done', 'user/username-taken']);
	});

	it.each(['a\0b', 'a\r\nb', 'a\u202eb', 'x'.repeat(81)])('refuses the name %j', async (name) => {
		const refused = await register({ username: 'somebody', name }).catch((error: unknown) => error);
		expect(refused).toMatchObject({ code: 'input/invalid', fields: { name: 'input/invalid' } });
		expect(await app.store.read.users.findByIdentifier('username', 'somebody')).toBeUndefined();
	});

	it.each(['', 'a b', 'x'.repeat(65), 'me@home', '<script>', '-dash', '13800138000', '138-0013-8000'])(
		'"%s" is not a valid username',
		async (username) => {
			expect(await refusalOf(register({ username }))).toBe('input/invalid');
		},
	);

	it.each(['王小明', 'jürgen', 'x.y_z-1', 'a'])('takes the username %s', async (username) => {
		expect(await refusalOf(register({ username }))).toBe('done');
	});

	it.each([
		['short', 'password/too-short'],
		['password123', 'password/too-common'],
		['acmeshop1', 'done'],
		['acme shop1', 'password/contains-name'],
		['p'.repeat(1025), 'password/too-long'],
	])('the password "%.12s" is answered %s', async (password, answer) => {
		expect(await refusalOf(register({ username: `pw${++count}`, password }))).toBe(answer);
	});

	it('uses more than the first 72 characters of a password (C01)', async () => {
		const long = 'ab cd ef gh '.repeat(6) + 'x';
		await registered({ username: 'longpass', password: long });
		const tryIn = (password: string) =>
			refusalOf(submitSignIn(app, { identifier: 'longpass', password }, visitor()));
		expect(await tryIn(long.slice(0, 72))).toBe('auth/invalid-credentials');
		expect(await tryIn(long.slice(0, -1) + 'y')).toBe('auth/invalid-credentials');
		expect(await tryIn(long)).toBe('done');
	});

	it('keeps the password as argon2id only (E07)', async () => {
		const { user } = await registered({ username: 'hashed' });
		const credential = await app.store.read.credentials.find(user.id, 'password');
		expect(credential?.secret).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
	});

	it('is refused where it is closed, or where system accounts are off', async () => {
		expect(await refusalOf(register({ username: 'late' }, await under.app({ registration: 'closed' })))).toBe(
			'auth/registration-closed',
		);
		expect(await refusalOf(register({ username: 'late' }, await under.app({ systemAccounts: false })))).toBe(
			'auth/method-unavailable',
		);
	});

	it('never makes an administrator, whatever the settings say', async () => {
		await app.store.write((tx) => tx.settings.save('app', { name: 'Bad', defaultRole: 'admin' }, 1));
		const { user } = await registered({ username: 'climber' });
		expect(await app.store.read.roles.listOfUser(user.id)).toEqual([]);
		await app.store.write((tx) => tx.settings.save('app', { name: 'Acme Shop' }, 2));
	});
});

describe('an email given along with a username', () => {
	it('is not flooded by repeated registrations: the account is made, the mail is not sent', async () => {
		for (let i = 0; i < 5; i++) await registered({ username: `flood${i}`, email: 'flooded@example.com' });
		const messages = await app.store.read.messages.list({ limit: 200 });
		const opened = messages
			.filter((message) => message.purpose === 'verify-email')
			.map((message) => openMessage(app, message)?.to);
		expect(opened.filter((to) => to === 'flooded@example.com')).toHaveLength(1);
	});

	it('names the account in the mail, so that its owner confirms no stranger’s account', async () => {
		await registered({ username: 'stranger', email: 'named@example.com' });
		await under.codeFor(app, 'named@example.com');
		const messages = await app.store.read.messages.list({ limit: 200 });
		const mail = messages
			.map((message) => openMessage(app, message))
			.find((letter) => letter?.to === 'named@example.com');
		expect(mail?.content.text).toContain('“stranger”');
	});

	it('is proven by the code for this account, even if others entered the address since', async () => {
		const { user } = await registered({ username: 'early', email: 'shared@example.com' });
		const code = await under.codeFor(app, 'shared@example.com');
		under.clock.move(2 * minute);
		await registered({ username: 'later', email: 'shared@example.com' });
		const current = await app.store.read.users.findById(user.id);
		if (!current) throw new Error('gone');
		expect(await refusalOf(confirmEmail(app, { user: current, code }, visitor()))).toBe('done');
	});

	it('can be used to sign in only after it was proven', async () => {
		const { user } = await registered({ username: 'mailer', email: 'mailer@example.com' });
		const byEmail = () =>
			refusalOf(
				submitSignIn(
					app,
					{ identifier: 'mailer@example.com', password: goodPassword },
					visitor({ address: '198.51.100.9' }),
				),
			);
		expect(await byEmail()).toBe('auth/invalid-credentials');
		const code = await under.codeFor(app, 'mailer@example.com');
		const current = await app.store.read.users.findById(user.id);
		if (!current) throw new Error('gone');
		expect(
			await refusalOf(
				confirmEmail(app, { user: current, code: code === '000000' ? '111111' : '000000' }, visitor()),
			),
		).toBe('auth/code-invalid');
		await confirmEmail(app, { user: current, code }, visitor());
		expect(await byEmail()).toBe('done');
		expect(await refusalOf(confirmEmail(app, { user: current, code }, visitor()))).toBe('auth/code-invalid');
	});

	it('may be one that another user proved: that is not disclosed, and it stays theirs', async () => {
		await under.user(app, {
			username: 'owner',
			email: 'owned@example.com',
			emailVerified: true,
			password: goodPassword,
		});
		const { user } = await registered({ username: 'squatter', email: 'OWNED@example.com' });
		expect(user.emailVerified).toBe(false);
		const { user: found } = await submitSignIn(
			app,
			{ identifier: 'owned@example.com', password: goodPassword },
			visitor(),
		);
		expect(found.username).toBe('owner');
	});
});

describe('registering with an email alone', () => {
	it('makes the account when the code comes back', async () => {
		const result = await register({ email: 'New@Example.com' });
		if (result.status !== 'verify-email') throw new Error('no code asked');
		const code = await under.codeFor(app, 'New@Example.com');
		const { user } = signedInBy(
			await completeRegistration(app, { verification: result.verification, code }, visitor()),
		);
		expect(user).toMatchObject({ email: 'New@Example.com', emailVerified: true, username: null });
		expect(
			await refusalOf(completeRegistration(app, { verification: result.verification, code }, visitor())),
		).toBe('auth/code-invalid');
		expect(
			await refusalOf(
				submitSignIn(app, { identifier: 'new@example.com', password: goodPassword }, visitor()),
			),
		).toBe('done');
	});

	it('answers the same for an address that has an account, and writes to its owner instead (C08)', async () => {
		under.clock.move(2 * minute);
		const result = await register({ email: 'owned@example.com' });
		expect(result).toMatchObject({ status: 'verify-email', email: 'owned@example.com' });
		await expect(under.codeFor(app, 'owned@example.com')).rejects.toThrow('no code was sent');
		if (result.status !== 'verify-email') throw new Error('unexpected');
		for (const code of ['000000', '123456'])
			expect(
				await refusalOf(completeRegistration(app, { verification: result.verification, code }, visitor())),
			).toBe('auth/code-invalid');
	});

	it('a code works five tries, ten minutes, and for its own account only', async () => {
		const first = await register({ email: 'tries@example.com' });
		if (first.status !== 'verify-email') throw new Error('no code asked');
		const code = await under.codeFor(app, 'tries@example.com');
		const wrong = code === '000000' ? '111111' : '000000';
		for (let i = 0; i < 5; i++)
			await refusalOf(
				completeRegistration(app, { verification: first.verification, code: wrong }, visitor()),
			);
		expect(
			await refusalOf(completeRegistration(app, { verification: first.verification, code }, visitor())),
		).toBe('auth/code-invalid');

		const late = await register({ email: 'late@example.com' });
		if (late.status !== 'verify-email') throw new Error('no code asked');
		const lateCode = await under.codeFor(app, 'late@example.com');
		under.clock.move(11 * minute);
		expect(
			await refusalOf(
				completeRegistration(app, { verification: late.verification, code: lateCode }, visitor()),
			),
		).toBe('auth/code-invalid');
		under.clock.move(-11 * minute);
		expect(
			await refusalOf(
				completeRegistration(app, { verification: late.verification, code: lateCode }, visitor()),
			),
		).toBe('auth/code-invalid');
	});

	it('sends no second mail within a minute', async () => {
		await register({ email: 'again@example.com' });
		expect(await refusalOf(register({ email: 'AGAIN@example.com' }))).toBe('auth/too-many-attempts');
		under.clock.move(61_000);
		expect(await refusalOf(register({ email: 'again@example.com' }))).toBe('done');
	});

	it('seals the waiting account in the database (E07)', async () => {
		const result = await register({ email: 'sealed@example.com', name: 'Sealed Person' });
		if (result.status !== 'verify-email') throw new Error('no code asked');
		const row = await app.store.read.verifications.find(result.verification);
		expect(JSON.stringify(row)).not.toMatch(/sealed@example|Sealed Person|argon2/);
	});

	it('is demanded where the app requires verified emails', async () => {
		const strict = await under.app({ requireVerified: ['email'] });
		expect(await refusalOf(register({ username: 'nomail' }, strict))).toBe('input/invalid');
		expect(await register({ username: 'withmail', email: 'w@example.com' }, strict)).toMatchObject({
			status: 'verify-email',
		});
	});
});
