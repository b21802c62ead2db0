import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type WebEmulator } from '../../../../../plugins/wechat-web/emulator';
import {
	applianceUnderTest,
	refusalOf,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { enableVendors, endpointsEnv } from '../../../../../tests/emulators/vendors';
import type { AppServices } from '../services';
import { codeConnectorFor, insideOf, isProvable, listMethods, wayOfConnector } from './list-methods';

let wechat: WebEmulator;
let under: ApplianceUnderTest;
const inWechat = 'Mozilla/5.0 (iPhone) Mobile MicroMessenger/8.0.47';

beforeAll(async () => {
	wechat = await startEmulator();
	under = await applianceUnderTest(endpointsEnv({ 'wechat-web': wechat }));
});
afterEach(() => wechat.reset());
afterAll(async () => {
	await under.close();
	await wechat.close();
});

async function appWith(on: readonly string[], settings: Record<string, unknown> = {}): Promise<AppServices> {
	const app = await under.app(settings);
	for (const id of on) await app.plugins.save(id, { enabled: true });
	return app;
}
const idsAt = async (app: AppServices, device = 'Test browser') =>
	(await listMethods(app, visitor({ device }))).map(({ id }) => id);

describe('the ways in that a page offers', () => {
	it('are in a new app the password alone', async () =>
		expect(await idsAt(await appWith([]))).toEqual(['password']));

	it('are those that are switched on and set up', async () => {
		const app = await appWith(['sms', 'email', 'passkey']);
		expect((await idsAt(app)).sort()).toEqual(['email', 'passkey', 'password', 'sms']);
		await app.plugins.save('password', { enabled: false });
		expect((await idsAt(app)).sort()).toEqual(['email', 'passkey', 'sms']);
	});

	it('are listed with name and icon, and what each asks for', async () => {
		const app = await appWith(['sms']);
		const methods = await listMethods(app, visitor({ locale: 'zh-CN' }));
		const sms = methods.find(({ id }) => id === 'sms');
		expect(sms).toMatchObject({ name: '短信验证码', way: 'code', identifier: 'phone' });
		expect(sms?.icon).toMatch(/^data:image\/svg\+xml;base64,/);
	});

	it('are only third parties and passkeys where the app has no accounts of its own', async () => {
		const app = await appWith(['sms', 'email', 'passkey'], { systemAccounts: false });
		await enableVendors(app, { 'wechat-web': wechat });
		expect((await idsAt(app)).sort()).toEqual(['passkey', 'wechat-web']);
	});

	it('leave out codes for identifiers that may not sign in here', async () => {
		const app = await appWith(['sms', 'email'], { signInIdentifiers: ['username', 'email'] });
		expect((await idsAt(app)).sort()).toEqual(['email', 'password']);
	});

	it('leave out codes that could not be sent', async () => {
		const app = await appWith(['sms', 'email'], { senders: { email: 'outbox', sms: 'twilio' } });
		expect((await idsAt(app)).sort()).toEqual(['email', 'password']);
		expect(await isProvable(app, 'phone')).toBe(false);
		expect(await isProvable(app, 'email')).toBe(true);
	});

	it('begin with WeChat inside WeChat, elsewhere in the operator’s order', async () => {
		const app = await appWith([]);
		await enableVendors(app, { 'wechat-web': wechat });
		expect((await idsAt(app, inWechat))[0]).toBe('wechat-web');
		expect((await idsAt(app))[0]).toBe('password');
		const chosen = await appWith([], { firstMethod: { desktop: 'wechat-web' } });
		await enableVendors(chosen, { 'wechat-web': wechat });
		expect((await idsAt(chosen))[0]).toBe('wechat-web');
		expect(insideOf({ device: inWechat })).toBe('wechat');
		expect(insideOf({ device: 'Test browser' })).toBeUndefined();
	});
});

describe('guests', () => {
	it('are last, where they are switched on', async () => {
		expect(await idsAt(await appWith(['sms', 'guest', 'passkey']))).toEqual([
			'password',
			'sms',
			'passkey',
			'guest',
		]);
	});

	it.each([{ registration: 'closed' }, { requireVerified: ['email'] }])(
		'are not asked in where they would be refused: %j',
		async (settings) => expect(await idsAt(await appWith(['guest'], settings))).toEqual(['password']),
	);
});

describe('WeChat on web pages', () => {
	const both = () => wechat.config;
	const only = (half: 'website' | 'official') =>
		Object.fromEntries(Object.entries(both()).filter(([key]) => key.startsWith(half)));
	const offered = async (values: Record<string, unknown>, device: string, first = {}) => {
		const app = await appWith([], { firstMethod: first });
		await app.plugins.save('wechat-web', { enabled: true, values });
		return (await idsAt(app, device)).includes('wechat-web');
	};
	const desktop = 'Test browser';
	const desktopInWechat = 'Mozilla/5.0 (Windows NT 10.0) MicroMessenger/3.9 WindowsWechat';

	it.each([
		['both', both, desktop, true],
		['both', both, inWechat, true],
		['the website', () => only('website'), desktop, true],
		['the website', () => only('website'), inWechat, false],
		['the website', () => only('website'), desktopInWechat, false],
		['the official account', () => only('official'), desktop, false],
		['the official account', () => only('official'), inWechat, true],
		['the official account', () => only('official'), desktopInWechat, true],
	])('with %s set up: %#', async (_, values, device, yes) => {
		expect(await offered(values(), device)).toBe(yes);
	});

	it('is not offered where it cannot work, even if an operator put it first', async () => {
		expect(await offered(only('official'), desktop, { desktop: 'wechat-web' })).toBe(false);
		expect(await offered(only('website'), inWechat, { wechat: 'wechat-web', mobile: 'wechat-web' })).toBe(
			false,
		);
	});
});

describe('a connector that a form names', () => {
	it.each([
		['password', 'password'],
		['sms', 'code'],
		['github', 'redirect'],
		['wechat-miniprogram', 'scan'],
		['passkey', 'passkey'],
		['guest', 'guest'],
	])('%s begins by %s', async (connector, way) => {
		expect(wayOfConnector(await under.app(), connector)).toBe(way);
	});

	it.each(['outbox', 'wechat-app', 'nothing', '__proto__'])('pages cannot begin %s', async (connector) => {
		const app = await under.app();
		expect(await refusalOf(Promise.resolve().then(() => wayOfConnector(app, connector)))).toBe(
			'plugin/not-found',
		);
	});
});

describe('the connector that proves an address', () => {
	it('is one that is switched on', async () => {
		const app = await appWith(['sms']);
		expect(await codeConnectorFor(app, 'phone')).toBe('sms');
		expect(await refusalOf(codeConnectorFor(app, 'email'))).toBe('plugin/not-enabled');
	});
});
