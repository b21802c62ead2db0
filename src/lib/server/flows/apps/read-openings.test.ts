import { afterAll, beforeAll, expect, it } from 'vitest';
import { applianceUnderTest, type ApplianceUnderTest } from '../../../../../tests/appliance-under-test';
import { readOpenings } from './read-openings';

let under: ApplianceUnderTest;
beforeAll(async () => void (under = await applianceUnderTest()));
afterAll(() => under.close());

const shut = { password: false, email: false, phone: false, external: false, passkey: false };

it('a new app is open to passwords', async () => {
	expect(await readOpenings(await under.app())).toEqual({ ...shut, password: true });
});

it('each way opens with its connector, and codes where a sender carries them', async () => {
	const app = await under.app();
	for (const id of ['email', 'sms', 'passkey']) await app.plugins.save(id, { enabled: true });
	await app.plugins.save('github', { enabled: true, values: { clientId: 'a', clientSecret: 'b' } });
	await app.plugins.save('password', { enabled: false });
	expect(await readOpenings(app)).toEqual({
		password: false,
		email: true,
		phone: true,
		external: true,
		passkey: true,
	});
	await app.plugins.save('outbox', { enabled: false });
	expect(await readOpenings(app)).toMatchObject({ email: false, phone: false });
});

it('guests open nothing', async () => {
	const app = await under.app();
	await app.plugins.save('guest', { enabled: true });
	expect((await readOpenings(app)).external).toBe(false);
});
