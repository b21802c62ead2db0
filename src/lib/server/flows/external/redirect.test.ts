import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type WebEmulator } from '../../../../../plugins/wechat-web/emulator';
import {
	applianceUnderTest,
	refusalOf,
	sessionOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { enableVendors, endpointsEnv } from '../../../../../tests/emulators/vendors';
import { minute } from '../../runtime/clock';
import type { AppServices } from '../services';
import { updateUser } from '../users/manage-users';
import { enterExternal } from './enter-external';
import { linkExternal } from './link-external';
import { beginRedirect, callbackOf, closeReturn, finishRedirect } from './redirect';

let wechat: WebEmulator;
let under: ApplianceUnderTest;
let app: AppServices;
const connector = 'wechat-web';
const browser = 'what-the-cookie-holds';

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
	const made = await under.app();
	await enableVendors(made, { [connector]: wechat });
	return made;
}

async function begin(at = app): Promise<string> {
	const url = await beginRedirect(at, { connector, browser, back: '/apps/1/sign-in' }, visitor());
	return new URL(url).searchParams.get('state') ?? '';
}
const queryOf = (state: string) => ({ state, code: wechat.approve('mei', 'website') });
const finish = (
	query: Record<string, string>,
	change: { browser?: string; connector?: string } = {},
	at = app,
) => finishRedirect(at, { connector, browser, query, ...change }, visitor());

/** As the page does: the vendor's answer is used, and a refusal of it closes the return. */
async function comeIn(query: Record<string, string>) {
	const returned = await finish(query);
	if ('refusal' in returned.outcome) throw returned.outcome.refusal;
	return enterExternal(app, returned.outcome.arrived, visitor()).catch(async (error: unknown) => {
		await closeReturn(app, returned);
		throw error;
	});
}

describe('the redirect to a vendor and back', () => {
	it('goes to the vendor with an address of ours and a state that nobody can guess', async () => {
		const url = new URL(await beginRedirect(app, { connector, browser, back: '/' }, visitor()));
		expect(url.searchParams.get('redirect_uri')).toBe(callbackOf(app, connector));
		expect((url.searchParams.get('state') ?? '').length).toBeGreaterThanOrEqual(43);
	});

	it('returns the identity, and where the redirect began', async () => {
		const returned = await finish(queryOf(await begin()));
		expect(returned).toMatchObject({ back: '/apps/1/sign-in', link: undefined });
		expect(returned.outcome).toMatchObject({ arrived: { connector, external: { profile: { name: '梅' } } } });
	});

	it('works once (B04)', async () => {
		const query = queryOf(await begin());
		expect(await comeIn(query)).toMatchObject({ status: 'ask' });
		expect(await refusalOf(finish(query))).toBe('interaction/expired');
		expect(await refusalOf(finish({ ...query, code: wechat.approve('mei', 'website') }))).toBe(
			'interaction/expired',
		);
	});

	it('works once, also for two that come back at once (B04)', async () => {
		const state = await begin();
		// The vendor confirms both.
		const both = await Promise.allSettled([comeIn(queryOf(state)), comeIn(queryOf(state))]);
		expect(both.filter((each) => each.status === 'fulfilled')).toHaveLength(1);
		const late = both.filter((each) => each.status === 'rejected');
		expect(late).toMatchObject([{ reason: { code: 'interaction/expired' } }]);
	});

	it('is over also where the vendor, or we, refuse the person (B04)', async () => {
		const unknown = { state: await begin(), code: 'made-up' };
		expect(await refusalOf(comeIn(unknown))).toBe('auth/not-accepted');
		expect(await refusalOf(finish(queryOf(unknown.state)))).toBe('interaction/expired');

		const user = await under.user(app, { username: 'disabled' });
		const arrived = await finish(queryOf(await begin()));
		if (!('arrived' in arrived.outcome)) throw new Error('refused');
		const session = await sessionOf(app, user);
		await linkExternal(app, { session, arrived: arrived.outcome.arrived }, visitor());
		await updateUser(app, { id: user.id, change: { status: 'disabled' }, actor: system }, visitor());
		const query = queryOf(await begin());
		expect(await refusalOf(comeIn(query))).toBe('auth/account-disabled');
		expect(await refusalOf(finish(queryOf(query.state)))).toBe('interaction/expired');
	});

	it('is over after ten minutes, also for a clock that jumps back (F14)', async () => {
		const query = queryOf(await begin());
		under.clock.move(11 * minute);
		expect(await refusalOf(finish(query))).toBe('interaction/expired');
		under.clock.move(-11 * minute);
		expect(await refusalOf(finish(query))).toBe('interaction/expired');
	});

	it('belongs to the browser that began it (B04)', async () => {
		const query = queryOf(await begin());
		expect(await refusalOf(finish(query, { browser: 'another' }))).toBe('interaction/not-yours');
		expect(await refusalOf(finishRedirect(app, { connector, query, browser: undefined }, visitor()))).toBe(
			'interaction/not-yours',
		);
		expect(await refusalOf(finish(query))).toBe('done');
	});

	it('belongs to its connector and its app (B04, A19)', async () => {
		const other = await freshApp();
		const query = queryOf(await begin());
		expect(await refusalOf(finish(query, { connector: 'dingtalk' }))).toBe('interaction/not-yours');
		expect(await refusalOf(finish(query, {}, other))).toBe('interaction/expired');
	});

	it('is refused without a state or with a made-up one', async () => {
		expect(await refusalOf(finish({ code: 'x' }))).toBe('interaction/expired');
		expect(await refusalOf(finish({ state: 'made-up', code: 'x' }))).toBe('interaction/expired');
	});

	it('ends politely when the person cancelled', async () => {
		const { outcome } = await finish({ state: await begin() });
		expect(outcome).toMatchObject({ refusal: { code: 'auth/cancelled' } });
	});

	it.each(['down', 'nonsense'])('ends politely when the vendor is %s', async (failure) => {
		const query = queryOf(await begin());
		wechat.fail(failure);
		expect((await finish(query)).outcome).toMatchObject({ refusal: { code: 'plugin/provider-unavailable' } });
	});

	it('ends with an explanation and an audit entry when the vendor refuses the code', async () => {
		const { outcome } = await finish({ state: await begin(), code: 'made-up' });
		expect(outcome).toMatchObject({ refusal: { code: 'auth/not-accepted', fields: {} } });
		const [newest] = await app.store.read.audit.list({ limit: 1 });
		expect(newest).toMatchObject({ action: 'user.sign-in', outcome: 'refused' });
	});

	it('cannot begin with input that leads nowhere: the error is shown at the field', async () => {
		await app.plugins.save('webid', { enabled: true });
		const order = { connector: 'webid', browser, back: '/' };
		for (const hint of ['not a webid!!', undefined]) {
			const refused = await beginRedirect(app, { ...order, hint }, visitor()).catch((e: unknown) => e);
			expect(refused).toMatchObject({
				code: 'auth/not-accepted',
				fields: { identifier: 'auth/not-accepted' },
			});
		}
	});

	it('cannot begin where the connector is off', async () => {
		const off = await under.app();
		expect(await refusalOf(beginRedirect(off, { connector, browser, back: '/' }, visitor()))).toBe(
			'plugin/not-enabled',
		);
		expect(await refusalOf(beginRedirect(off, { connector: 'nothing', browser, back: '/' }, visitor()))).toBe(
			'plugin/not-found',
		);
	});

	it('lets no one in when the connector is switched off meanwhile', async () => {
		const at = await freshApp();
		const query = queryOf(await begin(at));
		await at.plugins.save(connector, { enabled: false });
		expect((await finish(query, {}, at)).outcome).toMatchObject({ refusal: { code: 'plugin/not-enabled' } });
	});
});
