import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type Appliance } from './appliance';
import { Browser } from './browser';

let appliance: Appliance;

const registered = 'https://rp.example/cb';
const invisible = ['\u00a0', '\u200b', '\u2028', '\ufeff', '\u00ad', '\u3000'];

/** Each is near to what is registered, or to what a careless comparison would take for it. */
const hostile = [
	// another place on the same host
	'https://rp.example/',
	'https://rp.example',
	'https://rp.example/cb/',
	'https://rp.example/CB',
	'https://rp.example/cb2',
	'https://rp.example/cb/../evil',
	'https://rp.example/evil/../cb',
	'https://rp.example/./cb',
	'https://rp.example//cb',
	'https://rp.example/%63b',
	'https://rp.example/cb%2f',
	'https://rp.example/cb%00',
	'https://rp.example/cb;x=1',
	'https://rp.example/cb?x=1',
	'https://rp.example/cb?',
	'https://rp.example/cb#x',
	'https://rp.example/cb#',
	'https://rp.example/cb%0d%0aLocation:%20https://evil.example',
	'https://rp.example/cb\\',
	'https://rp.example\\cb',
	// another host that looks alike
	'https://evil.example/cb',
	'https://rp.example.evil.example/cb',
	'https://evil.rp.example/cb',
	'https://rp-example/cb',
	'https://rp.example./cb',
	'https://rpxexample/cb',
	'https://RP.EXAMPLE/cb',
	'https://rp%2eexample/cb',
	'https://rp.example%2eevil.example/cb',
	'https://rp。example/cb',
	'https://ｒp.example/cb',
	'https://rр.example/cb',
	'https://xn--r-8tb.example/cb',
	'https://rp.example%00.evil.example/cb',
	'https://[::ffff:1.2.3.4]/cb',
	'https://1.2.3.4/cb',
	'https://rp.example,evil.example/cb',
	'https://rp.example evil.example/cb',
	// user, password and port
	'https://rp.example@evil.example/cb',
	'https://rp.example:443@evil.example/cb',
	'https://user@rp.example/cb',
	'https://user:pass@rp.example/cb',
	'https://@rp.example/cb',
	'https://rp.example:443/cb',
	'https://rp.example:8443/cb',
	'https://rp.example:/cb',
	'https://rp.example:0/cb',
	'https://evil.example#@rp.example/cb',
	'https://evil.example?@rp.example/cb',
	'https://evil.example/@rp.example/cb',
	'https://evil.example\\@rp.example/cb',
	'https://evil.example%23@rp.example/cb',
	'https://rp.example%40evil.example/cb',
	// another scheme, or none
	'http://rp.example/cb',
	'HTTPS://rp.example/cb',
	'https:rp.example/cb',
	'https:/rp.example/cb',
	'https:///rp.example/cb',
	'//rp.example/cb',
	'/cb',
	'cb',
	'',
	'rp.example/cb',
	'javascript:alert(1)',
	'javascript://rp.example/cb',
	'data:text/html,x',
	'data://rp.example/cb',
	'vbscript:x',
	'file:///etc/passwd',
	'blob:https://rp.example/cb',
	'about:blank',
	'ftp://rp.example/cb',
	'ws://rp.example/cb',
	'com.example.app:/cb',
	'intent://rp.example/cb#Intent;end',
	'view-source:https://rp.example/cb',
	// whitespace and characters that are not seen
	' https://rp.example/cb',
	'https://rp.example/cb ',
	'\thttps://rp.example/cb',
	'https://rp.example/cb\n',
	'https://rp.example/cb\r\n',
	'https://rp.example/c\tb',
	'https://rp.example/\u0000cb',
	...invisible.map((space) => `https://rp.example/cb${space}`),
	// patterns and lists
	'https://*.example/cb',
	'https://rp.example/*',
	'https://rp.example/cb https://evil.example',
	'https://rp.example/cb,https://evil.example',
	`https://rp.example/cb${'a'.repeat(4000)}`,
	'https://rp.example/cb/%2e%2e/evil',
	'https://rp.example/cb/..;/evil',
	'%68ttps://rp.example/cb',
	// loopback, for a client that is not native
	'http://127.0.0.1:1234/cb',
	'http://localhost/cb',
	'http://[::1]/cb',
	'http://127.0.0.1/cb',
];

const open = (client: string, redirectUri: string) => {
	const query = new URLSearchParams({
		client_id: client,
		response_type: 'code',
		scope: 'openid',
		redirect_uri: redirectUri,
		code_challenge: 'c'.repeat(43),
		code_challenge_method: 'S256',
		state: 'x',
	});
	return new Browser(appliance.origin).open(`${appliance.issuer(4).href}/oidc/auth?${query.toString()}`);
};

beforeAll(async () => {
	appliance = await startAppliance();
	await appliance.addApp(4);
	await appliance.addClient(4, { id: 'web', secret: 's', redirectUris: [registered] });
	await appliance.addClient(4, { id: 'local', redirectUris: ['http://127.0.0.1:5555/cb'] });
	const redirectUris = ['http://127.0.0.1/cb', 'http://[::1]:7777/cb', 'com.example.app:/cb', registered];
	await appliance.addClient(4, { id: 'native', applicationType: 'native', redirectUris });
});
afterAll(() => appliance.close());

describe('redirect URIs (A04)', () => {
	it('has a corpus worth the name', () => {
		expect(new Set(hostile).size).toBeGreaterThanOrEqual(100);
	});

	it.each(hostile)('never redirects to %j', async (uri) => {
		const page = await open('web', uri);
		expect(page).toMatchObject({ left: false, status: 400 });
		expect(page.headers.get('location')).toBeNull();
		expect(page.headers.get('content-type')).toContain('text/html');
		expect(page.body).not.toContain('<script>');
	});

	it('takes the registered one', async () => {
		expect(JSON.parse((await open('web', registered)).body)).toMatchObject({ kind: 'login' });
	});

	it('does not guess a missing one, even where there is only one', async () => {
		const query = `client_id=web&response_type=code&scope=openid&code_challenge=${'c'.repeat(43)}&code_challenge_method=S256`;
		const page = await new Browser(appliance.origin).open(`${appliance.issuer(4).href}/oidc/auth?${query}`);
		expect(page).toMatchObject({ left: false, status: 400 });
	});

	it('does not redirect a request that names two', async () => {
		const both = `redirect_uri=${encodeURIComponent(registered)}&redirect_uri=https%3A%2F%2Fevil.example`;
		const page = await new Browser(appliance.origin).open(
			`${appliance.issuer(4).href}/oidc/auth?client_id=web&response_type=code&scope=openid&${both}`,
		);
		expect(page).toMatchObject({ left: false, status: 400 });
	});

	it.each([
		'http://127.0.0.1:1/cb',
		'http://127.0.0.1:65535/cb',
		'http://127.0.0.1/cb',
		'http://[::1]:1234/cb',
		'com.example.app:/cb',
		registered,
	])('takes %s from a native client', async (uri) => {
		expect(JSON.parse((await open('native', uri)).body)).toMatchObject({ kind: 'login' });
	});

	it.each([
		'http://127.0.0.1:1/cb2',
		'http://127.0.0.1:1/',
		'http://127.0.0.2:1/cb',
		'http://localhost:1/cb',
		'http://127.0.0.1:1@evil.example/cb',
		'http://evil.example:1/cb',
		'https://127.0.0.1:1/cb',
		'http://127.1:1/cb',
		'http://2130706433:1/cb',
		'http://127.0.0.1.evil.example:1/cb',
		'http://127.0.0.1:1/cb?x',
		'http://user@127.0.0.1:1/cb',
		'https://rp.example:1/cb',
		'com.example.app://cb',
		'com.example.app:/cb/x',
		'com.example.evil:/cb',
		'http://127.0.0.1:1/cb#x',
		'http://127.0.0.1:99999/cb',
		'http://127.0.0.1:1x/cb',
		'http://[::2]:1/cb',
	])('refuses %s from a native client', async (uri) => {
		expect(await open('native', uri)).toMatchObject({ left: false, status: 400 });
	});

	it('frees the port for native clients only', async () => {
		expect(await open('local', 'http://127.0.0.1:5556/cb')).toMatchObject({ left: false, status: 400 });
		expect(JSON.parse((await open('local', 'http://127.0.0.1:5555/cb')).body)).toMatchObject({
			kind: 'login',
		});
	});
});

describe('the page that is shown instead', () => {
	it('says what is wrong in the language of the browser, and names no other host', async () => {
		const query = 'client_id=web&response_type=code&scope=openid&redirect_uri=https%3A%2F%2Fevil.example%2F';
		const show = async (language: string) => {
			const response = await fetch(`${appliance.issuer(4).href}/oidc/auth?${query}`, {
				headers: { 'accept-language': language, accept: 'text/html' },
			});
			return { headers: response.headers, text: await response.text() };
		};
		const [en, zh] = [await show('en'), await show('zh')];
		expect(en.text).toContain('not registered');
		expect(en.text).toContain('<html lang="en">');
		expect(zh.text).toContain('<html lang="zh-CN">');
		expect(zh.text).toContain('没有登记');
		expect(en.text).toMatch(/href="\/apps\/4\/theme\.css\?v=[0-9a-f]{16}"/);
		expect(en.text).not.toMatch(/(?:src|href|action|url)\s*[=(]\s*["']?https?:/i);
		expect(en.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
		expect(en.headers.get('content-security-policy')).not.toContain('unsafe');
		expect(en.headers.get('x-content-type-options')).toBe('nosniff');
	});

	it('shows what was sent as text only', async () => {
		const page = await open('"><script>alert(1)</script>', '"><script>alert(1)</script>');
		expect(page.status).toBe(400);
		expect(page.body).not.toContain('<script>alert');
	});
});
