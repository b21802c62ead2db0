import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { findCurrentOperator, signInOperator } from '../operators/sign-in-operator';
import { claimAppliance, isClaimed, prepareSetup } from './claim-appliance';

let under: ApplianceUnderTest;
const owner = { email: 'owner@example.com', password: 'a-long-owner-secret' };
const services = () => under.appliance.services;
const claim = (setupCode: string, change: Partial<typeof owner> = {}, address = '203.0.113.7') =>
	claimAppliance(services(), { ...owner, ...change, setupCode }, visitor({ address }));

async function printedCode(): Promise<string> {
	const code = await prepareSetup(services());
	if (!code) throw new Error('no code');
	return code;
}

beforeEach(async () => {
	under = await applianceUnderTest();
});
afterEach(() => under.close());

describe('the first run', () => {
	it('makes the person with the printed code the owner, signed in', async () => {
		const code = await printedCode();
		expect(code).toMatch(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
		const { operator, session } = await claim(code.toLowerCase());
		expect(operator).toMatchObject({ email: owner.email, role: 'owner' });
		expect(operator).not.toHaveProperty('password');
		const current = await findCurrentOperator(services(), `${session.cookie.name}=${session.token}`);
		expect(current?.operator.id).toBe(operator.id);
		expect(await refusalOf(signInOperator(services(), owner, visitor()))).toBe('done');
	});

	it('cannot be repeated (C16)', async () => {
		const code = await printedCode();
		await claim(code);
		expect(await isClaimed(services())).toBe(true);
		expect(await refusalOf(claim(code, { email: 'second@example.com' }))).toBe('setup/already-done');
		expect(await prepareSetup(services())).toBeUndefined();
	});

	it('cannot be raced: of twenty at once, one wins (C16)', async () => {
		const code = await printedCode();
		const answers = await Promise.all(
			Array.from({ length: 20 }, (_, i) =>
				refusalOf(claim(code, { email: `racer${i}@example.com` }, `192.0.2.${i}`)),
			),
		);
		expect(answers.filter((answer) => answer === 'done')).toHaveLength(1);
		expect(await services().control.read.operators.count()).toBe(1);
	});

	it('writes a wrong code into the audit log, and the limit it reaches (E09)', async () => {
		const code = await printedCode();
		for (let i = 0; i < 14; i++) await refusalOf(claim('XXXX-XXXX-XXXX-XXXX'));
		const events = await services().control.read.audit.list({ limit: 50 });
		const told = events.map(({ action, outcome, address }) => `${action} ${outcome} ${address}`);
		expect(told).toEqual([
			'limit.reached refused 203.0.113.7',
			...Array.from({ length: 10 }, () => 'appliance.claim refused 203.0.113.7'),
		]);
		expect(JSON.stringify(events)).not.toContain('XXXX');
		expect(JSON.stringify(events)).not.toContain(code);
	});

	it('refuses a wrong code, and slows guessing', async () => {
		await printedCode();
		const answers: string[] = [];
		for (let i = 0; i < 12; i++) answers.push(await refusalOf(claim('0000-0000-0000-0000')));
		expect(answers[0]).toBe('setup/code-invalid');
		expect(answers.at(-1)).toBe('auth/too-many-attempts');
		expect(await isClaimed(services())).toBe(false);
	});

	it('has no default: an empty code does not work before one was printed', async () => {
		expect(await refusalOf(claim(''))).toBe('setup/code-invalid');
	});

	it('refuses the code of an earlier start', async () => {
		const early = await printedCode();
		await under.restart();
		const late = await printedCode();
		expect(await refusalOf(claim(early))).toBe('setup/code-invalid');
		expect(await refusalOf(claim(late))).toBe('done');
	});

	it('takes no weak password and no nonsense email, and can be tried again', async () => {
		const code = await printedCode();
		expect(await refusalOf(claim(code, { password: 'short' }))).toBe('password/too-short');
		expect(await refusalOf(claim(code, { password: 'password123' }))).toBe('password/too-common');
		expect(await refusalOf(claim(code, { email: 'nonsense' }))).toBe('input/invalid');
		expect(await refusalOf(claim(code))).toBe('done');
	});

	it('is done by the environment variables where they name the operator', async () => {
		const named = await applianceUnderTest({
			OPERATOR_EMAIL: owner.email,
			OPERATOR_PASSWORD: owner.password,
		});
		expect(await prepareSetup(named.appliance.services)).toBeUndefined();
		expect(await refusalOf(signInOperator(named.appliance.services, owner, visitor()))).toBe('done');
		await named.close();
	});
});

describe('an operator', () => {
	it('signs in under the same limits as users (C02)', async () => {
		await claim(await printedCode());
		const wrong = () =>
			refusalOf(
				signInOperator(
					services(),
					{ ...owner, password: 'wrong-password' },
					visitor({ address: '192.0.2.9' }),
				),
			);
		const answers: string[] = [];
		for (let i = 0; i < 10; i++) answers.push(await wrong());
		expect(answers[0]).toBe('auth/invalid-credentials');
		expect(answers.at(-1)).toBe('auth/too-many-attempts');
		expect(
			await refusalOf(signInOperator(services(), { email: 'nobody@example.com', password: 'x' }, visitor())),
		).toBe('auth/invalid-credentials');
	});

	it('is signed in at the console only: the cookie does not sign in to an app', async () => {
		const { session } = await claim(await printedCode());
		const app = await under.app();
		expect(await app.sessions.validate(session.token)).toBeUndefined();
		expect(app.sessions.cookieName).not.toBe(services().sessions.cookieName);
	});
});
