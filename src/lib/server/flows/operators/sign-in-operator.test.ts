import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { hour, minute } from '../../runtime/clock';
import { addOperator, resetOperatorPassword } from './operators';
import { signInOperator } from './sign-in-operator';

let under: ApplianceUnderTest;
const password = 'a-long-owner-secret';
const services = () => under.appliance.services;
const add = (email: string) =>
	addOperator(services(), { input: { email, password, role: 'owner' }, actor: system }, visitor());
const signIn = (email: string, change: Parameters<typeof visitor>[0] = {}, secret = password) =>
	signInOperator(services(), { email, password: secret }, visitor(change));
const wrong = (email: string, address: string, knownBrowser?: string) =>
	refusalOf(signIn(email, { address, knownBrowser }, 'wrong-wrong'));
/** Wrong tries from so many places that every further stranger is refused. */
async function attack(email: string): Promise<void> {
	for (let i = 0; i < 61; i++) await wrong(email, `198.18.${Math.floor(i / 4)}.1`);
	expect(await wrong(email, '198.51.100.1')).toBe('auth/too-many-attempts');
}

beforeAll(async () => {
	under = await applianceUnderTest();
});
afterAll(() => under.close());

describe('an operator whose password strangers guess at', () => {
	it('still signs in from a browser that signed in before, and from no other', async () => {
		await add('one@example.com');
		const { knownBrowser } = await signIn('one@example.com');
		await attack('one@example.com');
		const address = '192.0.2.1';
		expect(await refusalOf(signIn('one@example.com', { address }))).toBe('auth/too-many-attempts');
		expect(await refusalOf(signIn('one@example.com', { address, knownBrowser }))).toBe('done');
	});

	it('is known by their own note only: another operator’s note does not help', async () => {
		await Promise.all([add('two@example.com'), add('three@example.com')]);
		const { knownBrowser } = await signIn('three@example.com');
		await attack('two@example.com');
		expect(await refusalOf(signIn('two@example.com', { knownBrowser }))).toBe('auth/too-many-attempts');
	});

	it('cannot be guessed at from a known browser without an end', async () => {
		await add('four@example.com');
		const { knownBrowser } = await signIn('four@example.com');
		const answers: string[] = [];
		for (let i = 0; i < 9; i++) answers.push(await wrong('four@example.com', '192.0.2.4', knownBrowser));
		expect(answers.filter((answer) => answer === 'auth/invalid-credentials')).toHaveLength(8);
		expect(answers.at(-1)).toBe('auth/too-many-attempts');
		under.clock.move(16 * minute);
		expect(await refusalOf(signIn('four@example.com', { knownBrowser }))).toBe('done');
	});

	it('is unknown to their browser’s old note after a new password', async () => {
		await add('five@example.com');
		const { knownBrowser } = await signIn('five@example.com');
		await resetOperatorPassword(
			services(),
			{ email: 'five@example.com', newPassword: 'a-longer-owner-secret', actor: system },
			visitor(),
		);
		await attack('five@example.com');
		expect(await refusalOf(signIn('five@example.com', { knownBrowser }, 'a-longer-owner-secret'))).toBe(
			'auth/too-many-attempts',
		);
		under.clock.move(2 * hour);
	});

	it('finds the guessing in the log of the appliance, once for each limit (E09)', async () => {
		const { id } = await add('six@example.com');
		for (let i = 0; i < 20; i++) await wrong('six@example.com', '192.0.2.6');
		const events = await services().control.read.audit.list({ action: 'limit.reached', limit: 100 });
		expect(events.filter(({ target }) => target === `operator:${id}`)).toMatchObject([
			{ outcome: 'refused', address: '192.0.2.6', detail: { limit: 'sign-in-pair' } },
		]);
	});
});
