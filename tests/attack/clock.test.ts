/** F14: the clock jumps ten days ahead and a day back, while people are signed in and codes are on their way. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	visitor,
	type ApplianceUnderTest,
} from '../appliance-under-test';
import { findCurrentUser } from '../../src/lib/server/flows/account/current-user';
import { completeRecovery, requestRecovery } from '../../src/lib/server/flows/recover/recover';
import type { AppServices } from '../../src/lib/server/flows/services';
import { submitSignIn } from '../../src/lib/server/flows/sign-in/submit-sign-in';

const hour = 3_600_000;
const day = 24 * hour;
let under: ApplianceUnderTest;
let app: AppServices;
beforeEach(async () => {
	under = await applianceUnderTest();
	app = await under.app({ sessionIdleDays: 7, sessionMaxDays: 14 });
	await under.user(app, {
		username: 'alice',
		email: 'alice@example.com',
		emailVerified: true,
		password: goodPassword,
	});
});
afterEach(() => under.close());

const signIn = async (secret = goodPassword) => {
	const { session } = await submitSignIn(app, { identifier: 'alice', password: secret }, visitor());
	return `${session.cookie.name}=${session.token}`;
};
const isIn = async (cookie: string) => (await findCurrentUser(app, cookie)) !== undefined;

it('F14: a session is over by rule, and stays over when the clock goes back', async () => {
	const cookie = await signIn();
	under.clock.move(6 * day);
	expect(await isIn(cookie)).toBe(true);
	under.clock.move(10 * day);
	expect(await isIn(cookie)).toBe(false);
	under.clock.move(-10 * day);
	expect(await isIn(cookie)).toBe(false);
	const fresh = await signIn();
	under.clock.move(-day);
	expect(await isIn(fresh)).toBe(true);
	expect(await isIn(await signIn())).toBe(true);
});

it('F14, C11: being used keeps a session only up to its end in all', async () => {
	const cookie = await signIn();
	for (let passed = 0; passed < 13; passed += 3) {
		expect(await isIn(cookie)).toBe(true);
		under.clock.move(3 * day);
	}
	expect(await isIn(cookie)).toBe(false);
});

it('F14: a code that is over is not good again after the clock went back, nor is one that was used', async () => {
	await requestRecovery(app, { identifier: 'alice' }, visitor());
	const code = await under.codeFor(app, 'alice@example.com');
	under.clock.move(10 * day);
	const proof = { identifier: 'alice', code };
	expect(await refusalOf(completeRecovery(app, { proof, newPassword: 'another-good-one' }, visitor()))).toBe(
		'auth/code-invalid',
	);
	under.clock.move(-10 * day);
	expect(await refusalOf(completeRecovery(app, { proof, newPassword: 'another-good-one' }, visitor()))).toBe(
		'auth/code-invalid',
	);

	under.clock.move(2 * hour);
	await requestRecovery(app, { identifier: 'alice' }, visitor());
	const next = { identifier: 'alice', code: await under.codeFor(app, 'alice@example.com') };
	expect(
		await refusalOf(completeRecovery(app, { proof: next, newPassword: 'another-good-one' }, visitor())),
	).toBe('done');
	under.clock.move(-day);
	expect(
		await refusalOf(completeRecovery(app, { proof: next, newPassword: 'third-good-one' }, visitor())),
	).toBe('auth/code-invalid');
	expect(await isIn(await signIn('another-good-one'))).toBe(true);
});

it('F14: limits forgive by rule and lock no user out for days after a jump back', async () => {
	const wrong = () =>
		refusalOf(submitSignIn(app, { identifier: 'alice', password: 'wrong-wrong' }, visitor()));
	for (let tries = 0; tries < 9; tries++) await wrong();
	expect(await wrong()).toBe('auth/too-many-attempts');
	under.clock.move(10 * day);
	expect(await refusalOf(submitSignIn(app, { identifier: 'alice', password: goodPassword }, visitor()))).toBe(
		'done',
	);
	for (let tries = 0; tries < 9; tries++) await wrong();
	under.clock.move(-day);
	under.clock.move(hour);
	// Counted before the jump until a time that is now a day away: other ways in stay open.
	expect(
		await refusalOf(
			submitSignIn(app, { identifier: 'alice', password: goodPassword }, visitor({ address: '192.0.2.200' })),
		),
	).toBe('done');
});
