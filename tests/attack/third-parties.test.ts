/**
 * B03, B04, B05: the answer of a third party is accepted from the browser that left, once, and only for the person
 * that it names.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator as startGoogle } from '../../plugins/google/emulator';
import { startEmulator as startOidc } from '../../plugins/oidc/emulator';
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import { answerAt } from '../emulators/consent';
import { forgeryNames } from '../emulators/id-tokens';
import { endpointsEnv, enterRedirectUris } from '../emulators/vendors';
import { oneApp, password, startTarget, type Target } from './target';
import { connectorsLine, Visitor } from './vendors';
import { post } from './wire';

interface Event {
	action: string;
	outcome: string;
	detail: { connector?: string; reason?: string };
}

let google: Emulator;
let oidc: Emulator;
let other: Emulator;
let target: Target;
beforeAll(async () => {
	[google, oidc, other] = await Promise.all([startGoogle(), startOidc(), startOidc()]);
	const vendors = { google };
	const lines = connectorsLine({ google, oidc });
	target = await startTarget({
		// The email that the vendor has verified belongs to another user here.
		apply: `${oneApp}      - { username: keeper, email: mei@example.com, emailVerified: true, password: ${password} }
${lines}  - id: 5
    name: Other
${lines}`,
		env: { ...endpointsEnv(vendors), TRUSTED_PROXIES: '127.0.0.1' },
	});
	const ours = { origin: target.origin, apps: [4, 5] };
	enterRedirectUris({ google, oidc }, ours);
	enterRedirectUris({ oidc: other }, ours);
	for (const of of [4, 5]) await useIssuer(oidc, of);
});
afterEach(() => {
	google.fail();
	oidc.fail();
});
afterAll(async () => {
	await target.stop();
	await Promise.all([google.close(), oidc.close(), other.close()]);
});

/** The app believes this provider from now on. */
async function useIssuer(vendor: Emulator, app = 4): Promise<void> {
	const input = { id: 'oidc', enabled: true, values: { issuer: `${vendor.url}/tenant` } };
	const headers = { cookie: await target.owner() };
	const got = await target.api('admin.connectors.save', { input, app, headers });
	if (got.status !== 200) throw new Error(got.body);
}

async function refusals(): Promise<Event[]> {
	const headers = { cookie: await target.owner() };
	const got = await target.api('admin.audit.list', { input: { limit: 200 }, headers });
	return (got.data as { events: Event[] }).events.filter(({ outcome }) => outcome === 'refused');
}

const visitor = (app?: number) => new Visitor(target, app);
const idOf = async (who: Visitor) => (await who.me())?.id;

describe('B03: the identity of a person', () => {
	it('is known by authority and subject, never by equal emails or names', async () => {
		const keeper = visitor();
		await keeper.open(keeper.at('/sign-in'), { identifier: 'keeper', password });
		const mei = visitor();
		const asked = await mei.open(await mei.approve('oidc'));
		expect(asked.url.pathname).toMatch(/\/connect$/);
		expect(await mei.me()).toBeUndefined();
		await mei.open(asked.url, { decision: 'join' });
		const joined = await mei.me();
		expect(joined?.id).not.toBe(await idOf(keeper));
		expect(joined?.email, 'somebody else has proven it').toBeNull();
		// The same name and the same email, said by another authority.
		const byGoogle = visitor();
		await byGoogle.enter('google');
		expect([joined?.id, await idOf(keeper)]).not.toContain(await idOf(byGoogle));
		const again = visitor();
		await again.enter('oidc');
		expect(await idOf(again)).toBe(joined?.id);
	});

	it('is another person where another authority names the same subject', async () => {
		const here = visitor();
		await here.enter('oidc');
		await useIssuer(other);
		const there = visitor();
		await there.enter('oidc');
		await useIssuer(oidc);
		expect(await idOf(there)).toBeDefined();
		expect(await idOf(there)).not.toBe(await idOf(here));
	});

	it('is another person in another app', async () => {
		const [here, there] = [visitor(), visitor(5)];
		await here.enter('google');
		await there.enter('google');
		expect(await idOf(there)).toBeDefined();
		expect(await idOf(there)).not.toBe(await idOf(here));
	});
});

describe('B04: the way back', () => {
	it('is open once', async () => {
		const mei = visitor();
		const back = await mei.approve('google');
		await mei.open(back);
		for (const who of [mei, visitor()]) expect((await who.open(back)).status).toBe(410);
	});

	it('is open to the browser that left: another is refused, is not signed in, and does not use it up', async () => {
		const [mei, thief] = [visitor(), visitor()];
		await mei.enter('google');
		mei.forget(/^menshen-4$/);
		const back = await mei.approve('google');
		// With a way of its own under way, as a browser that uses this app has.
		await thief.leaveFor('google');
		expect((await thief.open(back)).status).toBe(410);
		expect(await thief.me()).toBeUndefined();
		await mei.open(back);
		expect(await mei.me()).toBeDefined();
	});

	it('sent to another person, does not sign them in as its sender, and links nothing to their account', async () => {
		const [alice, attacker] = [visitor(), visitor()];
		await alice.open(alice.at('/sign-in'), { identifier: 'alice', password });
		const before = await idOf(alice);
		expect((await alice.open(await attacker.approve('google', 'Li'))).status).toBe(410);
		expect(await idOf(alice)).toBe(before);
		// The same with a way that links: begun by the attacker, signed in at home.
		await attacker.enter('oidc', 'Li');
		const began = await attacker.open(attacker.at('/account/security?/link'), { connector: 'google' });
		expect(began.left).toBe(true);
		const query = new URLSearchParams(await answerAt(began.url.href, 'Li'));
		expect((await alice.open(alice.at(`/connect/google/callback?${query.toString()}`))).status).toBe(410);
		const linked = await target.api('me.identities.list', { headers: { cookie: alice.cookie } });
		expect(linked.data).toEqual([]);
	});

	it('links to the user who asked, not to a user who signed in in that browser meanwhile', async () => {
		const shared = visitor();
		await shared.open(shared.at('/sign-in'), { identifier: 'alice', password });
		const began = await shared.open(shared.at('/account/security?/link'), { connector: 'google', password });
		expect(began.left, began.body).toBe(true);
		await shared.open(shared.at('/sign-in'), { identifier: 'keeper', password });
		const query = new URLSearchParams(await answerAt(began.url.href, 'Li'));
		expect((await shared.open(shared.at(`/connect/google/callback?${query.toString()}`))).status).toBe(410);
		const linked = await target.api('me.identities.list', { headers: { cookie: shared.cookie } });
		expect(linked.data).toEqual([]);
	});

	it('is of one connector and of one app', async () => {
		const mei = visitor();
		const back = new URL(await mei.approve('google'));
		for (const path of ['/apps/4/connect/oidc/callback', '/apps/5/connect/google/callback'])
			expect((await mei.open(`${target.origin}${path}${back.search}`)).status, path).toBe(410);
		expect(await mei.me()).toBeUndefined();
	});

	it('needs the code that was issued for this sign-in: another one is refused (PKCE)', async () => {
		for (const connector of ['google', 'oidc']) {
			const [victim, attacker] = [visitor(), visitor()];
			const own = new URL(await victim.approve(connector, 'Mei'));
			const foreign = new URL(await attacker.approve(connector, 'Li'));
			own.searchParams.set('code', foreign.searchParams.get('code') ?? '');
			const page = await victim.open(own);
			expect(page.url.pathname, connector).toMatch(/\/sign-in$/);
			expect(await victim.me(), connector).toBeUndefined();
		}
	});

	it.each(['', 'x', 'a'.repeat(64), '../../x', '%00', '__proto__'])(
		'with the state "%.20s" leads nowhere',
		async (state) => {
			const mei = visitor();
			const back = new URL(await mei.approve('google'));
			back.searchParams.set('state', state);
			expect((await mei.open(back)).status).toBe(410);
			back.searchParams.delete('state');
			expect((await mei.open(back)).status).toBe(410);
			expect(await mei.me()).toBeUndefined();
		},
	);

	it('says nothing of what went wrong that the vendor or the sender wrote', async () => {
		const mei = visitor();
		const back = new URL(await mei.approve('google'));
		back.searchParams.delete('code');
		back.searchParams.set('error', 'access_denied');
		back.searchParams.set('error_description', '<b>Call 555-0100 to unlock your account</b>');
		const page = await mei.open(back);
		expect(page.body).not.toContain('555-0100');
		expect(await mei.me()).toBeUndefined();
	});
});

describe.each(['google', 'oidc'] as const)('B05: %s', (connector) => {
	const vendor = () => (connector === 'google' ? google : oidc);

	it.each(forgeryNames)('refuses an %s, and logs the reason for the operator', async (name) => {
		const before = (await refusals()).length;
		const printed = target.appliance.output().length;
		vendor().fail(name);
		const mei = visitor();
		const page = await mei.open(await mei.approve(connector));
		expect(page.url.pathname).toMatch(/\/sign-in$/);
		expect(page.status).toBe(200);
		expect(await mei.me()).toBeUndefined();
		const [event, ...older] = await refusals();
		expect(older.length).toBe(before);
		expect(event).toMatchObject({ action: 'user.sign-in', detail: { connector } });
		expect(event?.detail.reason?.length, JSON.stringify(event)).toBeGreaterThan(25);
		const lines = () => target.appliance.output().slice(printed);
		await expect.poll(lines).toContain(event?.detail.reason?.slice(0, 60));
		expect(page.body, 'the reason is for operators').not.toContain(event?.detail.reason);
	});

	it('lets the same person in once the vendor is honest', async () => {
		const mei = visitor();
		await mei.enter(connector);
		expect(await mei.me()).toBeDefined();
	});
});

it('B05: a vendor that does not answer is distinguished from a forgery', async () => {
	const before = (await refusals()).length;
	google.fail('down');
	const mei = visitor();
	const page = await mei.open(await mei.approve('google'));
	expect(page.body).toMatch(/Google/);
	expect(await mei.me()).toBeUndefined();
	expect((await refusals()).length).toBe(before);
	await expect.poll(() => target.appliance.output()).toMatch(/plugin\/provider-unavailable/);
});

it('B04: a form posted to the callback of a vendor that posts none is refused', async () => {
	const headers = { host: new URL(target.origin).host, origin: 'https://evil.example' };
	const got = await post(target.at, '/apps/4/connect/google/callback', { state: 'x', code: 'x' }, headers);
	expect(got.status).toBeGreaterThanOrEqual(300);
	expect(got.cookies.join()).not.toMatch(/menshen-4=\w/);
});
