import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	settledMessages,
	signedInBy,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { hour, minute, second } from '../../runtime/clock';
import { openMessage } from '../messages/queue-message';
import { submitRegistration } from '../register/register';
import type { AppServices } from '../services';
import { updateUser } from '../users/manage-users';
import { sendCode, type CodeOrder } from './send-code';
import { openCodeLink, proveJoining, signInByCode } from './submit-code';

let under: ApplianceUnderTest;
let app: AppServices;

beforeAll(async () => {
	under = await applianceUnderTest();
	app = await freshApp();
});
afterAll(() => under.close());

async function freshApp(settings: Record<string, unknown> = {}): Promise<AppServices> {
	const made = await under.app(settings);
	for (const id of ['sms', 'email']) await made.plugins.save(id, { enabled: true });
	return made;
}

let targets = 0;
/** A phone that no test used yet, so that no limit of another test is met. */
const freshPhone = () => `+86138${String(10_000_000 + targets++)}`;
const send = (to: string, change: Partial<CodeOrder> = {}, at = app) =>
	sendCode(
		at,
		{ connector: to.includes('@') ? 'email' : 'sms', to, purpose: 'sign-in', ...change },
		visitor(),
	);
async function codeSentTo(to: string, at = app): Promise<{ verification: string; code: string }> {
	const { verification } = await send(to, {}, at);
	return { verification, code: await under.codeFor(at, to) };
}
const messagesTo = async (to: string, at = app) => {
	await settledMessages(at);
	const all = await at.store.read.messages.list({ limit: 200 });
	return all.map((message) => openMessage(at, message)).filter((opened) => opened?.to === to);
};
const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

describe.each(['sms', 'email'] as const)('a code by %s', (connector) => {
	const target = () => (connector === 'sms' ? freshPhone() : `person${targets++}@example.com`);

	it('signs a stranger up and, next time, in', async () => {
		const to = target();
		const first = signedInBy(await signInByCode(app, await codeSentTo(to), visitor()));
		expect(first.user).toMatchObject(
			connector === 'sms' ? { phone: to, phoneVerified: true } : { email: to, emailVerified: true },
		);
		under.clock.move(2 * minute);
		const again = signedInBy(await signInByCode(app, await codeSentTo(to), visitor()));
		expect(again.user.id).toBe(first.user.id);
	});

	it('is six digits, in a message that names the app', async () => {
		const to = target();
		const { code } = await codeSentTo(to);
		expect(code).toMatch(/^\d{6}$/);
		const [message] = await messagesTo(to);
		expect(message?.content.text).toContain(code);
		expect(message?.content.text).toContain('Demo');
	});

	it('works once, for ten minutes, in its app only (C05)', async () => {
		const other = await freshApp();
		const used = await codeSentTo(target());
		expect(await refusalOf(signInByCode(other, used, visitor()))).toBe('auth/code-invalid');
		expect(await refusalOf(signInByCode(app, used, visitor()))).toBe('done');
		expect(await refusalOf(signInByCode(app, used, visitor()))).toBe('auth/code-invalid');
		const late = await codeSentTo(target());
		under.clock.move(10 * minute);
		expect(await refusalOf(signInByCode(app, late, visitor()))).toBe('auth/code-invalid');
	});

	it('is void after five wrong tries (C05)', async () => {
		const sent = await codeSentTo(target());
		for (let i = 0; i < 5; i++)
			expect(await refusalOf(signInByCode(app, { ...sent, code: wrong(sent.code) }, visitor()))).toBe(
				'auth/code-invalid',
			);
		expect(await refusalOf(signInByCode(app, sent, visitor()))).toBe('auth/code-invalid');
	});

	it('is not sent again within a minute (C07)', async () => {
		const to = target();
		await send(to);
		expect(await refusalOf(send(to))).toBe('auth/too-many-attempts');
		under.clock.move(61 * second);
		expect(await refusalOf(send(to))).toBe('done');
	});

	it('is void, and so is its link, once a new one was sent to the same browser', async () => {
		const [to, browser, page] = [target(), 'mine', '/apps/1/link'];
		const older = await send(to, { browser, linkTo: page });
		const code = await under.codeFor(app, to);
		const [message] = await messagesTo(to);
		const link = new URLSearchParams(message?.content.params['link']?.split('?')[1]);
		const opened = () => openCodeLink(app, { token: link.get('token') ?? '', browser });
		if (connector === 'email') expect(await opened()).toMatchObject({ code });
		under.clock.move(61 * second);
		await send(to, { browser });
		const answer = { ...older, code, browser };
		expect(await refusalOf(signInByCode(app, answer, visitor()))).toBe('auth/code-invalid');
		expect(await refusalOf(opened())).toBe('auth/code-invalid');
	});

	it('asked for without a browser stays valid when a stranger asks too; three are open at most', async () => {
		const [to, sent] = [target(), [] as { verification: string; code: string }[]];
		for (let i = 0; i < 4; i++) {
			sent.push(await codeSentTo(to));
			under.clock.move(61 * second);
		}
		const refusal = (index: number, change = {}) =>
			refusalOf(signInByCode(app, { verification: '', code: '', ...sent[index], ...change }, visitor()));
		expect(await refusal(0), 'the oldest of four').toBe('auth/code-invalid');
		for (let i = 0; i < 5; i++)
			expect(await refusal(3, { code: wrong(sent[3]?.code ?? '') })).toBe('auth/code-invalid');
		expect(await refusal(3), 'void after five wrong tries').toBe('auth/code-invalid');
		expect(await refusal(1), 'each has tries of its own').toBe('done');
	});

	it('stays valid when another browser asks for one for the same address', async () => {
		const to = target();
		const { verification } = await send(to, { browser: 'mine' });
		const code = await under.codeFor(app, to);
		under.clock.move(61 * second);
		for (const browser of ['theirs', undefined]) {
			await send(to, { browser });
			under.clock.move(61 * second);
		}
		const mine = { verification, code, browser: 'mine' };
		expect(await refusalOf(signInByCode(app, mine, visitor()))).toBe('done');
	});

	it('asked for in a browser works in that browser only', async () => {
		const to = target();
		const { verification } = await send(to, { browser: 'mine' });
		const code = await under.codeFor(app, to);
		expect(await refusalOf(signInByCode(app, { verification, code }, visitor()))).toBe('auth/code-invalid');
		expect(await refusalOf(signInByCode(app, { verification, code, browser: 'theirs' }, visitor()))).toBe(
			'auth/code-invalid',
		);
		expect(await refusalOf(signInByCode(app, { verification, code, browser: 'mine' }, visitor()))).toBe(
			'done',
		);
	});
});

describe('a connector that is slow to word the message', () => {
	it('delays no other write', async () => {
		let wroteMeanwhile = false;
		const slow = {
			...app,
			plugins: {
				...app.plugins,
				code: (id: string) => ({
					...app.plugins.code(id),
					compose: async (facts: Parameters<ReturnType<typeof app.plugins.code>['compose']>[0]) => {
						await app.store.write((tx) => tx.users.count());
						wroteMeanwhile = true;
						return app.plugins.code(id).compose(facts);
					},
				}),
			},
		};
		const order = { connector: 'sms', to: freshPhone(), purpose: 'sign-in' } as const;
		await sendCode(slow, order, visitor());
		expect(wroteMeanwhile).toBe(true);
	}, 60_000);
});

describe('codes as secrets', () => {
	it('are stored nowhere in the clear (E07)', async () => {
		const to = freshPhone();
		const { verification, code } = await codeSentTo(to);
		const row = await app.store.read.verifications.find(verification);
		expect(JSON.stringify(row)).not.toContain(code);
		expect(JSON.stringify(row)).not.toContain(to);
	});

	it('are sent to one target ten times a day, whoever asks (C07)', async () => {
		const at = await freshApp();
		const to = freshPhone();
		const answers: string[] = [];
		for (let i = 0; i < 12; i++) {
			answers.push(await refusalOf(send(to, {}, at)));
			under.clock.move(61 * second);
		}
		expect(answers.filter((answer) => answer === 'done')).toHaveLength(10);
		under.clock.move(24 * hour);
		expect(await refusalOf(send(to, {}, at))).toBe('done');
	});

	it.each(['', 'nobody', '123', '+1', 'a@b', 'two@example.com, three@example.com'])(
		'“%s” is not a valid target',
		async (to) => {
			const connector = to.includes('@') ? 'email' : 'sms';
			expect(await refusalOf(send(to, { connector }))).toBe('input/invalid');
		},
	);

	it('takes eleven digits for a Chinese number', async () => {
		expect(await send('13900139000')).toMatchObject({ to: '+8613900139000' });
	});
});

describe('known and unknown targets (C08)', () => {
	it('get the same answer where registration is closed; only the known one gets a message', async () => {
		const at = await freshApp({ registration: 'closed' });
		const [known, unknown] = [freshPhone(), freshPhone()];
		await under.user(at, { username: 'known', phone: known, phoneVerified: true, password: goodPassword });
		const [one, two] = [await send(known, {}, at), await send(unknown, {}, at)];
		expect(Object.keys(one)).toEqual(Object.keys(two));
		expect({ ...one, verification: '', to: '' }).toEqual({ ...two, verification: '', to: '' });
		expect(await messagesTo(known, at)).toHaveLength(1);
		expect(await messagesTo(unknown, at)).toHaveLength(0);
		const refusal = await refusalOf(
			signInByCode(at, { verification: two.verification, code: '000000' }, visitor()),
		);
		expect(refusal).toBe('auth/code-invalid');
	});

	it('a disabled account gets no message', async () => {
		const at = await freshApp();
		const to = freshPhone();
		const user = await under.user(at, { username: 'gone', phone: to, phoneVerified: true });
		await updateUser(at, { id: user.id, change: { status: 'disabled' }, actor: system }, visitor());
		expect(await refusalOf(send(to, {}, at))).toBe('done');
		expect(await messagesTo(to, at)).toHaveLength(0);
	});

	it('an account disabled after the code was sent stays out', async () => {
		const at = await freshApp();
		const to = freshPhone();
		const user = await under.user(at, { username: 'gone', phone: to, phoneVerified: true });
		const sent = await codeSentTo(to, at);
		await updateUser(at, { id: user.id, change: { status: 'disabled' }, actor: system }, visitor());
		expect(await refusalOf(signInByCode(at, sent, visitor()))).not.toBe('done');
	});
});

describe('the policy of an app', () => {
	it('hides codes with the system accounts', async () => {
		const at = await freshApp({ systemAccounts: false });
		expect(await refusalOf(send(freshPhone(), {}, at))).toBe('auth/method-unavailable');
	});

	it('takes only identifiers that may sign in', async () => {
		const at = await freshApp({ signInIdentifiers: ['username', 'email'] });
		expect(await refusalOf(send(freshPhone(), {}, at))).toBe('auth/method-unavailable');
	});

	it('makes no account where registration was closed meanwhile', async () => {
		const at = await freshApp();
		const sent = await codeSentTo(freshPhone(), at);
		const { updateApp } = await import('../apps/manage-apps');
		await updateApp(
			under.appliance.services,
			{ id: at.id, change: { registration: 'closed' }, actor: system },
			visitor(),
		);
		expect(await refusalOf(signInByCode(at, sent, visitor()))).toBe('auth/registration-closed');
	});
});

describe('an app that wants more proven', () => {
	it('asks for the phone after the email, and makes the account when both are', async () => {
		const at = await freshApp({ requireVerified: ['email', 'phone'] });
		const email = 'both@example.com';
		const first = await signInByCode(at, await codeSentTo(email, at), visitor());
		expect(first).toMatchObject({ status: 'prove', what: 'phone' });
		if (first.status !== 'prove') return;
		expect(await at.store.read.users.count()).toBe(0);
		const phone = freshPhone();
		const { verification } = await send(phone, { purpose: 'join', pending: first.pending }, at);
		const code = await under.codeFor(at, phone);
		const elsewhere = { verification, code, pending: 'made up' };
		expect(await refusalOf(proveJoining(at, elsewhere, visitor()))).toBe('interaction/expired');
		const { user } = signedInBy(
			await proveJoining(at, { verification, code, pending: first.pending }, visitor()),
		);
		expect(user).toMatchObject({ email, emailVerified: true, phone, phoneVerified: true });
	});

	it('asks the person who registers with a password, too', async () => {
		const at = await freshApp({ requireVerified: ['phone'] });
		const joined = await submitRegistration(at, { username: 'ann', password: goodPassword }, visitor());
		expect(joined).toMatchObject({ status: 'prove', what: 'phone' });
		if (joined.status !== 'prove') return;
		const phone = freshPhone();
		const { verification } = await send(phone, { purpose: 'join', pending: joined.pending }, at);
		const code = await under.codeFor(at, phone);
		const { user } = signedInBy(
			await proveJoining(at, { verification, code, pending: joined.pending }, visitor()),
		);
		expect(user).toMatchObject({ username: 'ann', phone, phoneVerified: true });
	});

	it('does not take a phone that another account has, even where it was proven', async () => {
		const at = await freshApp({ requireVerified: ['phone'] });
		const phone = freshPhone();
		await under.user(at, { username: 'owner', phone, phoneVerified: true });
		const joined = await submitRegistration(at, { username: 'ben', password: goodPassword }, visitor());
		if (joined.status !== 'prove') throw new Error('nothing asked');
		const { verification } = await send(phone, { purpose: 'join', pending: joined.pending }, at);
		const code = await under.codeFor(at, phone);
		expect(
			await refusalOf(proveJoining(at, { verification, code, pending: joined.pending }, visitor())),
		).toBe('user/identifier-taken');
	});
});

describe('the link in a mail', () => {
	const tokenIn = (text: string) => /token=([\w-]+)/.exec(text)?.[1] ?? '';

	it('offers a button in the browser that asked, and shows the code in others', async () => {
		const to = `link${targets++}@example.com`;
		await app.plugins.save('email', { values: { link: true } });
		const { verification } = await send(to, { browser: 'mine', linkTo: `/apps/${app.id}/sign-in/link` });
		const code = await under.codeFor(app, to);
		const [message] = await messagesTo(to);
		const token = tokenIn(message?.content.text ?? '');
		expect(token.length).toBeGreaterThanOrEqual(43);
		expect(await openCodeLink(app, { token, browser: 'mine' })).toEqual({ here: true, verification, code });
		expect(await openCodeLink(app, { token, browser: 'theirs' })).toEqual({ here: false, code });
		expect(await openCodeLink(app, { token, browser: undefined })).toEqual({ here: false, code });
		expect(await refusalOf(openCodeLink(app, { token: 'made-up', browser: 'mine' }))).toBe(
			'auth/code-invalid',
		);
		await signInByCode(app, { verification, code, browser: 'mine' }, visitor());
		expect(await refusalOf(openCodeLink(app, { token, browser: 'mine' }))).toBe('auth/code-invalid');
	});
});

describe('the welcome mail', () => {
	const welcomes = async (at: AppServices, to: string) =>
		(await messagesTo(to, at)).filter((message) => /welcome/i.test(message?.content.subject ?? ''));

	it('goes to a proven address, where the app wants it', async () => {
		const at = await freshApp({ welcomeEmail: true });
		const to = 'new@example.com';
		await signInByCode(at, await codeSentTo(to, at), visitor());
		expect(await welcomes(at, to)).toHaveLength(1);
	});

	it('is off by default, and never goes to an unproven address', async () => {
		const to = 'quiet@example.com';
		await signInByCode(app, await codeSentTo(to), visitor());
		expect(await welcomes(app, to)).toHaveLength(0);
		const at = await freshApp({ welcomeEmail: true });
		await submitRegistration(
			at,
			{ username: 'unproven', email: 'someone@example.com', password: goodPassword },
			visitor(),
		);
		expect(await welcomes(at, 'someone@example.com')).toHaveLength(0);
	});
});
