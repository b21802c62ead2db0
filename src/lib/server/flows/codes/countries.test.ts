/** Codes by text message go only to the countries that the operator named, whatever they are for. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	settledMessages,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { requestPhoneChange } from '../account/change-phone';
import { requestRecovery } from '../recover/recover';
import type { AppServices } from '../services';
import { sendCode } from './send-code';

let under: ApplianceUnderTest;
beforeAll(async () => {
	under = await applianceUnderTest();
});
afterAll(() => under.close());

const served = '+8613800138000';
const expensive = '+18765551234';

async function appFor(countries: string): Promise<AppServices> {
	const app = await under.app();
	await app.plugins.save('sms', { enabled: true, values: { countries } });
	return app;
}

/** A user who has this number already. */
async function personWith(app: AppServices, phone: string) {
	const user = await under.user(app, {
		username: 'alice',
		password: goodPassword,
		phone,
		phoneVerified: true,
	});
	return { user, session: { userId: user.id, authTime: under.clock.now() }, password: goodPassword };
}

const requests: [string, (app: AppServices, to: string) => Promise<unknown>][] = [
	['to sign in', (app, to) => sendCode(app, { connector: 'sms', to, purpose: 'sign-in' }, visitor())],
	['to join', (app, to) => sendCode(app, { connector: 'sms', to, purpose: 'join' }, visitor())],
	['to recover', (app, to) => requestRecovery(app, { identifier: to }, visitor())],
	[
		'to move there',
		async (app, phone) =>
			requestPhoneChange(app, { ...(await personWith(app, '+8613900139000')), phone }, visitor()),
	],
];

describe.each(requests)('a code %s', (_, request) => {
	it('goes to a country on the list, and to no other', async () => {
		const app = await appFor('CN, HK');
		expect(await refusalOf(request(app, expensive))).toBe('auth/number-not-served');
		await settledMessages(app);
		expect(await app.store.read.messages.list({ limit: 10 })).toEqual([]);
		const other = await appFor('CN, HK');
		expect(await refusalOf(request(other, served))).toBe('done');
	});

	it('goes everywhere where there is no list', async () => {
		expect(await refusalOf(request(await appFor(''), expensive))).toBe('done');
	});
});

it('a number is refused alike whether it has an account or not', async () => {
	const app = await appFor('CN');
	await personWith(app, expensive);
	for (const to of [expensive, '+18765550000'])
		expect(await refusalOf(requestRecovery(app, { identifier: to }, visitor()))).toBe(
			'auth/number-not-served',
		);
});

it('a list that names no country is not saved', async () => {
	expect(await refusalOf(appFor('CN, Atlantis'))).toBe('plugin/config-invalid');
});
