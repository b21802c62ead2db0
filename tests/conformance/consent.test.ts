import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type Appliance } from './appliance';
import { Browser } from './browser';
import { RelyingParty, userinfoStatus } from './relying-party';

let appliance: Appliance;
const native = { applicationType: 'native' as const };
const loopback = 'http://127.0.0.1:5555/cb';
const party = (id: string, redirectUri = 'https://rp.example/cb') =>
	RelyingParty.discover({ issuer: appliance.issuer(4), id, redirectUri });
const browser = () => new Browser(appliance.origin);
let users = 0;
const newUser = async () => {
	users += 1;
	await appliance.addUser(4, `user${users}`);
	return `user${users}`;
};

beforeAll(async () => {
	appliance = await startAppliance();
	await appliance.addApp(4);
	await appliance.addClient(4, {
		id: 'web',
		name: 'A shop',
		website: 'https://shop.example',
		redirectUris: ['https://rp.example/cb', loopback],
	});
	await appliance.addClient(4, {
		id: 'ours',
		firstParty: true,
		redirectUris: ['https://rp.example/cb', loopback],
	});
	const redirectUris = ['http://127.0.0.1/cb', 'com.example.app:/cb', 'https://rp.example/cb'];
	await appliance.addClient(4, { id: 'app', ...native, redirectUris });
	await appliance.addClient(4, { id: 'our-app', ...native, firstParty: true, redirectUris });
});
afterAll(() => appliance.close());

describe('consent (A17)', () => {
	it('shows which client asks for what, and which user allows it', async () => {
		const rp = await party('web');
		const user = await newUser();
		const one = browser();
		const login = await one.open((await rp.request({ scope: 'openid email role' })).url);
		const asked = await one.open(login.url, { identifier: user });
		expect(JSON.parse(asked.body)).toMatchObject({
			kind: 'consent',
			client: {
				id: 'web',
				name: 'A shop',
				website: 'https://shop.example',
				destination: 'rp.example',
				firstParty: false,
			},
			scopes: ['openid', 'email', 'role'],
			newScopes: ['openid', 'email', 'role'],
			account: { id: `u-${user}`, name: `${user} Example`, detail: user },
		});
	});

	it('is remembered across browsers and asked again for new scopes only', async () => {
		const rp = await party('web');
		const user = await newUser();
		expect((await rp.signIn(browser(), user, { scope: 'openid email' })).asked).toEqual(['login', 'consent']);
		expect((await rp.signIn(browser(), user, { scope: 'openid email' })).asked).toEqual(['login']);
		expect((await rp.signIn(browser(), user, { scope: 'openid' })).asked).toEqual(['login']);
		const one = browser();
		const login = await one.open((await rp.request({ scope: 'openid email role' })).url);
		const asked = await one.open(login.url, { identifier: user });
		expect(JSON.parse(asked.body)).toMatchObject({ kind: 'consent', newScopes: ['role'] });
		expect((await one.open(asked.url, { decision: 'allow' })).url.searchParams.get('code')).toBeTruthy();
		expect((await rp.signIn(browser(), user, { scope: 'openid email role' })).asked).toEqual(['login']);
	});

	it('that is denied is reported to the client, and not remembered', async () => {
		const rp = await party('web');
		const user = await newUser();
		const one = browser();
		const request = await rp.request();
		const asked = await one.open((await one.open(request.url)).url, { identifier: user });
		const page = await one.open(asked.url, { decision: 'deny' });
		expect(page.url.searchParams.get('error')).toBe('access_denied');
		expect(page.url.searchParams.get('iss')).toBe(appliance.issuer(4).href);
		expect((await rp.signIn(one, user)).asked).toEqual(['consent']);
		const actions = (
			await (await appliance.app(4)).store.read.audit.list({ target: 'client:web', limit: 2 })
		).map(({ action }) => action);
		expect(actions).toEqual(['consent.allow', 'consent.deny']);
	});

	it('taken back ends the tokens, and is asked for anew', async () => {
		const rp = await party('web');
		const user = await newUser();
		const [one, two] = [browser(), browser()];
		const [first, second] = [await rp.signIn(one, user), await rp.signIn(two, user)];
		const { store } = await appliance.app(4);
		await store.write((tx) => appliance.engines.link.revokeConsent(tx, `u-${user}`, 'web'));
		for (const { access_token } of [first, second])
			expect(await userinfoStatus(appliance.issuer(4), access_token)).toBe(401);
		expect((await rp.signIn(one, user)).asked).toEqual(['consent']);
		expect((await rp.signIn(browser(), user)).asked).toEqual(['login']);
	});

	it('is asked when the client wants it asked', async () => {
		const rp = await party('web');
		const user = await newUser();
		const one = browser();
		await rp.signIn(one, user);
		expect((await rp.signIn(one, user, { prompt: 'consent' })).asked).toEqual(['consent']);
	});

	it('of one user says nothing about another', async () => {
		const rp = await party('web');
		await rp.signIn(browser(), await newUser());
		expect((await rp.signIn(browser(), await newUser())).asked).toEqual(['login', 'consent']);
	});

	it('cannot be given for a user who signed out meanwhile', async () => {
		const rp = await party('web');
		const user = await newUser();
		const one = browser();
		const asked = await one.open((await one.open((await rp.request()).url)).url, { identifier: user });
		one.forget(/^menshen-4$/);
		expect(await one.open(asked.url, { decision: 'allow' })).toMatchObject({ status: 410 });
	});
});

describe('a sign-in without consent', () => {
	it('is for first-party clients that no other program can impersonate', async () => {
		expect((await (await party('ours')).signIn(browser(), await newUser())).asked).toEqual(['login']);
		expect((await (await party('ours', loopback)).signIn(browser(), await newUser())).asked).toEqual([
			'login',
			'consent',
		]);
		expect((await (await party('our-app')).signIn(browser(), await newUser())).asked).toEqual(['login']);
		expect(
			(await (await party('our-app', 'com.example.app:/cb')).signIn(browser(), await newUser())).asked,
		).toEqual(['login', 'consent']);
	});

	it('a native client on loopback or a private scheme asks each time', async () => {
		const user = await newUser();
		const one = browser();
		for (const uri of ['http://127.0.0.1:1234/cb', 'com.example.app:/cb']) {
			const rp = await party('app', uri);
			await rp.signIn(one, user);
			expect((await rp.signIn(one, user)).asked).toEqual(['consent']);
		}
		const claimed = await party('app');
		await claimed.signIn(one, user);
		expect((await claimed.signIn(one, user)).asked).toEqual([]);
	});

	it('a web client on loopback is remembered like any other', async () => {
		const user = await newUser();
		const rp = await party('web', loopback);
		await rp.signIn(browser(), user);
		expect((await rp.signIn(browser(), user)).asked).toEqual(['login']);
	});
});
