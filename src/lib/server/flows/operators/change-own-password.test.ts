import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { changeOwnPassword } from './change-own-password';
import { addOperator, removeOperator } from './operators';
import { signInOperator } from './sign-in-operator';

const password = 'a-first-secret';
const newPassword = 'another-good-secret';
let under: ApplianceUnderTest;
beforeAll(async () => {
	under = await applianceUnderTest();
	await operator('owner@example.com', 'owner');
});
afterAll(() => under.close());

const services = () => under.appliance.services;
const operator = (email: string, role: 'operator' | 'owner' = 'operator') =>
	addOperator(services(), { input: { email, password, role }, actor: system }, visitor());
const signIn = (email: string, secret = password) =>
	signInOperator(services(), { email, password: secret }, visitor());

describe('an operator who is not an owner', () => {
	it('changes their own password; this browser stays signed in, every other is signed out', async () => {
		const who = await operator('olga@example.com');
		const [here, there] = [await signIn(who.email), await signIn(who.email)];
		const { session, knownBrowser } = await changeOwnPassword(
			services(),
			{ operator: who, password, newPassword },
			visitor(),
		);
		const { sessions } = services();
		expect(await sessions.validate(session.token)).toMatchObject({ userId: who.id });
		for (const old of [here, there]) expect(await sessions.validate(old.session.token)).toBeUndefined();
		expect(await refusalOf(signIn(who.email))).toBe('auth/invalid-credentials');
		expect(await refusalOf(signIn(who.email, newPassword))).toBe('done');
		for (let i = 0; i < 8; i++) await refusalOf(signIn(who.email, 'not-it'));
		const from = (known: string) =>
			refusalOf(
				signInOperator(
					services(),
					{ email: who.email, password: newPassword },
					visitor({ knownBrowser: known }),
				),
			);
		expect(await from(here.knownBrowser)).toBe('auth/too-many-attempts');
		expect(await from(knownBrowser)).toBe('done');
		const [event] = await services().control.read.audit.list({
			limit: 1,
			action: 'operator.change-password',
		});
		expect(event).toMatchObject({ actor: { kind: 'operator', id: who.id }, target: `operator:${who.id}` });
	});

	it('has to enter the current one, and guessing it is slowed', async () => {
		const who = await operator('otto@example.com');
		const answers: string[] = [];
		for (let i = 0; i < 10; i++)
			answers.push(
				await refusalOf(
					changeOwnPassword(services(), { operator: who, password: 'not-it', newPassword }, visitor()),
				),
			);
		expect(answers[0]).toBe('auth/invalid-credentials');
		expect(answers.at(-1)).toBe('auth/too-many-attempts');
		expect(await refusalOf(signIn(who.email))).toBe('done');
	});

	it.each([
		['short', 'password/too-short'],
		['password123', 'password/too-common'],
		['otis@example.com', 'password/contains-name'],
	])('may not choose "%s"', async (to, answer) => {
		const who = (await services().control.read.operators.findByEmail('otis@example.com')) ?? {
			...(await operator('otis@example.com')),
		};
		expect(
			await refusalOf(changeOwnPassword(services(), { operator: who, password, newPassword: to }, visitor())),
		).toBe(answer);
	});

	it('who was removed meanwhile changes nothing', async () => {
		const who = await operator('oona@example.com');
		await removeOperator(services(), { id: who.id, actor: system }, visitor());
		expect(
			await refusalOf(changeOwnPassword(services(), { operator: who, password, newPassword }, visitor())),
		).toBe('auth/invalid-credentials');
	});
});
