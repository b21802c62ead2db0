/** Linking by another device through the API: the same flow that stands behind the page. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmulator, type MiniProgramEmulator } from '../../../../plugins/wechat-miniprogram/emulator';
import { goodPassword } from '../../../../tests/appliance-under-test';
import { enableVendors, endpointsEnv } from '../../../../tests/emulators/vendors';
import { apiUnderTest, byCookie, type ApiUnderTest } from './api-under-test';

let wechat: MiniProgramEmulator;
let api: ApiUnderTest;
const connector = 'wechat-miniprogram';

beforeAll(async () => {
	wechat = await startEmulator();
	api = await apiUnderTest(endpointsEnv({ [connector]: wechat }));
});
afterAll(async () => {
	await api.close();
	await wechat.close();
});

it('a scan begun by somebody signed in links, and is of no use for signing in', async () => {
	const app = await api.under.app({ externalSignUp: 'auto' });
	await enableVendors(app, { [connector]: wechat });
	const alice = await api.under.user(app, { username: 'alice', password: goodPassword });
	const headers = await byCookie(app, alice.id);
	const refused = await api.tell('me.identities.beginScan', {
		input: { connector, password: 'not-the-password' },
		headers,
	});
	expect(refused.error?.code).toBe('auth/invalid-credentials');
	const begun = await api.tell('me.identities.beginScan', {
		input: { connector, password: goodPassword },
		headers,
	});
	const { secret } = begun.data as { secret: string };
	const key = new URLSearchParams(wechat.drawn.at(-1)).get('signinKey') ?? '';
	const device = { 'menshen-app': String(app.id) };
	const opened = await api.tell('auth.scan.open', { input: { key }, headers: device });
	expect(opened.data).toMatchObject({ purpose: 'link', connector });
	await api.tell('auth.scan.confirm', { input: { key, ticket: wechat.login('mei') }, headers: device });
	const collecting = { ...device, 'menshen-session': 'token' };
	const collected = await api.tell('auth.scan.collect', { input: { secret }, headers: collecting });
	expect(collected.error?.code).toBe('interaction/expired');
	const linked = await api.tell('me.identities.linkScan', { input: { secret }, headers });
	expect(linked.error).toBeUndefined();
	const { data } = await api.ask('me.identities.list', { headers });
	expect(data).toMatchObject([{ connector }]);
});
