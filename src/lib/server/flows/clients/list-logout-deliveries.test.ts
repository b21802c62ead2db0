import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import type { AppServices } from '../services';
import { listLogoutDeliveries } from './list-logout-deliveries';
import { createClient } from './manage-clients';

let under: ApplianceUnderTest;
let app: AppServices;
beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
	await createClient(app, { settings: { id: 'shop', name: 'The shop' }, actor: system }, visitor());
	await createClient(app, { settings: { id: 'bank', name: 'The bank' }, actor: system }, visitor());
	await app.store.write(async (tx) => {
		await tx.logoutDeliveries.create({
			id: 'first',
			clientId: 'shop',
			accountId: 'u1',
			sid: 's1',
			createdAt: 1000,
		});
		await tx.logoutDeliveries.create({
			id: 'second',
			clientId: 'bank',
			accountId: 'u2',
			sid: 's2',
			createdAt: 2000,
		});
		await tx.logoutDeliveries.settle('first', { status: 'failed', error: 'HTTP 500', now: 3000 });
	});
});
afterAll(() => under.close());

describe('logout notices, for the operator (A12)', () => {
	it('are listed newest first, with the client by name and what went wrong', async () => {
		expect(await listLogoutDeliveries(app, 10)).toMatchObject([
			{ id: 'second', clientName: 'The bank', status: 'queued', error: null },
			{ id: 'first', clientName: 'The shop', status: 'failed', error: 'HTTP 500', finishedAt: 3000 },
		]);
	});

	it('are limited to the number asked for', async () =>
		expect(await listLogoutDeliveries(app, 1)).toHaveLength(1));
});
