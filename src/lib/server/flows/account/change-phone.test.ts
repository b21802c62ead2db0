import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	settledMessages,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { minute, second } from '../../runtime/clock';
import { openMessage } from '../messages/queue-message';
import type { AppServices } from '../services';
import { submitSignIn } from '../sign-in/submit-sign-in';
import { completePhoneChange, requestPhoneChange } from './change-phone';

let under: ApplianceUnderTest;
let app: AppServices;
let count = 0;

beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app({ name: 'Acme Shop' });
	await app.plugins.save('sms', { enabled: true });
});
afterAll(() => under.close());

const somewhere = () => visitor({ address: `192.0.2.${++count % 250}` });
const freeNumber = () => `+86139${String(10_000_000 + ++count)}`;

async function person(more: { phone?: string; phoneVerified?: boolean } = {}) {
	const name = `person${++count}`;
	const user = await under.user(app, {
		username: name,
		email: `${name}@example.com`,
		emailVerified: true,
		password: goodPassword,
		...more,
	});
	return { user, session: { userId: user.id, authTime: app.clock.now() } };
}
type Person = Awaited<ReturnType<typeof person>>;

const ask = ({ user, session }: Person, phone: string, password = goodPassword) =>
	requestPhoneChange(app, { user, session, phone, password }, somewhere());
const finish = ({ user }: Person, phone: string, code: string) =>
	completePhoneChange(app, { user, phone, code }, somewhere());
const reread = ({ user }: Person) => app.store.read.users.findById(user.id);
async function noticesTo(address: string) {
	await settledMessages(app);
	const messages = await app.store.read.messages.list({ limit: 200 });
	return messages.flatMap((message) => {
		const letter = openMessage(app, message);
		return letter?.to === address ? [{ ...message, text: letter.content.text }] : [];
	});
}
const otherThan = (code: string) => (code === '000000' ? '111111' : '000000');

describe('changing the phone number', () => {
	it('counts once the code from the new number came back, and the owner is written to (C12)', async () => {
		const someone = await person();
		const phone = freeNumber();
		expect(await ask(someone, phone.replace('+86', ''))).toBe(phone);
		expect(await reread(someone)).toMatchObject({ phone: null });
		const changed = await finish(someone, phone, await under.codeFor(app, phone));
		expect(changed).toMatchObject({ phone, phoneVerified: true });
		const [notice] = await noticesTo(someone.user.email ?? '');
		expect(notice?.purpose).toBe('phone-changed');
		expect(notice?.text).toContain(phone.slice(-4));
		expect(notice?.text).not.toContain(phone);
		const signedIn = await submitSignIn(app, { identifier: phone, password: goodPassword }, somewhere());
		expect(signedIn.user.id).toBe(someone.user.id);
	});

	it('asks for the password, or for a sign-in of the last minutes (C12)', async () => {
		const someone = await person();
		expect(await refusalOf(ask(someone, freeNumber(), 'not-the-password'))).toBe('auth/invalid-credentials');
		const external = await under.user(app, { username: `external${++count}` });
		const late = { userId: external.id, authTime: app.clock.now() - 11 * minute };
		const order = { user: external, session: late, password: '', phone: freeNumber() };
		expect(await refusalOf(requestPhoneChange(app, order, somewhere()))).toBe('auth/fresh-sign-in-required');
	});

	it('sends nothing where the password was wrong', async () => {
		const someone = await person();
		const phone = freeNumber();
		await refusalOf(ask(someone, phone, 'not-the-password'));
		expect(await noticesTo(phone)).toEqual([]);
	});

	it('tells that a number is taken only to who reads its messages (C08)', async () => {
		const phone = freeNumber();
		await person({ phone, phoneVerified: true });
		const other = await person();
		expect(await ask(other, phone)).toBe(phone);
		const code = await under.codeFor(app, phone);
		expect(await refusalOf(finish(other, phone, otherThan(code)))).toBe('auth/code-invalid');
		expect(await refusalOf(finish(other, phone, code))).toBe('user/identifier-taken');
		expect(await reread(other)).toMatchObject({ phone: null });
	});

	it('takes a code once, of its number, of its user', async () => {
		const [someone, other] = [await person(), await person()];
		const [phone, another] = [freeNumber(), freeNumber()];
		await ask(someone, phone);
		const code = await under.codeFor(app, phone);
		expect(await refusalOf(finish(other, phone, code))).toBe('auth/code-invalid');
		expect(await refusalOf(finish(someone, another, code))).toBe('auth/code-invalid');
		expect(await refusalOf(finish(someone, phone, code))).toBe('done');
		expect(await refusalOf(finish(someone, phone, code))).toBe('auth/code-invalid');
	});

	it('is over after five wrong codes, and after ten minutes (C05)', async () => {
		const someone = await person();
		const phone = freeNumber();
		await ask(someone, phone);
		const code = await under.codeFor(app, phone);
		for (let tries = 0; tries < 5; tries++) await refusalOf(finish(someone, phone, otherThan(code)));
		expect(await refusalOf(finish(someone, phone, code))).toBe('auth/code-invalid');
		under.clock.move(61 * second);
		await ask({ ...someone, session: { ...someone.session, authTime: app.clock.now() } }, phone);
		const later = await under.codeFor(app, phone);
		under.clock.move(11 * minute);
		expect(await refusalOf(finish(someone, phone, later))).toBe('auth/code-invalid');
	});

	it('sends once a minute to a number (C07)', async () => {
		const someone = await person();
		const phone = freeNumber();
		await ask(someone, phone);
		expect(await refusalOf(ask(someone, phone))).toBe('auth/too-many-attempts');
	});

	it.each(['', '12', 'alice', '+999999999999999999'])('refuses %s as a number', async (phone) => {
		expect(await refusalOf(ask(await person(), phone))).toBe('input/invalid');
	});

	it('has nothing to do for the number that is theirs', async () => {
		const phone = freeNumber();
		expect(await refusalOf(ask(await person({ phone, phoneVerified: true }), phone))).toBe('input/invalid');
	});

	it('is not offered where no connector proves phones', async () => {
		const without = await under.app();
		const user = await under.user(without);
		const session = { userId: user.id, authTime: without.clock.now() };
		const order = { user, session, password: goodPassword, phone: freeNumber() };
		expect(await refusalOf(requestPhoneChange(without, order, somewhere()))).toBe('plugin/not-enabled');
	});
});
