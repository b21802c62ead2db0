/** What an owner may do to operators, and what cannot be done from a console that was left open. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import type { Actor } from '../services';
import { addOperator, removeOperator, resetOperatorPassword, type OperatorView } from './operators';
import { changeOwnPassword } from './change-own-password';
import { signInOperator } from './sign-in-operator';

const password = 'a-first-secret';
const newPassword = 'another-good-secret';
let under: ApplianceUnderTest;
let owner: OperatorView;
let helper: OperatorView;
const services = () => under.appliance.services;
const actorOf = ({ id, role }: OperatorView): Actor => ({ kind: 'operator', id, role });
const add = (email: string, role: 'operator' | 'owner') =>
	addOperator(services(), { input: { email, password, role }, actor: system }, visitor());
const reset = (email: string, actor: Actor) =>
	refusalOf(resetOperatorPassword(services(), { email, newPassword, actor }, visitor()));
const signsIn = (email: string, secret: string) =>
	refusalOf(signInOperator(services(), { email, password: secret }, visitor()));

beforeAll(async () => {
	under = await applianceUnderTest();
	owner = await add('owner@example.com', 'owner');
	helper = await add('helper@example.com', 'operator');
});
afterAll(() => under.close());

describe('setting a password without the old one', () => {
	it('is refused for one’s own account: changing that needs the old password', async () => {
		expect(await reset(owner.email, actorOf(owner))).toBe('auth/forbidden');
		expect(await reset('OWNER@example.com', actorOf(owner))).toBe('auth/forbidden');
		expect(await signsIn(owner.email, password)).toBe('done');
	});

	it('is allowed to owners for others, and to the command line for all', async () => {
		expect(await reset(owner.email, actorOf(helper))).toBe('auth/forbidden');
		expect(await reset(helper.email, actorOf(owner))).toBe('done');
		expect(await signsIn(helper.email, newPassword)).toBe('done');
		expect(await reset(owner.email, system)).toBe('done');
		expect(await signsIn(owner.email, newPassword)).toBe('done');
	});

	it('is not found for an unknown operator', async () => {
		expect(await reset('nobody@example.com', actorOf(owner))).toBe('operator/not-found');
	});
});

describe('an operator’s own password', () => {
	it('is logged when typed wrongly, with nothing of what was typed', async () => {
		const who = await add('typist@example.com', 'operator');
		const input = { operator: who, password: 'typed-wrongly-42', newPassword };
		expect(await refusalOf(changeOwnPassword(services(), input, visitor()))).toBe('auth/invalid-credentials');
		const [event] = await services().control.read.audit.list({
			limit: 1,
			action: 'operator.change-password',
		});
		expect(event).toMatchObject({ outcome: 'refused', target: `operator:${who.id}`, address: '203.0.113.7' });
		expect(JSON.stringify(event)).not.toContain('typed-wrongly');
	});
});

it('the last owner cannot be removed', async () => {
	expect(await refusalOf(removeOperator(services(), { id: owner.id, actor: system }, visitor()))).toBe(
		'operator/last-owner',
	);
});
