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
import { completeRecovery, requestRecovery } from '../recover/recover';
import type { AppServices } from '../services';
import { submitSignIn } from '../sign-in/submit-sign-in';
import { updateUser } from '../users/manage-users';
import { completeEmailChange, requestEmailChange } from './change-email';

let under: ApplianceUnderTest;
let app: AppServices;
let count = 0;

beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app({ name: 'Acme Shop' });
});
afterAll(() => under.close());

const somewhere = () => visitor({ address: `192.0.2.${++count % 250}` });

async function person(username: string, more: { email?: string; emailVerified?: boolean } = {}) {
	const user = await under.user(app, { username, password: goodPassword, ...more });
	const session = { userId: user.id, authTime: app.clock.now() };
	return { user, session };
}
type Person = Awaited<ReturnType<typeof person>>;

const ask = ({ user, session }: Person, email: string, password = goodPassword) =>
	requestEmailChange(app, { user, session, email, password }, somewhere());
const finish = ({ user }: Person, email: string, code: string) =>
	completeEmailChange(app, { user, email, code }, somewhere());
const reread = async ({ user }: Person) => {
	const found = await app.store.read.users.findById(user.id);
	if (!found) throw new Error('gone');
	return found;
};
/** What was mailed to an address, the newest first. */
async function mailsTo(address: string) {
	await settledMessages(app);
	const messages = await app.store.read.messages.list({ limit: 200 });
	return messages.flatMap((message) => {
		const letter = openMessage(app, message);
		return letter?.to === address ? [{ ...message, text: letter.content.text }] : [];
	});
}
const otherThan = (code: string) => (code === '000000' ? '111111' : '000000');

describe('changing the email', () => {
	it('counts once the code from the new address came back; the old one is told (C12)', async () => {
		const alice = await person('alice', { email: 'old@example.com', emailVerified: true });
		expect(await ask(alice, ' New@Example.com ')).toBe('New@Example.com');
		expect(await reread(alice)).toMatchObject({ email: 'old@example.com', emailVerified: true });
		const code = await under.codeFor(app, 'New@Example.com');
		expect(await finish(alice, 'new@example.com', code)).toMatchObject({ email: 'New@Example.com' });
		expect(await reread(alice)).toMatchObject({ email: 'New@Example.com', emailVerified: true });
		expect(await mailsTo('old@example.com')).toMatchObject([{ purpose: 'email-changed' }]);
		const signIn = (identifier: string) =>
			refusalOf(submitSignIn(app, { identifier, password: goodPassword }, somewhere()));
		expect(await signIn('new@example.com')).toBe('done');
		expect(await signIn('old@example.com')).toBe('auth/invalid-credentials');
		const [event] = await app.store.read.audit.list({ limit: 1, action: 'user.change-email' });
		expect(event).toMatchObject({ actor: { kind: 'user', id: alice.user.id } });
		expect(await refusalOf(finish(alice, 'new@example.com', code))).toBe('auth/code-invalid');
	});

	it('adds one where there was none, and tells nobody', async () => {
		const bob = await person('bob');
		await ask(bob, 'bob@example.com');
		const changed = await finish(bob, 'bob@example.com', await under.codeFor(app, 'bob@example.com'));
		expect(changed).toMatchObject({ email: 'bob@example.com', emailVerified: true });
		expect((await mailsTo('bob@example.com')).map(({ purpose }) => purpose)).toEqual(['change-email']);
	});

	it('names the account in the mail, so that nobody lends a stranger their address', async () => {
		const nina = await person('nina');
		await ask(nina, 'nina@example.com');
		expect((await mailsTo('nina@example.com'))[0]?.text).toContain('“nina”');
	});

	it('asks for the password, and slows guessing it; no mail goes out before', async () => {
		const carol = await person('carol');
		const guess = () =>
			refusalOf(
				requestEmailChange(
					app,
					{ ...carol, email: 'carol@example.com', password: 'not-the-one' },
					visitor({ address: '198.51.100.1' }),
				),
			);
		const answers: string[] = [];
		for (let i = 0; i < 10; i++) answers.push(await guess());
		expect(answers[0]).toBe('auth/invalid-credentials');
		expect(answers.at(-1)).toBe('auth/too-many-attempts');
		expect(await mailsTo('carol@example.com')).toEqual([]);
	});

	it('asks an account without a password for a sign-in of the last ten minutes', async () => {
		const user = await under.user(app, { username: 'nopass' });
		const at = (age: number) => ({ user, session: { userId: user.id, authTime: app.clock.now() - age } });
		expect(await refusalOf(ask(at(11 * minute), 'nopass@example.com', ''))).toBe(
			'auth/fresh-sign-in-required',
		);
		expect(await refusalOf(ask(at(9 * minute), 'nopass@example.com', ''))).toBe('done');
	});

	it.each(['', 'nonsense', 'a@b', 'x'.repeat(250) + '@example.com'])('takes no "%.20s"', async (email) => {
		const user = await person(`odd${++count}`);
		expect(await refusalOf(ask(user, email))).toBe('input/invalid');
	});

	it('takes the present address only while it is unproven', async () => {
		const proven = await person('proven', { email: 'proven@example.com', emailVerified: true });
		expect(await refusalOf(ask(proven, 'PROVEN@example.com'))).toBe('input/invalid');
		const unproven = await person('unproven', { email: 'unproven@example.com' });
		await ask(unproven, 'unproven@example.com');
		const code = await under.codeFor(app, 'unproven@example.com');
		expect(await finish(unproven, 'unproven@example.com', code)).toMatchObject({ emailVerified: true });
	});
});

describe('an address that has an account', () => {
	it('gets the same answer; its owner is written to, and no code works (C08)', async () => {
		const owner = await person('owner', { email: 'owned@example.com', emailVerified: true });
		const dave = await person('dave');
		expect(await ask(dave, 'owned@example.com')).toBe('owned@example.com');
		expect((await mailsTo('owned@example.com')).map(({ purpose }) => purpose)).toEqual(['email-in-use']);
		for (const code of ['000000', '123456'])
			expect(await refusalOf(finish(dave, 'owned@example.com', code))).toBe('auth/code-invalid');
		expect((await reread(owner)).email).toBe('owned@example.com');
		expect((await reread(dave)).email).toBeNull();
	});

	it('is limited like every other', async () => {
		const erin = await person('erin');
		for (const email of ['owned@example.com', 'free@example.com']) {
			under.clock.move(61 * second);
			expect(await refusalOf(ask(erin, email))).toBe('done');
			expect(await refusalOf(ask(erin, email))).toBe('auth/too-many-attempts');
		}
	});

	it('proven by somebody else meanwhile stays theirs', async () => {
		const [first, second_] = [await person('first'), await person('second')];
		await ask(first, 'both@example.com');
		const code = await under.codeFor(app, 'both@example.com');
		await updateUser(
			app,
			{
				id: second_.user.id,
				change: { email: 'both@example.com', emailVerified: true },
				actor: { kind: 'system', id: 'test' },
			},
			visitor(),
		);
		expect(await refusalOf(finish(first, 'both@example.com', code))).toBe('user/identifier-taken');
		expect((await reread(first)).email).toBeNull();
	});
});

describe('the code', () => {
	it('works ten minutes, five tries, for this account and this address only (C05)', async () => {
		const [frank, other] = [await person('frank'), await person('other')];
		await ask(frank, 'frank@example.com');
		const code = await under.codeFor(app, 'frank@example.com');
		const [mail] = await mailsTo('frank@example.com');
		expect((mail?.expiresAt ?? 0) - (mail?.createdAt ?? 0)).toBe(10 * minute);
		expect(await refusalOf(finish(other, 'frank@example.com', code))).toBe('auth/code-invalid');
		expect(await refusalOf(finish(frank, 'other@example.com', code))).toBe('auth/code-invalid');
		for (let i = 0; i < 5; i++) await refusalOf(finish(frank, 'frank@example.com', otherThan(code)));
		expect(await refusalOf(finish(frank, 'frank@example.com', code))).toBe('auth/code-invalid');
		under.clock.move(61 * second);
		await ask(frank, 'frank@example.com');
		const late = await under.codeFor(app, 'frank@example.com');
		under.clock.move(10 * minute);
		expect(await refusalOf(finish(frank, 'frank@example.com', late))).toBe('auth/code-invalid');
	});

	it('makes void what went to the old address before', async () => {
		const gus = await person('gus', { email: 'gus-old@example.com', emailVerified: true });
		await requestRecovery(app, { identifier: 'gus' }, somewhere());
		const recovery = await under.codeFor(app, 'gus-old@example.com');
		await ask(gus, 'gus-new@example.com');
		await finish(gus, 'gus-new@example.com', await under.codeFor(app, 'gus-new@example.com'));
		const proof = { identifier: 'gus', code: recovery };
		expect(
			await refusalOf(completeRecovery(app, { proof, newPassword: 'a-brand-new-secret' }, somewhere())),
		).toBe('auth/code-invalid');
	});
});
