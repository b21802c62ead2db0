import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	sessionOf,
	settledMessages,
	signedInBy,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { minute } from '../../runtime/clock';
import { updateApp } from '../apps/manage-apps';
import { sendCode } from '../codes/send-code';
import { signInByCode } from '../codes/submit-code';
import { openMessage } from '../messages/queue-message';
import type { AppServices } from '../services';
import { submitSignIn } from '../sign-in/submit-sign-in';
import { signOutEverywhere } from '../sign-out/end-sessions';
import { readKept, removeAddress, type AddressKind } from './remove-address';

let under: ApplianceUnderTest;
let app: AppServices;
let count = 0;

beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app({ name: 'Acme Shop' });
	for (const id of ['sms', 'email']) await app.plugins.save(id, { enabled: true });
});
afterEach(() => settings({ requireVerified: [] }));
afterAll(() => under.close());

const kinds = ['email', 'phone'] as const;
const somewhere = () => visitor({ address: `192.0.2.${++count % 250}` });
const settings = (change: { requireVerified: AddressKind[] }) =>
	updateApp(under.appliance.services, { id: app.id, change, actor: system }, visitor());

interface Wish {
	username?: string | null;
	password?: string | undefined;
	email?: string | null;
	phone?: string | null;
}

/** With everything, unless said otherwise; signed in. */
async function person(wish: Wish = {}) {
	const name = `person${++count}`;
	const { username, password, email, phone } = {
		username: name,
		password: goodPassword,
		email: `${name}@example.com`,
		phone: `+86137${String(10_000_000 + count)}`,
		...wish,
	};
	const user = await under.user(app, {
		...(username ? { username } : {}),
		...(email ? { email, emailVerified: true } : {}),
		...(phone ? { phone, phoneVerified: true } : {}),
		...(password ? { password } : {}),
	});
	return { user, session: await sessionOf(app, user) };
}
type Person = Awaited<ReturnType<typeof person>>;

const remove = ({ user, session }: Person, kind: AddressKind, password = goodPassword) =>
	removeAddress(app, { owner: { user, session, password }, kind }, somewhere());
const reread = ({ user }: Person) => app.store.read.users.findById(user.id);
async function mailsTo(address: string | null) {
	await settledMessages(app);
	const messages = await app.store.read.messages.list({ limit: 200 });
	return messages.flatMap((message) => {
		const letter = openMessage(app, message);
		return letter?.to === address ? [{ purpose: message.purpose, text: letter.content.text }] : [];
	});
}
const addressOf = ({ user }: Person, kind: AddressKind): string => user[kind] ?? '';
const send = (to: string, kind: AddressKind) => {
	const connector = kind === 'email' ? 'email' : 'sms';
	return sendCode(app, { connector, to, purpose: 'sign-in' }, somewhere());
};

describe.each(kinds)('removing the %s', (kind) => {
	it('takes it off: nothing signs in by it, and it is free for others', async () => {
		const someone = await person();
		const address = addressOf(someone, kind);
		const changed = await remove(someone, kind);
		expect(changed).toMatchObject({ [kind]: null, [`${kind}Verified`]: false });
		expect(await reread(someone)).toEqual(changed);
		const typed = { identifier: address, password: goodPassword };
		expect(await refusalOf(submitSignIn(app, typed, somewhere()))).toBe('auth/invalid-credentials');
		const { verification } = await send(address, kind);
		const code = await under.codeFor(app, address);
		const other = signedInBy(await signInByCode(app, { verification, code }, somewhere()));
		expect(other.user.id).not.toBe(someone.user.id);
	});

	it('voids the codes that went there', async () => {
		const someone = await person();
		const address = addressOf(someone, kind);
		const { verification } = await send(address, kind);
		const code = await under.codeFor(app, address);
		await remove(someone, kind);
		expect(await refusalOf(signInByCode(app, { verification, code }, somewhere()))).toBe('auth/code-invalid');
	});

	it('tells the owner by mail, and leaves a line in the audit (C12)', async () => {
		const someone = await person();
		await remove(someone, kind);
		const [mail] = await mailsTo(someone.user.email);
		expect(mail?.purpose).toBe(`${kind}-removed`);
		expect(mail?.text).not.toContain(someone.user.phone);
		if (kind === 'phone') expect(mail?.text).toContain(someone.user.phone?.slice(-4));
		const [event] = await app.store.read.audit.list({ action: `user.remove-${kind}`, limit: 1 });
		expect(event).toMatchObject({ actor: { id: someone.user.id }, target: `user:${someone.user.id}` });
	});

	it('asks for the password, or for a sign-in of the last minutes (C12)', async () => {
		const someone = await person();
		expect(await refusalOf(remove(someone, kind, 'not-the-password'))).toBe('auth/invalid-credentials');
		const without = await person({ password: undefined });
		under.clock.move(11 * minute);
		expect(await refusalOf(remove(without, kind, ''))).toBe('auth/fresh-sign-in-required');
		expect(await reread(someone)).toMatchObject({ [kind]: addressOf(someone, kind) });
		expect(await reread(without)).toMatchObject({ [kind]: addressOf(without, kind) });
	});

	it('is not done for a session that ended meanwhile', async () => {
		const someone = await person();
		await signOutEverywhere(app, { userId: someone.user.id, actor: system }, visitor());
		expect(await refusalOf(remove(someone, kind))).toBe('auth/not-signed-in');
	});

	it('is refused where nothing else signs in', async () => {
		const other = kind === 'email' ? 'phone' : 'email';
		const byCode = await person({ username: null, password: undefined, [other]: null });
		expect(await readKept(app, byCode.user)).toEqual({ [kind]: 'auth/last-way-in' });
		expect(await refusalOf(remove(byCode, kind, ''))).toBe('auth/last-way-in');
		expect(await reread(byCode)).toMatchObject({ [kind]: addressOf(byCode, kind) });
	});

	it('is refused where it is all there is to type beside the password', async () => {
		const other = kind === 'email' ? 'phone' : 'email';
		const someone = await person({ username: null, [other]: null });
		expect(await refusalOf(remove(someone, kind))).toBe('auth/last-way-in');
		const named = await person({ [other]: null });
		expect(await readKept(app, named.user)).toEqual({});
		expect(await refusalOf(remove(named, kind))).toBe('done');
	});

	it('is refused where the app wants it proven, unless it is not proven anyway', async () => {
		const someone = await person();
		await settings({ requireVerified: [kind] });
		expect(await readKept(app, someone.user)).toEqual({ [kind]: 'user/identifier-required' });
		expect(await refusalOf(remove(someone, kind))).toBe('user/identifier-required');
		await app.store.write((tx) =>
			tx.users.update(someone.user.id, { [`${kind}Verified`]: false, updatedAt: 0 }),
		);
		expect(await refusalOf(remove(someone, kind))).toBe('done');
	});

	it('finds nothing where there is none', async () => {
		const someone = await person({ [kind]: null });
		expect(await refusalOf(remove(someone, kind))).toBe('identity/not-found');
	});
});

describe('removing both at once', () => {
	it('leaves whoever has nothing else with one of them', async () => {
		const someone = await person({ username: null, password: undefined });
		const answers = await Promise.all(kinds.map((kind) => refusalOf(remove(someone, kind, ''))));
		expect(answers.sort()).toEqual(['auth/last-way-in', 'done']);
	});
});
