import * as client from 'openid-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startAppliance, type Appliance } from './appliance';
import { Browser } from './browser';
import { RelyingParty } from './relying-party';

let appliance: Appliance;

beforeAll(async () => {
	appliance = await startAppliance();
	await appliance.addApp(4);
	await appliance.addUser(4, 'alice', { email: 'alice@example.com', emailVerified: true, roles: ['editor'] });
	await appliance.addClient(4, { id: 'web', secret: 's3cret' });
});
afterAll(() => appliance.close());

it('signs a person in at an independent relying party, and again without asking', async () => {
	const rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'web', secret: 's3cret' });
	const browser = new Browser(appliance.origin);
	const tokens = await rp.signIn(browser, 'alice');
	expect(tokens.asked).toEqual(['login', 'consent']);
	expect(tokens.claims()).toMatchObject({ iss: appliance.issuer(4).href, sub: 'u-alice', amr: ['pwd'], auth_time: expect.any(Number) as number });
	const info = await client.fetchUserInfo(rp.config, tokens.access_token, 'u-alice');
	expect(info).toMatchObject({ sub: 'u-alice', email: 'alice@example.com', email_verified: true, preferred_username: 'alice' });
	const again = await rp.signIn(browser, 'alice');
	expect(again.asked).toEqual([]);
});
