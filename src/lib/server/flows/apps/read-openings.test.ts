import { afterAll, beforeAll, expect, it } from 'vitest';
import {
	applianceUnderTest,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { updateApp } from './manage-apps';
import { readOpenings, readUnsendable } from './read-openings';

let under: ApplianceUnderTest;
beforeAll(async () => void (under = await applianceUnderTest()));
afterAll(() => under.close());

const shut = {
	...{ password: false, email: false, phone: false, external: false, passkey: false },
	sends: { email: true, phone: true },
};

it('a new app is open to passwords', async () => {
	expect(await readOpenings(await under.app())).toEqual({ ...shut, password: true });
});

it('each way in is open when its connector is on; codes need a sender too', async () => {
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
		sends: { email: true, phone: true },
	});
	await app.plugins.save('outbox', { enabled: false });
	expect(await readOpenings(app)).toMatchObject({
		email: false,
		phone: false,
		sends: { email: false, phone: false },
	});
});

it('reports each required proof that no sender can carry messages to, by channel', async () => {
	const app = await under.app({ requireVerified: ['email', 'phone'] });
	expect(await readUnsendable(app)).toEqual([]);
	await app.plugins.save('outbox', { enabled: false });
	expect(await readUnsendable(app)).toEqual(['email', 'phone']);
	await app.plugins.save('smtp', {
		enabled: true,
		values: { host: 'mail.example.com', from: 'id@example.com' },
	});
	const change = (settings: Record<string, unknown>) =>
		updateApp(under.appliance.services, { id: app.id, change: settings, actor: system }, visitor());
	await change({ senders: { email: 'smtp' } });
	expect(await readUnsendable(app)).toEqual(['phone']);
	await change({ registration: 'closed' });
	expect(await readUnsendable(app)).toEqual([]);
});

it('guests do not count as a way in', async () => {
	const app = await under.app();
	await app.plugins.save('guest', { enabled: true });
	expect((await readOpenings(app)).external).toBe(false);
});
