import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { saveApplianceMail } from '../messages/appliance-sender';
import { configurePlugin } from '../connectors/configure-plugin';
import { deliveryState } from './delivery-state';

let under: ApplianceUnderTest;
let secure: ApplianceUnderTest;

beforeAll(async () => {
	[under, secure] = await Promise.all([
		applianceUnderTest(),
		applianceUnderTest({ ORIGIN: 'https://id.example.com' }),
	]);
});
afterAll(() => Promise.all([under.close(), secure.close()]));

describe('how the mail of an app travels', () => {
	it('stays in the outbox where no sender was chosen', async () => {
		expect(await deliveryState(await under.app(), 'email')).toBe('outbox');
		expect(await deliveryState(await under.app(), 'sms')).toBe('outbox');
	});

	it('does not travel under https: the outbox may not be used there', async () => {
		expect(await deliveryState(await secure.app(), 'email')).toBe('none');
	});

	it('is delivered once the appliance has a sender, and only the channel it serves', async () => {
		const { services } = under.appliance;
		const scope = { plugins: services.plugins.appliance, store: services.control, clock: services.clock };
		const values = { host: 'mail.example.com', from: 'id@example.com' };
		await configurePlugin(scope, { id: 'smtp', change: { values }, actor: system }, visitor());
		await saveApplianceMail(services, { change: { email: 'smtp' }, actor: system }, visitor());
		const app = await under.app();
		expect(await deliveryState(app, 'email')).toBe('sender');
		expect(await deliveryState(app, 'sms')).toBe('outbox');
	});

	it('does not hide an error other than a refusal', async () => {
		const broken = { ...(await under.app()), settings: () => Promise.reject(new TypeError('broken')) };
		await expect(deliveryState(broken, 'email')).rejects.toThrow('broken');
	});
});
