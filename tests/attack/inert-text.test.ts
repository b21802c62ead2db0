/** D09: what people, clients and strangers write is shown as text, on every page, in a real browser. */
import { resolve } from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notedBrowser } from '../../scripts/prepare/noted-browser.mjs';
import { app, password, startTarget, type Target } from './target';
import { send, type Got } from './wire';

/** The one that was prepared for the tests; else Playwright's own. */
const executablePath = notedBrowser(resolve(import.meta.dirname, '../..'));
/** Breaks out of text, of an attribute, of a script, of a style and of a comment; any of it that runs sets `window.hacked`. */
const payloads = [
	`"><img src=x onerror=hacked=1><b class=xss>`,
	`'-hacked--'</script><script>hacked=1</script>`,
	`--></title></style><svg onload=hacked=1>`,
	'{{hacked=1}}${hacked=1}javascript:hacked=1',
];
const name = (index: number) => payloads[index % payloads.length] ?? '';

let target: Target;
let browser: Browser;
beforeAll(async () => {
	const quoted = (text: string) => JSON.stringify(text.slice(0, 80));
	target = await startTarget({
		apply: `apps:
  - id: ${app}
    name: ${quoted(name(0))}
    public: true
    website: https://demo.example/"><script>hacked=1</script>
    theme: { title: ${quoted(name(2))}, css: ${JSON.stringify(`</style><script>hacked=1</script>@import "https://evil.example/x.css";`)} }
    roles:
      - { id: editor, name: ${quoted(name(0))}, permissions: [${quoted(name(1))}] }
    clients:
      - { id: web, name: ${quoted(name(1))}, website: 'https://demo.example/"onmouseover=hacked=1', secret: a-secret-of-the-client, redirectUris: ['http://127.0.0.1:5555/cb'] }
    users:
      - { username: alice, name: ${quoted(name(0))}, email: alice@example.com, emailVerified: true, password: ${password}, roles: [editor] }
      - { username: bob, name: ${quoted(name(1))}, password: ${password} }
      - { username: carol, name: ${quoted(name(2))}, password: ${password} }
`,
	});
	// The browser as it names itself, shown among the sessions and in the audit log.
	for (const device of payloads)
		await target.signIn('alice', {
			headers: {
				'user-agent': device.replace(/[^\x20-\x7e]/g, ''),
				'accept-language': device,
				'x-forwarded-for': device,
			},
		});
	browser = await chromium.launch({
		...(executablePath ? { executablePath } : {}),
		args: [
			'--no-sandbox',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
			'--no-first-run',
		],
	});
}, 180_000);
afterAll(async () => {
	await browser.close();
	await target.stop();
});

const marks = encodeURIComponent(payloads[0] ?? '');
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const authorize = `/apps/${app}/oidc/auth?client_id=web&response_type=code&scope=openid%20profile&redirect_uri=http%3A%2F%2F127.0.0.1%3A5555%2Fcb&code_challenge=${challenge}&code_challenge_method=S256&prompt=consent&login_hint=${marks}`;
const open = [
	'/',
	'/setup?code=' + marks,
	`/apps/${app}/sign-in?next=${marks}`,
	`/apps/${app}/register?next=/${marks}`,
	`/apps/${app}/recover?token=${marks}`,
	`/apps/${app}/verify-email?token=${marks}`,
	`/apps/${app}/sign-in?ui_locales=${marks}`,
	`/apps/${marks}/sign-in`,
	`/${marks}`,
	`/apps/${app}/interaction/${marks}`,
	`/apps/${app}/oidc/auth?client_id=${marks}`,
	`/apps/${app}/oidc/auth?client_id=web&redirect_uri=${marks}`,
	`/apps/${app}/oidc/auth?client_id=web&redirect_uri=http%3A%2F%2F127.0.0.1%3A5555%2Fcb%2F&state=${marks}&scope=${marks}`,
	`/apps/${app}/oidc/logout?post_logout_redirect_uri=${marks}&state=${marks}`,
	`/apps/${app}/oidc/logout?id_token_hint=${marks}`,
	`/admin/sign-in?next=${marks}`,
	`/apps/${app}/theme.css`,
];
const personal = [
	`/apps/${app}/account`,
	`/apps/${app}/account/security`,
	`/apps/${app}/account/apps`,
	`/apps/${app}/sign-out`,
	`/apps/${app}/account/__data.json`,
];
const console_ = [
	'/admin',
	`/admin/apps/${app}`,
	`/admin/apps/${app}/users`,
	`/admin/apps/${app}/users?search=${marks}`,
	`/admin/apps/${app}/clients`,
	`/admin/apps/${app}/clients/web`,
	`/admin/apps/${app}/roles`,
	`/admin/apps/${app}/policy`,
	`/admin/apps/${app}/connectors`,
	`/admin/apps/${app}/messages/words/email/register`,
	`/admin/apps/${app}/settings`,
	`/admin/apps/${app}/audit`,
	'/admin/audit',
	`/admin/apps/${app}/users/find?q=${marks}`,
	`/admin/apps/${app}/users/__data.json`,
];

function expectInert(got: Got, hint: string): void {
	const type = String(got.headers['content-type'] ?? '');
	expect(got.status, hint).toBeLessThan(500);
	if (!type.startsWith('text/html'))
		return expect(type, hint).toMatch(/^(application\/json|text\/(css|plain)|$)/);
	expect(got.body, hint).not.toMatch(/<img src=x|<svg onload|<script>hacked|<b class=xss|<\/script><script/i);
	// Inside a tag nothing of a payload gets out of its quotes.
	expect(got.body.match(/<[a-z][^>]*\son\w+\s*=/gi) ?? [], hint).toEqual([]);
	expect(got.body, hint).not.toMatch(/(?:href|src|action)="\s*javascript:/i);
	expect(got.body, hint).not.toMatch(/\sstyle="/);
}

describe('D09: in what is sent', () => {
	const languages = [payloads[0] ?? '', 'en;q="><script>hacked=1</script>', 'zh-CN,zh;q=0.9'];
	it.each(open)('%s', async (path) => {
		for (const language of languages)
			expectInert(
				await send(target.at, {
					path,
					headers: {
						host: new URL(target.origin).host,
						accept: 'text/html',
						'accept-language': language,
						'user-agent': payloads[1] ?? '',
					},
				}),
				language,
			);
	});
	it('pages of people and of operators', async () => {
		const [user, owner] = [await target.signIn('alice'), await target.owner()];
		for (const path of [...personal, ...console_])
			expectInert(
				await send(target.at, {
					path,
					headers: {
						host: new URL(target.origin).host,
						accept: 'text/html',
						cookie: path.startsWith('/admin') ? owner : user,
					},
				}),
				path,
			);
	});
	it('a stylesheet of an operator stays a stylesheet', async () => {
		const got = await send(target.at, { path: `/apps/${app}/theme.css` });
		expect(got.headers['content-type']).toMatch(/^text\/css/);
		expect(got.headers['x-content-type-options']).toBe('nosniff');
	});
	it('addresses that a browser would run are refused where they are set', async () => {
		const headers = { cookie: await target.owner() };
		for (const address of [
			'javascript:hacked=1',
			'JavaScript:hacked=1',
			' javascript:hacked=1',
			'java\tscript:hacked=1',
			'data:text/html,x',
			'vbscript:x',
		]) {
			expect(
				(await target.api('admin.apps.update', { input: { website: address }, headers })).status,
				address,
			).toBe(400);
			expect(
				(await target.api('admin.apps.update', { input: { theme: { termsUrl: address } }, headers })).status,
				address,
			).toBe(400);
			expect(
				(await target.api('admin.clients.update', { input: { id: 'web', website: address }, headers }))
					.status,
				address,
			).toBe(400);
			expect(
				(await target.api('admin.clients.update', { input: { id: 'web', redirectUris: [address] }, headers }))
					.status,
				address,
			).toBe(400);
		}
		const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="hacked=1"/>').toString('base64');
		expect((await target.api('admin.apps.uploadLogo', { input: { data: svg }, headers })).code).toBe(
			'image/not-supported',
		);
		const polyglot = Buffer.concat([
			Buffer.from('GIF89a/*'),
			Buffer.from('*/=1;<script>hacked=1</script>'),
		]).toString('base64');
		expect((await target.api('admin.apps.uploadLogo', { input: { data: polyglot }, headers })).code).toBe(
			'image/not-supported',
		);
	});
});

describe('D09: in a browser', () => {
	async function visit(page: Page, paths: readonly string[]): Promise<string[]> {
		const trouble: string[] = [];
		page.on('dialog', (dialog) => void dialog.dismiss().then(() => trouble.push(`dialog at ${page.url()}`)));
		page.on('console', (message) => {
			if (/Content.Security.Policy|Refused to|hacked/i.test(message.text()))
				trouble.push(`${page.url()}: ${message.text()}`);
		});
		page.on('request', (request) => {
			if (new URL(request.url()).origin !== target.origin && !request.url().startsWith('data:'))
				trouble.push(`${page.url()} asked for ${request.url()}`);
		});
		for (const path of paths) {
			await page.goto(target.origin + path, { waitUntil: 'load' });
			if (await page.evaluate(() => 'hacked' in globalThis)) trouble.push(`ran at ${path}`);
			const strange = await page.locator('img[src="x"], svg[onload], b.xss').count();
			if (strange > 0) trouble.push(`became an element at ${path}`);
		}
		return trouble;
	}
	const pagesOf = (paths: readonly string[]) =>
		paths.filter((path) => !/__data|find\?|theme\.css/.test(path));

	it('nothing runs, no policy is violated and no file is missing on public pages', async () => {
		const page = await (await browser.newContext({ locale: 'en' })).newPage();
		const missing: string[] = [];
		page.on('response', (response) => {
			if (response.status() >= 400 && response.request().resourceType() !== 'document')
				missing.push(`${response.status()} ${response.url()}`);
		});
		expect(await visit(page, pagesOf(open))).toEqual([]);
		expect(missing).toEqual([]);
	}, 180_000);

	it('nor on those of a person who signs in for a client', async () => {
		const page = await (await browser.newContext({ locale: 'en' })).newPage();
		await page.goto(target.origin + authorize);
		const watched = visit(page, []);
		await page.locator('[name=identifier]').fill('alice');
		await page.locator('[name=password]').fill(password);
		await page.locator('main form button').last().click();
		await page.waitForURL(/\/consent/);
		expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
		expect(await page.locator('img[src="x"], svg[onload], b.xss').count()).toBe(0);
		expect(await page.locator('body').innerText()).toContain(payloads[1] ?? '');
		expect([...(await watched), ...(await visit(page, pagesOf(personal)))]).toEqual([]);
	}, 180_000);

	it('nor on those of an operator', async () => {
		const context = await browser.newContext({ locale: 'en' });
		const [pair = ''] = (await target.owner()).split('; ');
		await context.addCookies([
			{ name: pair.split('=')[0] ?? '', value: pair.slice(pair.indexOf('=') + 1), url: target.origin },
		]);
		expect(await visit(await context.newPage(), pagesOf(console_))).toEqual([]);
	}, 180_000);
});
