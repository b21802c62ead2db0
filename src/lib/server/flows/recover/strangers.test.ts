/** Strangers who know an address can neither guess its owner's code away nor replace it with one of theirs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { second } from '../../runtime/clock';
import type { AppServices } from '../services';
import { completeRecovery, requestRecovery } from './recover';

let under: ApplianceUnderTest;
let app: AppServices;
beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
	await app.plugins.save('sms', { enabled: true });
});
afterAll(() => under.close());

let count = 0;
async function someone(by: 'email' | 'phone') {
	const username = `asker${++count}`;
	const email = `${username}@example.com`;
	const phone = `+86136${String(50_000_000 + count)}`;
	const proven = { email, emailVerified: true, phone, phoneVerified: true };
	await under.user(app, { username, ...proven, password: goodPassword });
	return by === 'email' ? email : phone;
}
const stranger = () => visitor({ address: `203.0.113.${++count % 250}` });
const wrong = (code: string, by = 1) => String((Number(code) + by) % 1_000_000).padStart(6, '0');
const reset = (identifier: string, code: string, verification?: string) => {
	const proof = { identifier, code, verification };
	return refusalOf(completeRecovery(app, { proof, newPassword: 'a-brand-new-secret' }, stranger()));
};
async function asked(identifier: string) {
	const { verification, to } = await requestRecovery(app, { identifier }, visitor());
	return { verification, code: await under.codeFor(app, to) };
}

describe.each(['email', 'phone'] as const)('a recovery by %s', (by) => {
	it('survives wrong guesses from other browsers, which have five tries in all', async () => {
		const to = await someone(by);
		const { verification, code } = await asked(to);
		for (let i = 0; i < 5; i++) expect(await reset(to, wrong(code))).toBe('auth/code-invalid');
		expect(await reset(to, code), 'a stranger at the sixth try').toBe('auth/code-invalid');
		expect(await reset(to, code, 'made-up'), 'nor with a name that is made up').toBe('auth/code-invalid');
		expect(await reset(to, code, verification)).toBe('done');
		expect(await reset(to, code, verification)).toBe('auth/code-invalid');
	});

	it('is void after five wrong tries of the browser that asked, also when made at once (C05)', async () => {
		const to = await someone(by);
		const { verification, code } = await asked(to);
		const guesses = Array.from({ length: 12 }, (_, index) => reset(to, wrong(code, index + 1), verification));
		expect(new Set(await Promise.all(guesses))).toEqual(new Set(['auth/code-invalid']));
		expect(await reset(to, code, verification)).toBe('auth/code-invalid');
	});

	it('is not replaced by another browser’s request', async () => {
		const to = await someone(by);
		const { verification, code } = await asked(to);
		under.clock.move(61 * second);
		const theirs = await requestRecovery(app, { identifier: to }, stranger());
		for (let i = 0; i < 5; i++)
			expect(await reset(to, wrong(code), theirs.verification)).toBe('auth/code-invalid');
		expect(await reset(to, code, verification)).toBe('done');
	});

	it('does not work with another identifier', async () => {
		const [one, other] = [await someone(by), await someone(by)];
		const { verification, code } = await asked(one);
		expect(await reset(other, code, verification)).toBe('auth/code-invalid');
		expect(await reset(one, code, verification)).toBe('done');
	});
});
