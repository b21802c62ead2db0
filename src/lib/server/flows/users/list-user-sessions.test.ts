import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { submitSignIn } from '../sign-in/submit-sign-in';
import { listUserSessions } from './list-user-sessions';

const day = 24 * 3600 * 1000;
let under: ApplianceUnderTest;
beforeAll(async () => {
	under = await applianceUnderTest();
});
afterAll(() => under.close());

describe('the browsers of a user, for the operator', () => {
	it('are the live ones, without anything that could be used to sign in', async () => {
		const app = await under.app({ sessionIdleDays: 2, sessionMaxDays: 30 });
		const user = await under.user(app);
		const signIn = (device: string) =>
			submitSignIn(app, { identifier: 'alice', password: goodPassword }, visitor({ device }));
		const old = await signIn('Old browser');
		under.clock.move(1.5 * day);
		await signIn('New browser');
		expect((await listUserSessions(app, user.id)).map((session) => session.device)).toEqual([
			'New browser',
			'Old browser',
		]);
		under.clock.move(day);
		const [only, ...others] = await listUserSessions(app, user.id);
		expect(others).toEqual([]);
		expect(only).toMatchObject({ device: 'New browser', address: '203.0.113.7', amr: ['pwd'] });
		expect(JSON.stringify(only)).not.toContain(old.session.session.id);
		expect(Object.keys(only ?? {}).sort()).toEqual(['address', 'amr', 'createdAt', 'device', 'expiresAt']);
	});

	it('are none for a user who never signed in', async () => {
		const app = await under.app();
		expect(await listUserSessions(app, 'nobody')).toEqual([]);
	});
});
