/** What hangs on the database, once more where several processes may share it. */
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngines } from '../../src/lib/server/oidc/engines';
import { systemClock } from '../../src/lib/server/runtime/clock';
import { startPostgres, type PostgresServer } from '../storage/postgres-server';
import { startAppliance, type Appliance } from './appliance';
import { Browser } from './browser';
import { redeemBare, refreshBare, RelyingParty, userinfoStatus } from './relying-party';

let postgres: PostgresServer;
let appliance: Appliance;
let rp: RelyingParty;
const offline = { scope: 'openid offline_access', prompt: 'consent' };

beforeAll(async () => {
	postgres = await startPostgres();
	appliance = await startAppliance({ databaseUrl: await postgres.createDatabase('conformance') });
	await appliance.addApp(4);
	await appliance.addUser(4, 'alice');
	await appliance.addClient(4, { id: 'web', secret: 's' });
	rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'web', secret: 's' });
});
afterAll(async () => {
	await appliance.close();
	await postgres.stop();
});

describe('on PostgreSQL', () => {
	it('a person signs in, and again without asking', async () => {
		const browser = new Browser(appliance.origin);
		expect((await rp.signIn(browser, 'alice')).asked).toEqual(['login', 'consent']);
		expect((await rp.signIn(browser, 'alice')).asked).toEqual([]);
	});

	it('one of twenty redemptions succeeds, one of twenty renewals', async () => {
		const { page, request } = await rp.authorize(new Browser(appliance.origin), 'alice', offline);
		const code = page.url.searchParams.get('code') ?? '';
		const redeemed = await Promise.all(Array.from({ length: 20 }, () => redeemBare(rp, code, request)));
		expect(redeemed.map(({ status }) => status).sort()).toEqual([
			200,
			...Array.from({ length: 19 }, () => 400),
		]);
		const taken = redeemed.find(({ status }) => status === 200)?.body['access_token'] ?? '';
		expect(await userinfoStatus(appliance.issuer(4), taken)).toBe(401);
		const { refresh_token: token = '' } = await rp.signIn(new Browser(appliance.origin), 'alice', offline);
		const renewed = await Promise.all(Array.from({ length: 20 }, () => refreshBare(rp, token)));
		const winners = renewed.filter(({ status }) => status === 200);
		expect(winners).toHaveLength(1);
		expect(await userinfoStatus(appliance.issuer(4), winners[0]?.body['access_token'] ?? '')).toBe(200);
	});

	it('two processes make one set of keys and see each other’s changes', async () => {
		const app = await appliance.addApp(5);
		const { origin } = appliance;
		const engines = [1, 2].map(() =>
			createEngines({
				origin,
				clock: systemClock,
				log: app.log,
				guardedFetch: fetch,
				app: () => Promise.resolve(app),
			}),
		);
		const [one, two] = await Promise.all(engines.map((each) => each.keys(5)));
		expect(one).toEqual(two);
	});

	it('signing out ends the tokens', async () => {
		const browser = new Browser(appliance.origin);
		const tokens = await rp.signIn(browser, 'alice');
		await browser.open(client.buildEndSessionUrl(rp.config, { id_token_hint: tokens.id_token ?? '' }));
		expect(await userinfoStatus(appliance.issuer(4), tokens.access_token)).toBe(401);
	});

	it('a disabled user is signed out at once', async () => {
		const tokens = await rp.signIn(new Browser(appliance.origin), 'alice', offline);
		const { store } = await appliance.app(4);
		await store.write((tx) => tx.users.update('u-alice', { status: 'disabled', updatedAt: 1 }));
		expect(await userinfoStatus(appliance.issuer(4), tokens.access_token)).toBe(401);
		expect(await refreshBare(rp, tokens.refresh_token ?? '')).toMatchObject({ status: 400 });
	});
});
