/** A relying party that others wrote and certified, as it comes: Apache httpd with mod_auth_openidc. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi } from '../api';
import { freePort, owner, startAppliance, type RunningAppliance } from '../appliance';
import { everybody, findApache, startSite, type Site } from './apache';
import { Browser, type Page } from './browser';
import { postForm, RelyingParty, userinfoStatus } from './relying-party';

const app = 4;
const alice = { identifier: 'alice', password: 'correct-horse-battery' };
const bob = { identifier: 'bob', password: 'another-horse-battery' };
const secret = 'a-secret-of-the-site-of-32-characters';
const apache = await findApache();
const patience = { timeout: 15_000, interval: 100 };

const applied = (port: number) => `apps:
  - id: ${app}
    name: Demo
    clients:
      - id: site
        name: The site
        secret: ${secret}
        redirectUris: ['http://127.0.0.1:${port}/callback']
        postLogoutRedirectUris: ['http://127.0.0.1:${port}/']
        backchannelLogoutUri: 'http://127.0.0.1:${port}/callback?logout=backchannel'
      - { id: other, name: Another, secret: ${secret}-2, redirectUris: ['http://127.0.0.1:1/cb'] }
    users:
      - { username: alice, name: Alice Example, email: alice@example.com, emailVerified: true, password: ${alice.password} }
      - { username: bob, password: ${bob.password} }
`;

interface Info {
	access_token: string;
	id_token: Record<string, unknown>;
	userinfo: Record<string, unknown>;
}

/** A person with one browser, as far as the two servers go: each sees its own cookies only. */
class Person {
	readonly #views: Record<string, Browser>;

	constructor(...origins: string[]) {
		this.#views = Object.fromEntries(origins.map((origin) => [origin, new Browser(origin)]));
	}

	at(url: URL): Browser {
		const view = this.#views[url.origin];
		if (!view) throw new Error(`sent to a stranger: ${url.href}`);
		return view;
	}

	/** Follows redirects from one server to the other and back. */
	async open(address: string | URL, form?: Record<string, string>): Promise<Page> {
		const url = new URL(address);
		let page = await this.at(url).open(url, form);
		for (let hops = 0; page.left && hops < 10; hops += 1) page = await this.at(page.url).open(page.url);
		return page;
	}
}

describe.skipIf(!apache)('A01: mod_auth_openidc', () => {
	let appliance: RunningAppliance;
	let site: Site;
	let issuer: string;

	beforeAll(async () => {
		if (!apache) return;
		const port = await freePort();
		appliance = await startAppliance({ apply: applied(port) });
		issuer = `${appliance.origin}/apps/${app}`;
		site = await startSite(apache, { port, issuer, clientId: 'site', clientSecret: secret });
	});
	afterAll(async () => {
		await site?.stop();
		await appliance?.stop();
	});

	const newPerson = () => new Person(site.origin, appliance.origin);
	const closed = () => new URL(`${site.origin}/private/who.shtml`);

	async function signIn(): Promise<Person> {
		const person = newPerson();
		const form = await person.open(closed());
		const next = await person.open(form.url, alice);
		// Asked once whether the site may know.
		const page = next.url.origin === site.origin ? next : await person.open(next.url, { decision: 'allow' });
		expect({ status: page.status, at: page.url.href }, site.errors()).toEqual({
			status: 200,
			at: closed().href,
		});
		return person;
	}

	/** The address to which the site redirects a visitor of the closed page; undefined: it is shown. */
	async function sentTo(person: Person): Promise<URL | undefined> {
		const page = await person.at(closed()).open(closed());
		return page.left ? page.url : undefined;
	}

	const info = async (person: Person) =>
		JSON.parse((await person.open(`${site.callback}?info=json`)).body) as Info;

	async function callSite(token?: string): Promise<{ status: number; body: string }> {
		const headers = token ? { authorization: `Bearer ${token}` } : undefined;
		const answer = await fetch(`${site.origin}/api/who.shtml`, { headers });
		return { status: answer.status, body: await answer.text() };
	}

	/**
	 * No user is signed in to the appliance in this browser: it asks for the password, and never sends back silently.
	 */
	async function expectSignedOut(person: Person): Promise<void> {
		const page = await person.open(closed());
		expect(page.url.href).toMatch(new RegExp(`^${issuer}/interaction/`));
		expect(page.body).toContain('name="password"');
	}

	describe('sign-in', () => {
		it('sends a stranger here, with a challenge, a state and a nonce', async () => {
			const url = await sentTo(newPerson());
			expect(`${url?.origin}${url?.pathname}`).toBe(`${issuer}/oidc/auth`);
			expect(Object.fromEntries(url?.searchParams ?? [])).toMatchObject({
				client_id: 'site',
				response_type: 'code',
				redirect_uri: site.callback,
				code_challenge_method: 'S256',
				code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
				state: expect.stringMatching(/./) as string,
				nonce: expect.stringMatching(/./) as string,
			});
		});

		it('by code shows the user, from the claims of the ID token and of userinfo', async () => {
			const person = await signIn();
			const { id_token: claims, userinfo } = await info(person);
			expect(JSON.parse((await person.open(closed())).body)).toEqual({
				REMOTE_USER: 'alice',
				OIDC_CLAIM_sub: claims['sub'],
				OIDC_CLAIM_iss: issuer,
				OIDC_CLAIM_aud: 'site',
				OIDC_CLAIM_email: 'alice@example.com',
				OIDC_CLAIM_name: 'Alice Example',
			});
			expect(claims).toMatchObject({ iss: issuer, aud: 'site', amr: ['pwd'] });
			expect(userinfo).toMatchObject({
				sub: claims['sub'],
				preferred_username: 'alice',
				email: 'alice@example.com',
				email_verified: true,
			});
		});

		it('is not asked for again while the session here lives', async () => {
			const person = await signIn();
			person.at(closed()).forget(/./);
			expect(await sentTo(person)).toBeDefined();
			expect(await person.open(closed())).toMatchObject({ status: 200, url: { href: closed().href } });
		});

		it('with a wrong password, or refused by the person, opens nothing', async () => {
			const person = newPerson();
			const form = await person.open(closed());
			const again = await person.open(form.url, { ...alice, password: 'not-the-password' });
			expect([again.status, again.url.origin]).toEqual([401, appliance.origin]);
			expect(await sentTo(person)).toBeDefined();

			const consent = await person.open(again.url, bob);
			const refused = await person.open(consent.url, { decision: 'deny' });
			expect(refused.url.href).toContain(`${site.callback}?error=access_denied`);
			expect(await sentTo(person)).toBeDefined();
		});
	});

	describe('a resource server that introspects', () => {
		it('admits a client with a token, and shows its user', async () => {
			const { access_token: token, id_token: claims } = await info(await signIn());
			const { status, body } = await callSite(token);
			expect(status, site.errors()).toBe(200);
			expect(JSON.parse(body)).toEqual({
				REMOTE_USER: claims['sub'],
				OIDC_CLAIM_scope: 'openid profile email',
				OIDC_CLAIM_client_id: 'site',
				OIDC_CLAIM_iss: issuer,
			});
		});

		it('refuses none, an invented one, an ID token, and one of another client', async () => {
			const person = await signIn();
			const party = await RelyingParty.discover({
				issuer: new URL(issuer),
				id: 'other',
				secret: `${secret}-2`,
				redirectUri: 'http://127.0.0.1:1/cb',
			});
			const request = await party.request();
			const view = person.at(request.url);
			const asked = await view.open(request.url);
			const back = await view.open(asked.url, { decision: 'allow' });
			const others = await party.redeem(back.url, request);
			expect(await userinfoStatus(new URL(issuer), others.access_token)).toBe(200);
			for (const token of [undefined, 'invented', others.id_token, others.access_token])
				expect(await callSite(token)).toMatchObject({ status: 401 });
		});

		it('refuses one that was revoked, at once', async () => {
			const { access_token: token } = await info(await signIn());
			expect(await callSite(token)).toMatchObject({ status: 200 });
			const form = { token, client_id: 'site', client_secret: secret };
			expect(await postForm(`${issuer}/oidc/revocation`, form)).toMatchObject({ status: 200 });
			expect(await callSite(token)).toMatchObject({ status: 401 });
		});
	});

	describe('signing out', () => {
		it('at the site ends the session there and here, revokes the token, and leads back', async () => {
			const person = await signIn();
			const { access_token: token } = await info(person);
			const bye = await person.open(`${site.callback}?logout=${encodeURIComponent(`${site.origin}/`)}`);
			expect([bye.status, bye.url.href]).toEqual([200, `${site.origin}/`]);
			expect(bye.body).toBe(everybody);
			await expectSignedOut(person);
			expect(await callSite(token)).toMatchObject({ status: 401 });
		});

		it('at the site, with an unregistered redirect address, stays here', async () => {
			const person = await signIn();
			const elsewhere = encodeURIComponent(`${site.origin}/elsewhere.html`);
			const page = await person.open(`${site.callback}?logout=${elsewhere}`);
			expect([page.status, page.url.origin]).toEqual([400, appliance.origin]);
		});

		it('here ends the session at the site, in this browser and not in another', async () => {
			const [person, elsewhere] = [await signIn(), await signIn()];
			const page = await person.open(`${issuer}/sign-out`, {});
			expect(page.status).toBe(200);
			await expect.poll(() => sentTo(person), patience).toBeDefined();
			expect(await sentTo(elsewhere)).toBeUndefined();
			await expectSignedOut(person);
		});

		it('everywhere, by an operator, ends all of them', async () => {
			const people = [await signIn(), await signIn()];
			const cookie = await operatorCookie(appliance.origin);
			const { id_token: claims } = await info(people[0] ?? newPerson());
			const headers = { cookie, origin: appliance.origin };
			const done = await callApi(
				{ origin: appliance.origin, app, headers },
				'admin.users.signOutEverywhere',
				{
					id: claims['sub'],
				},
			);
			expect(done).toMatchObject({ status: 200 });
			for (const person of people) await expect.poll(() => sentTo(person), patience).toBeDefined();
		});
	});
});

async function operatorCookie(origin: string): Promise<string> {
	const browser = new Browser(origin);
	await browser.open(`${origin}/admin/sign-in`, owner);
	return browser.headerFor('/admin');
}
