import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	settledMessages,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { minute } from '../../runtime/clock';
import { openMessage } from '../messages/queue-message';
import type { AppServices } from '../services';
import { submitSignIn } from '../sign-in/submit-sign-in';
import { setUserPassword, updateUser } from '../users/manage-users';
import { completeRecovery, requestRecovery } from './recover';

let under: ApplianceUnderTest;
let app: AppServices;
const newPassword = 'a-brand-new-secret';

beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
});
afterAll(() => under.close());

let count = 0;
/** A user of their own for each test, so that limits and codes do not meet. */
async function someone(verified = true) {
	const name = `person${++count}`;
	const email = `${name}@example.com`;
	const user = await under.user(app, {
		username: name,
		email,
		emailVerified: verified,
		password: goodPassword,
	});
	return { user, name, email };
}
const ask = (identifier: string) => requestRecovery(app, { identifier }, visitor());
const reset = (identifier: string, code: string, password = newPassword) =>
	completeRecovery(
		app,
		{ proof: { identifier, code }, newPassword: password },
		visitor({ address: `192.0.2.${++count % 250}` }),
	);
const signIn = (identifier: string, password: string) =>
	submitSignIn(app, { identifier, password }, visitor({ address: `198.51.100.${++count % 250}` }));

async function mailTo(address: string) {
	await settledMessages(app);
	const messages = await app.store.read.messages.list({ limit: 200 });
	return messages.flatMap((message) => {
		const opened = openMessage(app, message);
		return opened?.to === address ? [{ ...opened.content, purpose: message.purpose }] : [];
	});
}

describe('a forgotten password', () => {
	it('is replaced by the code that was mailed; every session ends and the owner is told', async () => {
		const { name, email } = await someone();
		const { session } = await signIn(name, goodPassword);
		await ask(email);
		await reset(email, await under.codeFor(app, email));
		expect(await app.sessions.validate(session.token)).toBeUndefined();
		expect(await refusalOf(signIn(name, goodPassword))).toBe('auth/invalid-credentials');
		expect(await refusalOf(signIn(name, newPassword))).toBe('done');
		expect((await mailTo(email)).map((mail) => mail.purpose)).toContain('password-changed');
	});

	it('takes the code as people type it: in groups, or with full-width digits', async () => {
		const { email } = await someone();
		await ask(email);
		const code = await under.codeFor(app, email);
		const wide = [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join('');
		expect(await refusalOf(reset(email, ` ${wide.slice(0, 3)} ${wide.slice(3)} `))).toBe('done');
	});

	it('can be asked for by username as well', async () => {
		const { name, email } = await someone();
		await ask(name);
		await reset(name, await under.codeFor(app, email));
		expect(await refusalOf(signIn(name, newPassword))).toBe('done');
	});

	it('is replaced through the link, which is built from ORIGIN and works once', async () => {
		const { name, email } = await someone();
		await ask(email);
		const [mail] = await mailTo(email);
		const link = /https?:\/\/\S+/.exec(mail?.text ?? '')?.[0] ?? '';
		expect(link).toMatch(new RegExp(`^http://localhost:3999/apps/${app.id}/recover\\?token=`));
		const token = new URL(link).searchParams.get('token') ?? '';
		const use = () => refusalOf(completeRecovery(app, { proof: { token }, newPassword }, visitor()));
		expect(await use()).toBe('done');
		expect(await use()).toBe('auth/code-invalid');
		expect(await refusalOf(signIn(name, newPassword))).toBe('done');
	});

	it('reaches an unproven email too, and proves it', async () => {
		const { user, email } = await someone(false);
		await ask(email);
		await reset(email, await under.codeFor(app, email));
		expect(await app.store.read.users.findById(user.id)).toMatchObject({ emailVerified: true });
		expect(await refusalOf(signIn(email, newPassword))).toBe('done');
	});

	it('is answered alike for an address that has no account (C08)', async () => {
		expect(await refusalOf(ask('stranger@example.com'))).toBe('done');
		expect(await refusalOf(ask('stranger@example.com'))).toBe('auth/too-many-attempts');
		expect(await refusalOf(reset('stranger@example.com', '123456'))).toBe('auth/code-invalid');
		expect(await mailTo('stranger@example.com')).toEqual([]);
	});

	it('a code is void after five wrong tries, after ten minutes, and once a newer one was sent (C05, C13)', async () => {
		const { email } = await someone();
		await ask(email);
		const code = await under.codeFor(app, email);
		const wrong = code === '000000' ? '111111' : '000000';
		for (let i = 0; i < 5; i++) expect(await refusalOf(reset(email, wrong))).toBe('auth/code-invalid');
		expect(await refusalOf(reset(email, code))).toBe('auth/code-invalid');

		const second = await someone();
		await ask(second.email);
		const early = await under.codeFor(app, second.email);
		under.clock.move(2 * minute);
		await ask(second.email);
		const latest = await under.codeFor(app, second.email);
		if (early !== latest) expect(await refusalOf(reset(second.email, early))).toBe('auth/code-invalid');
		under.clock.move(11 * minute);
		expect(await refusalOf(reset(second.email, latest))).toBe('auth/code-invalid');
		under.clock.move(-11 * minute);
		expect(await refusalOf(reset(second.email, latest))).toBe('auth/code-invalid');
	});

	it('a code for one person or purpose is invalid for another', async () => {
		const [first, second] = [await someone(), await someone()];
		await ask(first.email);
		const code = await under.codeFor(app, first.email);
		await ask(second.email);
		const own = await under.codeFor(app, second.email);
		if (code !== own) expect(await refusalOf(reset(second.email, code))).toBe('auth/code-invalid');
		const other = await under.app();
		await under.user(other, {
			username: 'x',
			email: first.email,
			emailVerified: true,
			password: goodPassword,
		});
		expect(
			await refusalOf(
				completeRecovery(other, { proof: { identifier: first.email, code }, newPassword }, visitor()),
			),
		).toBe('auth/code-invalid');
	});

	it('succeeds once when one code is used many times at once', async () => {
		const { email } = await someone();
		await ask(email);
		const code = await under.codeFor(app, email);
		const answers = await Promise.all(
			Array.from({ length: 5 }, (_, i) => refusalOf(reset(email, code, `${newPassword}-${i}`))),
		);
		expect(answers.filter((answer) => answer === 'done')).toHaveLength(1);
	});

	it('counts no try when the new password is refused', async () => {
		const { email } = await someone();
		await ask(email);
		const code = await under.codeFor(app, email);
		for (let i = 0; i < 7; i++)
			expect(await refusalOf(reset(email, code, 'password123'))).toBe('password/too-common');
		expect(await refusalOf(reset(email, code))).toBe('done');
	});

	it('does not enable a disabled account', async () => {
		const { user, email } = await someone();
		await ask(email);
		const code = await under.codeFor(app, email);
		await updateUser(app, { id: user.id, change: { status: 'disabled' }, actor: system }, visitor());
		expect(await refusalOf(reset(email, code))).toBe('auth/code-invalid');
	});

	it('lets its owner in at once, also from where too many wrong passwords were typed', async () => {
		const { email, name } = await someone();
		const here = visitor({ address: '192.0.2.77' });
		for (let i = 0; i < 9; i++)
			await refusalOf(submitSignIn(app, { identifier: name, password: 'mistyped-again' }, here));
		expect(await refusalOf(submitSignIn(app, { identifier: name, password: goodPassword }, here))).toBe(
			'auth/too-many-attempts',
		);
		await ask(email);
		const code = await under.codeFor(app, email);
		await completeRecovery(app, { proof: { identifier: email, code }, newPassword }, here);
		expect(await refusalOf(submitSignIn(app, { identifier: name, password: newPassword }, here))).toBe(
			'done',
		);
	});

	it('proves the address that was mailed, not one that was put in its place', async () => {
		const { user, name, email } = await someone(false);
		await ask(name);
		const code = await under.codeFor(app, email);
		await app.store.write((tx) =>
			tx.users.update(user.id, {
				email: 'victim@example.com',
				emailContact: 'victim@example.com',
				updatedAt: 1,
			}),
		);
		await reset(name, code);
		expect(await app.store.read.users.findById(user.id)).toMatchObject({
			email: 'victim@example.com',
			emailVerified: false,
		});
	});

	it('a code from before is void once an operator set the password or changed the email', async () => {
		const [first, second] = [await someone(), await someone()];
		for (const { email } of [first, second]) await ask(email);
		const codes = [await under.codeFor(app, first.email), await under.codeFor(app, second.email)];
		await setUserPassword(
			app,
			{ id: first.user.id, newPassword: 'set-by-operator', actor: system },
			visitor(),
		);
		await updateUser(
			app,
			{ id: second.user.id, change: { email: 'elsewhere@example.com' }, actor: system },
			visitor(),
		);
		expect(await refusalOf(reset(first.email, codes[0] ?? ''))).toBe('auth/code-invalid');
		expect(await refusalOf(reset(second.email, codes[1] ?? ''))).toBe('auth/code-invalid');
	});

	it('by username does not lead to an address that another account has proven', async () => {
		const owner = await someone();
		const { name } = await under.user(app, {
			username: 'borrower',
			email: owner.email,
			password: goodPassword,
		});
		await ask('borrower');
		expect(name).toBe('');
		await expect(under.codeFor(app, owner.email)).rejects.toThrow('no code was sent');
	});

	it('survives a restart', async () => {
		const { email, name } = await someone();
		await ask(email);
		const code = await under.codeFor(app, email);
		await under.restart();
		app = await under.appliance.services.app(app.id);
		await reset(email, code);
		expect(await refusalOf(signIn(name, newPassword))).toBe('done');
	});
});

describe('a forgotten password, by text message', () => {
	const freeNumber = () => `+86139${String(20_000_000 + ++count)}`;
	async function withPhone(phoneVerified = true) {
		const [name, phone] = [`person${++count}`, freeNumber()];
		const email = `${name}@example.com`;
		const user = await under.user(app, {
			username: name,
			email,
			emailVerified: true,
			phone,
			phoneVerified,
			password: goodPassword,
		});
		return { user, email, phone };
	}
	beforeAll(() => app.plugins.save('sms', { enabled: true }));
	afterAll(() => app.plugins.save('sms', { enabled: false }));

	it('reaches the number that was named, and no mailbox', async () => {
		const { email, phone } = await withPhone();
		await ask(phone.replace('+86', ''));
		const [sent] = await mailTo(phone);
		expect(sent).toMatchObject({ purpose: 'recover' });
		expect(await mailTo(email)).toEqual([]);
		await reset(phone, sent?.params['code'] ?? '');
		expect((await signIn(phone, newPassword)).user.phone).toBe(phone);
	});

	it('is answered alike for an unknown number, and sends nothing (C08)', async () => {
		const phone = freeNumber();
		expect(await refusalOf(ask(phone))).toBe('done');
		expect(await mailTo(phone)).toEqual([]);
		expect(await refusalOf(ask(phone))).toBe('auth/too-many-attempts');
	});

	it('sends nothing to a number that was never proven', async () => {
		const { phone } = await withPhone(false);
		await ask(phone);
		expect(await mailTo(phone)).toEqual([]);
	});

	it('still goes by mail where a username is named', async () => {
		const { user, email, phone } = await withPhone();
		await ask(user.username ?? '');
		expect(await mailTo(email)).toHaveLength(1);
		expect(await mailTo(phone)).toEqual([]);
	});

	it('works once, for the number it was asked for', async () => {
		const [one, other] = [await withPhone(), await withPhone()];
		await ask(one.phone);
		const code = (await mailTo(one.phone))[0]?.params['code'] ?? '';
		expect(await refusalOf(reset(other.phone, code))).toBe('auth/code-invalid');
		expect(await refusalOf(reset(one.phone, code))).toBe('done');
		expect(await refusalOf(reset(one.phone, code))).toBe('auth/code-invalid');
	});
});
