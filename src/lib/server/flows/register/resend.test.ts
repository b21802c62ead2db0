/** Another code for a registration that waits for one. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	signedInBy,
	settledMessages,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { minute, second } from '../../runtime/clock';
import { openMessage } from '../messages/queue-message';
import type { AppServices } from '../services';
import { completeRegistration, resendRegistrationCode, submitRegistration } from './register';

let under: ApplianceUnderTest;
let app: AppServices;
let count = 0;
beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app({ requireVerified: ['email'] });
	await under.user(app, {
		username: 'owner',
		email: 'owned@example.com',
		emailVerified: true,
		password: goodPassword,
	});
});
afterAll(() => under.close());

const somewhere = () => visitor({ address: `192.0.2.${++count % 250}` });

async function waiting(email: string) {
	const result = await submitRegistration(app, { email, password: goodPassword }, somewhere());
	if (result.status !== 'verify-email') throw new Error('no code asked');
	return { verification: result.verification, email };
}
type Waiting = Awaited<ReturnType<typeof waiting>>;
const again = (which: Waiting) => resendRegistrationCode(app, which, somewhere());
const complete = ({ verification }: Waiting, code: string) =>
	completeRegistration(app, { verification, code }, somewhere());
async function mailsTo(address: string) {
	await settledMessages(app);
	const all = await app.store.read.messages.list({ limit: 200 });
	return all.filter((message) => openMessage(app, message)?.to === address);
}

it('completes the registration; the code before it is void', async () => {
	const first = await waiting('new@example.com');
	const old = await under.codeFor(app, 'new@example.com');
	under.clock.move(61 * second);
	const second_ = await again(first);
	expect(second_).toEqual({ verification: expect.any(String) as string, email: 'new@example.com' });
	const code = await under.codeFor(app, 'new@example.com');
	expect(await refusalOf(complete(first, old))).toBe('auth/code-invalid');
	expect(signedInBy(await complete(second_, code)).user).toMatchObject({
		email: 'new@example.com',
		emailVerified: true,
	});
});

it('answers the same for an address that has an account, which is written to once more (C08)', async () => {
	const [known, ghost] = [await waiting('owned@example.com'), await waiting('ghost@example.com')];
	for (const one of [known, ghost]) expect(await refusalOf(again(one))).toBe('auth/too-many-attempts');
	under.clock.move(61 * second);
	const answers = [await again(known), await again(ghost)];
	expect(answers.map(({ email, ...rest }) => Object.keys(rest))).toEqual([
		['verification'],
		['verification'],
	]);
	expect((await mailsTo('owned@example.com')).map(({ purpose }) => purpose)).toEqual([
		'already-registered',
		'already-registered',
	]);
	expect(await mailsTo('ghost@example.com')).toHaveLength(2);
	for (const one of [known, ghost]) expect(await refusalOf(again(one))).toBe('auth/code-invalid');
});

it('is refused for a registration that was completed, expired, or belongs to another person', async () => {
	expect(await refusalOf(again({ verification: 'nothing', email: 'x@example.com' }))).toBe(
		'auth/code-invalid',
	);
	const one = await waiting('one@example.com');
	under.clock.move(61 * second);
	expect(await refusalOf(again({ ...one, email: 'two@example.com' }))).toBe('auth/code-invalid');
	await complete(one, await under.codeFor(app, 'one@example.com'));
	expect(await refusalOf(again(one))).toBe('auth/code-invalid');
	const late = await waiting('late@example.com');
	under.clock.move(10 * minute);
	expect(await refusalOf(again(late))).toBe('auth/code-invalid');
});

it('is refused once registration is closed', async () => {
	const closed = await under.app({ registration: 'closed' });
	expect(
		await refusalOf(
			resendRegistrationCode(closed, { verification: 'x', email: 'x@example.com' }, somewhere()),
		),
	).toBe('auth/registration-closed');
});

it('no mail of a registration outlives its code (C05)', async () => {
	await waiting('brief@example.com');
	under.clock.move(61 * second);
	await waiting('owned@example.com');
	for (const address of ['brief@example.com', 'owned@example.com'])
		for (const mail of await mailsTo(address)) expect(mail.expiresAt - mail.createdAt).toBe(10 * minute);
});
