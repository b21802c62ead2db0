/** One's own email and phone number taken off the account through the API: the same flow that stands behind the page. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { goodPassword } from '../../../../tests/appliance-under-test';
import type { AppServices } from '../flows/services';
import { apiUnderTest, byCookie, type ApiUnderTest } from './api-under-test';

let api: ApiUnderTest;
let app: AppServices;

beforeAll(async () => {
	api = await apiUnderTest();
	app = await api.under.app();
});
afterAll(() => api.close());

it.each([
	['me.removeEmail', 'email'],
	['me.removePhone', 'phone'],
])('%s asks for the password, and answers the profile without it', async (procedure, kind) => {
	const alice = await api.under.user(app, {
		username: kind,
		email: `${kind}@example.com`,
		emailVerified: true,
		phone: kind === 'email' ? '+8613900000001' : '+8613900000002',
		phoneVerified: true,
		password: goodPassword,
	});
	const headers = await byCookie(app, alice.id);
	const refused = await api.tell(procedure, { input: { password: 'not-the-password' }, headers });
	expect(refused.error?.code).toBe('auth/invalid-credentials');
	const { data } = await api.tell(procedure, { input: { password: goodPassword }, headers });
	expect(data).toMatchObject({ id: alice.id, [kind]: null });
	const again = await api.tell(procedure, { input: { password: goodPassword }, headers });
	expect(again.error?.code).toBe('identity/not-found');
});
