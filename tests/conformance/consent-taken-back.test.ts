/** A17: what a person allowed and takes back, at either door of the built product, is over for the relying party at once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app, password, startTarget, type Target } from '../attack/target';
import { Browser } from './browser';
import { refreshBare, RelyingParty, userinfoStatus, type Tokens } from './relying-party';

const names = ['alice', 'bob'];
const secret = 'a-secret-of-the-client';
let target: Target;
let issuer: URL;

beforeAll(async () => {
	const users = names.map((username) => `      - { username: ${username}, password: ${password} }`);
	target = await startTarget({
		apply: `apps:
  - id: ${app}
    name: Demo
    clients:
      - { id: web, name: Demo web, secret: ${secret}, redirectUris: ['https://rp.example/cb'] }
      - { id: other, name: Other, secret: ${secret}, redirectUris: ['https://rp.example/cb'] }
    users:
${users.join('\n')}
`,
	});
	issuer = new URL(`${target.origin}/apps/${app}`);
}, 180_000);
afterAll(() => target.stop());

const party = (id: string) => RelyingParty.discover({ issuer, id, secret });

/** A sign-in at the product's own pages. @returns what it gave, and which pages were met on the way */
async function signIn(
	rp: RelyingParty,
	browser: Browser,
	who: string,
	extra: Record<string, string> = {},
): Promise<Tokens & { asked: string[] }> {
	const request = await rp.request(extra);
	const asked: string[] = [];
	let page = await browser.open(request.url);
	while (!page.left && asked.length < 3) {
		const isConsent = page.url.pathname.endsWith('/consent');
		asked.push(isConsent ? 'consent' : 'login');
		page = await browser.open(
			page.url,
			isConsent ? { decision: 'allow' } : { identifier: who, password: password },
		);
	}
	return Object.assign(await rp.redeem(page.url, request), { asked });
}

const doors: Record<string, (browser: Browser) => Promise<number>> = {
	'me.consents.revoke': async (browser) =>
		(
			await target.api('me.consents.revoke', {
				input: { clientId: 'web' },
				headers: { cookie: browser.headerFor('/') },
			})
		).status,
	'the button of the account page': async (browser) =>
		(await browser.open(`${issuer.href}/account/apps?/revoke`, { clientId: 'web' })).status,
};

describe.each(Object.entries(doors))('consent taken back by %s', (door, takeBack) => {
	it('ends the access token, refuses to renew, and is asked for anew', async () => {
		const [who = ''] = names.splice(0, 1);
		const browser = new Browser(target.origin);
		const [rp, other] = [await party('web'), await party('other')];
		const offline = { scope: 'openid profile email offline_access', prompt: 'consent' };
		const tokens = await signIn(rp, browser, who, offline);
		const elsewhere = await signIn(other, browser, who, offline);
		expect([tokens.asked, elsewhere.asked]).toEqual([['login', 'consent'], ['consent']]);
		expect((await signIn(rp, browser, who)).asked).toEqual([]);
		expect(await userinfoStatus(issuer, tokens.access_token)).toBe(200);

		expect(await takeBack(browser), door).toBe(200);

		expect(await userinfoStatus(issuer, tokens.access_token)).toBe(401);
		expect(await refreshBare(rp, tokens.refresh_token ?? '')).toMatchObject({
			status: 400,
			body: { error: 'invalid_grant' },
		});
		expect((await signIn(rp, browser, who)).asked).toEqual(['consent']);
		// What another client was allowed is none of this one's business.
		expect(await userinfoStatus(issuer, elsewhere.access_token)).toBe(200);
		expect((await refreshBare(other, elsewhere.refresh_token ?? '')).status).toBe(200);
	});
});
