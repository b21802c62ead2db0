import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import type { AppServices } from '../services';
import { deleteClient, getClient, listClients, updateClient } from './manage-clients';
import { prepareTrialClient, trialClientId } from './trial-client';

let under: ApplianceUnderTest;
let app: AppServices;
beforeAll(async () => {
	under = await applianceUnderTest();
});
beforeEach(async () => {
	app = await under.app();
});
afterAll(() => under.close());

const prepare = () => prepareTrialClient(app, system, visitor());
const actions = async () => (await app.store.read.audit.list({ limit: 50 })).map((event) => event.action);

describe('the client of "Try sign-in"', () => {
	it('exists only after the first trial, is public and first-party, and leads back to the console', async () => {
		expect(await listClients(app)).toEqual([]);
		expect(await prepare()).toEqual({
			clientId: trialClientId,
			redirectUri: `http://localhost:3999/admin/apps/${app.id}/try/callback`,
			issuer: `http://localhost:3999/apps/${app.id}`,
		});
		expect(await getClient(app, trialClientId)).toMatchObject({
			confidential: false,
			firstParty: true,
			pkceRequired: true,
			applicationType: 'web',
		});
	});

	it('is left alone while its settings are right', async () => {
		await prepare();
		const before = await actions();
		await prepare();
		expect(await actions()).toEqual(before);
	});

	it.each([
		['given a secret', { confidential: true }],
		['sent elsewhere', { redirectUris: ['https://elsewhere.example/cb'] }],
		[
			'given a second way back',
			{ redirectUris: ['https://elsewhere.example/cb', 'https://other.example/cb'] },
		],
		['no longer first-party', { firstParty: false }],
	])('is put right when it was %s', async (_, change) => {
		const { redirectUri } = await prepare();
		await updateClient(app, { id: trialClientId, change, actor: system }, visitor());
		await prepare();
		expect(await getClient(app, trialClientId)).toMatchObject({
			confidential: false,
			firstParty: true,
			redirectUris: [redirectUri],
		});
	});

	it('is made again after it was deleted', async () => {
		await prepare();
		await deleteClient(app, { id: trialClientId, actor: system }, visitor());
		await prepare();
		expect(await listClients(app)).toHaveLength(1);
	});

	it('is made once when two operators press the button together', async () => {
		await Promise.all([prepare(), prepare(), prepare()]);
		expect(await listClients(app)).toHaveLength(1);
	});

	it('is refused where ORIGIN is plain http on another machine', async () => {
		expect(
			await refusalOf(prepareTrialClient({ ...app, origin: 'http://id.example.com' }, system, visitor())),
		).toBe('client/redirect-invalid');
	});
});
