import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Refusal } from '../../../contract/errors';
import {
	applianceUnderTest,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { createClient } from '../clients/manage-clients';
import { listApps } from './manage-apps';
import { summariseApp } from './summarise-app';

let under: ApplianceUnderTest;
beforeAll(async () => {
	under = await applianceUnderTest();
});
afterAll(() => under.close());

describe('an app in numbers', () => {
	it('counts users, clients and roles', async () => {
		const app = await under.app({ name: 'Counted', public: true });
		await under.user(app, { username: 'one' });
		await under.user(app, { username: 'two' });
		await createClient(app, { settings: { id: 'web', name: 'Web' }, actor: system }, visitor());
		const [entry] = await listApps(under.appliance.services);
		if (!entry) throw new Error('the app is not listed');
		expect(await summariseApp(under.appliance.services, entry)).toMatchObject({
			id: app.id,
			name: 'Counted',
			isPublic: true,
			counts: { users: 2, clients: 1, roles: 2 },
			logo: '',
		});
	});

	it('is listed without numbers when its database cannot be read', async () => {
		const services = { ...under.appliance.services, app: () => Promise.reject(new Refusal('app/damaged')) };
		const entry = { id: 9, name: 'Damaged', isPublic: false, createdAt: 1, updatedAt: 1 };
		const summary = await summariseApp(services, entry);
		expect(summary).toMatchObject({ id: 9, name: 'Damaged' });
		expect(summary.counts).toBeUndefined();
	});
});
