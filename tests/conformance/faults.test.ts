import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Refusal } from '../../src/lib/contract/errors';
import type { EngineApp } from '../../src/lib/server/oidc/engine-app';
import { createEngines } from '../../src/lib/server/oidc/engines';
import { systemClock } from '../../src/lib/server/runtime/clock';
import { startAppliance, type Appliance } from './appliance';
import { Browser } from './browser';
import { redeemBare, refreshBare, RelyingParty } from './relying-party';

let appliance: Appliance;
let app: EngineApp;
let rp: RelyingParty;
let trouble: Refusal | undefined;
const offline = { scope: 'openid offline_access', prompt: 'consent' };

beforeAll(async () => {
	appliance = await startAppliance();
	app = await appliance.addApp(4);
	await appliance.addUser(4, 'alice');
	await appliance.addClient(4, { id: 'web', secret: 's' });
	rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'web', secret: 's' });
	// The disk is the edge here: it refuses on request, in place of the last step.
	const { store } = app;
	const write = store.write.bind(store);
	store.write = (work) => (trouble ? Promise.reject(trouble) : write(work));
});
beforeEach(() => (trouble = undefined));
afterAll(() => appliance.close());

describe('a disk that takes nothing', () => {
	it('is said so, and gives nothing out that was not written', async () => {
		const browser = new Browser(appliance.origin);
		const { page, request } = await rp.authorize(browser, 'alice');
		const code = page.url.searchParams.get('code') ?? '';
		trouble = new Refusal('storage/full');
		expect(await redeemBare(rp, code, request)).toEqual({
			status: 503,
			body: { error: 'temporarily_unavailable', error_description: 'storage/full' },
		});
		const refused = await browser.open((await rp.request()).url);
		expect(refused).toMatchObject({ left: false, status: 503 });
		expect(refused.headers.getSetCookie()).toEqual([]);
		expect(refused.headers.get('location')).toBeNull();
		trouble = undefined;
		expect((await redeemBare(rp, code, request)).status).toBe(200);
	});

	it('does not use up a refresh token', async () => {
		const tokens = await rp.signIn(new Browser(appliance.origin), 'alice', offline);
		trouble = new Refusal('storage/unavailable');
		expect((await refreshBare(rp, tokens.refresh_token ?? '')).status).toBe(503);
		trouble = undefined;
		expect((await refreshBare(rp, tokens.refresh_token ?? '')).status).toBe(200);
	});

	it('leaves what only reads alone', async () => {
		const tokens = await rp.signIn(new Browser(appliance.origin), 'alice');
		trouble = new Refusal('storage/full');
		const response = await fetch(`${appliance.issuer(4).href}/oidc/userinfo`, {
			headers: { authorization: `Bearer ${tokens.access_token}` },
		});
		expect(response.status).toBe(200);
	});
});

describe('an app that cannot be opened', () => {
	it('does not touch the others', async () => {
		const open = (id: number) =>
			id === 4 ? Promise.resolve(app) : Promise.reject(new Refusal('app/damaged'));
		const engines = createEngines({
			origin: appliance.origin,
			clock: systemClock,
			log: app.log,
			guardedFetch: fetch,
			app: open,
		});
		await expect(engines.engineFor(5)).rejects.toMatchObject({ code: 'app/damaged' });
		expect((await engines.engineFor(4)).app.id).toBe(4);
	});
});

describe('many apps', () => {
	it('are held as far as there is room; the others come back when needed', async () => {
		const many = await startAppliance({ keep: 3 });
		try {
			for (let id = 1; id <= 8; id += 1) await many.addApp(id);
			for (let round = 0; round < 2; round += 1) {
				for (let id = 1; id <= 8; id += 1) {
					const { issuer } = (await (
						await fetch(`${many.issuer(id).href}/.well-known/openid-configuration`)
					).json()) as { issuer: string };
					expect(issuer).toBe(many.issuer(id).href);
					expect(many.engines.held()).toBeLessThanOrEqual(3);
				}
			}
		} finally {
			await many.close();
		}
	});

	it('ask for the engine at once and get one', async () => {
		appliance.engines.forget(4);
		const engines = await Promise.all(Array.from({ length: 10 }, () => appliance.engines.engineFor(4)));
		expect(new Set(engines).size).toBe(1);
	});
});

describe('a client that is changed', () => {
	it('counts as it is from the next request on', async () => {
		await appliance.addClient(4, { id: 'changing', secret: 'one' });
		const changing = await RelyingParty.discover({
			issuer: appliance.issuer(4),
			id: 'changing',
			secret: 'one',
		});
		const tokens = await changing.signIn(new Browser(appliance.origin), 'alice', offline);
		await appliance.addClient(4, { id: 'changing', secret: 'two', redirectUris: ['https://rp.example/new'] });
		expect((await refreshBare(changing, tokens.refresh_token ?? '')).status).toBe(401);
		expect(await new Browser(appliance.origin).open((await changing.request()).url)).toMatchObject({
			left: false,
			status: 400,
		});
		const changed = await RelyingParty.discover({
			issuer: appliance.issuer(4),
			id: 'changing',
			secret: 'two',
			redirectUri: 'https://rp.example/new',
		});
		expect((await refreshBare(changed, tokens.refresh_token ?? '')).status).toBe(200);
	});
});
