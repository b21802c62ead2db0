import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type MiniProgramEmulator } from '../../../../../plugins/wechat-miniprogram/emulator';
import {
	applianceUnderTest,
	refusalOf,
	signedInBy,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { enableVendors, endpointsEnv } from '../../../../../tests/emulators/vendors';
import { limits } from '../../limits/rules';
import { minute } from '../../runtime/clock';
import { digest } from '../../runtime/vault';
import type { AppServices } from '../services';
import { beginScan, collectScan, confirmScan, denyScan, openScan, watchScan } from './scan';

let wechat: MiniProgramEmulator;
let under: ApplianceUnderTest;
let app: AppServices;
const connector = 'wechat-miniprogram';

beforeAll(async () => {
	wechat = await startEmulator();
	under = await applianceUnderTest(endpointsEnv({ [connector]: wechat }));
	app = await freshApp();
});
afterEach(() => wechat.reset());
afterAll(async () => {
	await under.close();
	await wechat.close();
});

async function freshApp(): Promise<AppServices> {
	const made = await under.app({ externalSignUp: 'auto', website: 'https://demo.example' });
	await enableVendors(made, { [connector]: wechat });
	return made;
}

const phone = visitor({ address: '198.51.100.9', device: 'MicroMessenger' });
const begin = (at = app) => beginScan(at, { connector }, visitor());
const confirm = (key: string, ticket = wechat.login('mei'), at = app) =>
	confirmScan(at, { key, ticket }, phone);

describe('signing in by another device', () => {
	it('draws the vendor’s picture with a key that fits the wire (A.6)', async () => {
		const { key, drawing } = await begin();
		expect(drawing).toMatchObject({ type: expect.stringMatching(/^image\//) as string });
		const scene = wechat.drawn.at(-1) ?? '';
		expect(scene).toBe(`appId=${app.id}&signinKey=${key}`);
		expect(scene.length).toBeLessThanOrEqual(32);
		expect(`${app.id}${key}`).toHaveLength(15);
		expect(String(Number.parseInt(key))).toBe(key);
		expect(Number(key)).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
	});

	it('signs in the browser that showed the code, and nobody else', async () => {
		const { key, secret, word } = await begin();
		expect(await watchScan(app, { secret })).toMatchObject({ status: 'waiting', seen: false, word });
		expect(await openScan(app, { key }, phone)).toMatchObject({
			app: { name: 'Demo', website: 'https://demo.example' },
			word,
			connector,
		});
		expect(await watchScan(app, { secret })).toMatchObject({ status: 'waiting', seen: true });
		await confirm(key);
		expect(await watchScan(app, { secret })).toEqual({ status: 'confirmed' });
		const { user } = signedInBy(await collectScan(app, { secret }, visitor()));
		expect(user.name).toBeDefined();
		expect(await watchScan(app, { secret })).toEqual({ status: 'over' });
	});

	it('gives nothing for the key: what collects is the secret (B09)', async () => {
		const { key } = await begin();
		await confirm(key);
		expect(await watchScan(app, { secret: key })).toEqual({ status: 'over' });
		expect(await refusalOf(collectScan(app, { secret: key }, visitor()))).toBe('interaction/expired');
	});

	it('is collected once, also by two at the same time', async () => {
		const { key, secret } = await begin();
		await confirm(key);
		const answers = await Promise.all(
			[1, 2, 3].map(() => refusalOf(collectScan(app, { secret }, visitor()))),
		);
		expect(answers.sort()).toEqual(['done', 'interaction/expired', 'interaction/expired']);
	});

	it('is not collected before somebody confirmed', async () => {
		const { secret } = await begin();
		expect(await refusalOf(collectScan(app, { secret }, visitor()))).toBe('interaction/expired');
	});

	it('is confirmed once: a second person cannot slip in', async () => {
		const { key, secret } = await begin();
		await confirm(key, wechat.login('mei'));
		expect(await refusalOf(confirm(key, wechat.login('li')))).toBe('interaction/expired');
		const { user } = signedInBy(await collectScan(app, { secret }, visitor()));
		const [identity] = await app.store.read.identities.listOfUser(user.id);
		const names = await app.store.read.identities.listNames(identity?.id ?? '');
		expect(JSON.stringify(names)).toContain('mei');
	});

	it('takes who it is from the vendor, never from what the device says (B10)', async () => {
		const { key, secret } = await begin();
		await confirmScan(
			app,
			{ key, ticket: wechat.login('li'), params: { unionid: 'oU-mei-000000000000000000001', openid: 'x' } },
			phone,
		);
		const { user } = signedInBy(await collectScan(app, { secret }, visitor()));
		const [identity] = await app.store.read.identities.listOfUser(user.id);
		const names = await app.store.read.identities.listNames(identity?.id ?? '');
		expect(JSON.stringify(names)).not.toContain('mei');
	});

	it('is confirmed however often somebody else opens it meanwhile', async () => {
		const { key, secret } = await begin();
		const stranger = visitor({ address: '198.51.100.66' });
		const opened = () => openScan(app, { key }, stranger);
		const dataOf = async () =>
			(await app.store.read.verifications.findByLink(digest(secret), 'scan'))?.data ?? '';
		const before = await dataOf();
		const plugins: AppServices['plugins'] = {
			...app.plugins,
			ticket: (id, locale) => ({
				redeem: async (order) => {
					await opened();
					return app.plugins.ticket(id, locale).redeem(order);
				},
			}),
		};
		await confirmScan({ ...app, plugins }, { key, ticket: wechat.login('mei') }, phone);
		expect(await watchScan(app, { secret })).toEqual({ status: 'confirmed' });
		const confirmed = await dataOf();
		expect(confirmed).not.toBe(before);
		await opened();
		expect(await dataOf()).toBe(confirmed);
		expect(signedInBy(await collectScan(app, { secret }, visitor())).user.status).toBe('active');
	});

	it('is not confirmed where the person says no while the vendor is asked', async () => {
		const { key, secret } = await begin();
		const plugins: AppServices['plugins'] = {
			...app.plugins,
			ticket: (id, locale) => ({
				redeem: async (order) => {
					await denyScan(app, { key }, phone);
					return app.plugins.ticket(id, locale).redeem(order);
				},
			}),
		};
		const late = confirmScan({ ...app, plugins }, { key, ticket: wechat.login('mei') }, phone);
		expect(await refusalOf(late)).toBe('interaction/expired');
		expect(await watchScan(app, { secret })).toEqual({ status: 'denied' });
	});

	it('is opened so often from one address, which keeps nobody from confirming it', async () => {
		const { key, secret } = await begin();
		const answers: string[] = [];
		for (let i = 0; i <= limits.scanOpen.points; i++)
			answers.push(await refusalOf(openScan(app, { key }, phone)));
		expect(answers.filter((answer) => answer === 'done')).toHaveLength(limits.scanOpen.points);
		expect(answers.at(-1)).toBe('auth/too-many-attempts');
		const elsewhere = visitor({ address: '198.51.100.10' });
		expect(await refusalOf(openScan(app, { key }, elsewhere))).toBe('done');
		await confirm(key);
		expect(await watchScan(app, { secret })).toEqual({ status: 'confirmed' });
	});

	it('refuses a ticket that the vendor does not know, and waits on', async () => {
		const { key, secret } = await begin();
		expect(await refusalOf(confirm(key, 'made-up'))).toBe('auth/not-accepted');
		expect(await watchScan(app, { secret })).toMatchObject({ status: 'waiting' });
		expect(await refusalOf(confirm(key))).toBe('done');
	});

	it('ends when the person says no', async () => {
		const { key, secret } = await begin();
		await denyScan(app, { key }, phone);
		expect(await watchScan(app, { secret })).toEqual({ status: 'denied' });
		expect(await refusalOf(confirm(key))).toBe('interaction/expired');
	});

	it('is over after three minutes', async () => {
		const { key, secret, life } = await begin();
		expect(life).toBe(3 * minute);
		under.clock.move(3 * minute);
		expect(await refusalOf(openScan(app, { key }, phone))).toBe('interaction/expired');
		expect(await refusalOf(confirm(key))).toBe('interaction/expired');
		expect(await watchScan(app, { secret })).toEqual({ status: 'over' });
	});

	it('belongs to its app', async () => {
		const other = await freshApp();
		const { key, secret } = await begin();
		expect(await refusalOf(openScan(other, { key }, phone))).toBe('interaction/expired');
		expect(await watchScan(other, { secret })).toEqual({ status: 'over' });
	});

	it('cannot be searched for: wrong keys are counted', async () => {
		const at = await freshApp();
		const seeker = visitor({ address: '198.51.100.77' });
		const answers: string[] = [];
		for (let i = 0; i < 52; i++) answers.push(await refusalOf(openScan(at, { key: String(i) }, seeker)));
		expect(answers.at(-1)).toBe('auth/too-many-attempts');
	});

	it('keeps nothing readable: neither key nor secret nor who came', async () => {
		const { key, secret } = await begin();
		await confirm(key);
		const row = await app.store.read.verifications.findByLink(secret, 'scan');
		expect(row).toBeUndefined();
		const session = wechat.sessionKeys.at(-1) ?? 'none given out';
		const newest = await app.store.read.audit.list({ action: 'user.scan-confirm', limit: 1 });
		for (const hidden of [key, secret, session]) expect(JSON.stringify(newest)).not.toContain(hidden);
	});
});
