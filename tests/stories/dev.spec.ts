/**
 * `npm run dev` as a newcomer has it: the app with live reload, every vendor on this machine, each way in usable.
 * The look of the pages is covered by the other stories; here posts and redirects are enough, and quicker.
 */
import { expect, test } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort, owner } from '../appliance';
import { Browser, type Page } from '../conformance/browser';
import { openMailbox, password } from './vendor-story';

const root = resolve(import.meta.dirname, '../..');
let folder: string;
let origin: string;
let dev: ChildProcess;
let printed = '';

test.setTimeout(480_000);
test.beforeAll(async () => {
	test.setTimeout(480_000);
	folder = mkdtempSync(join(tmpdir(), 'menshen-dev-'));
	const port = String(await freePort());
	origin = `http://localhost:${port}`;
	dev = spawn(process.execPath, ['scripts/dev.mjs'], {
		cwd: root,
		env: {
			...process.env,
			NODE_ENV: 'development',
			PORT: port,
			DEV_FOLDER: folder,
			SMTP_PORT: String(await freePort()),
			OPERATOR_EMAIL: owner.email,
			OPERATOR_PASSWORD: owner.password,
		},
	});
	for (const stream of [dev.stdout, dev.stderr])
		stream?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
	await expect
		.poll(
			() =>
				fetch(`${origin}/readyz`).then(
					({ ok }) => ok,
					() => false,
				),
			{ timeout: 400_000 },
		)
		.toBe(true);
});
test.afterAll(async () => {
	const gone = once(dev, 'exit');
	dev.kill('SIGTERM');
	await gone;
	rmSync(folder, { recursive: true, force: true });
});

const at = (path: string): string => `${origin}/apps/1${path}`;
/** The address in a line of the terminal. */
const told = (name: string): string => new RegExp(`^ *${name} +(http\\S+)`, 'm').exec(printed)?.[1] ?? '';
const isIn = ({ url, status }: Page) => expect([url.href, status]).toEqual([at('/account'), 200]);
const plain = (text: string) => text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));

/** What a page posts by itself to lead back. */
function formOn(body: string): { action: string; fields: Record<string, string> } {
	const inputs = [...body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
	return {
		action: plain(/action="([^"]+)"/.exec(body)?.[1] ?? ''),
		fields: Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, plain(value)])),
	};
}

/** At the vendor's page. @returns ours, that the vendor led back to */
async function approve(browser: Browser, left: Page, person: string): Promise<Page> {
	const page = await fetch(left.url);
	const link = new RegExp(`href="([^"]+)">Approve as ${person}<`).exec(await page.text())?.[1] ?? '';
	const to = new URL(plain(link), left.url);
	if (to.origin === origin) return browser.open(to);
	const answer = await fetch(to, { redirect: 'manual' });
	const location = answer.headers.get('location');
	if (location) return browser.open(location);
	const { action, fields } = formOn(await answer.text());
	return browser.open(action, fields);
}

const connectors = [
	...['wechat-web', 'dingtalk', 'github', 'google', 'oidc', 'qq', 'weibo'],
	...['facebook', 'alipay', 'apple', 'webid'],
];

test('each vendor is offered, and leads to an account', async () => {
	for (const connector of connectors) {
		const browser = new Browser(origin);
		const page = await browser.open(at('/sign-in'));
		expect(page.body).toMatch(new RegExp(`value="${connector}"|with=${connector}`));
		const left = await browser.open(at('/sign-in'), { connector, identifier: told('WebID') });
		expect([connector, left.left]).toEqual([connector, true]);
		const back = await approve(browser, left, 'Mei');
		expect([connector, back.url.pathname]).toEqual([connector, '/apps/1/connect']);
		isIn(await browser.open(back.url, { decision: 'join' }));
	}
});

test('what is scanned, and what apps and mini programs bring', async () => {
	const browser = new Browser(origin);
	const shown = await browser.open(at('/sign-in'), { connector: 'wechat-miniprogram' });
	expect(shown.url.href).toBe(at('/scan'));
	const phone = async (text: string) => {
		const page = await (await fetch(told('phone'))).text();
		const form = page.split('<form').find((each) => each.includes(`>${text}<`)) ?? '';
		const body = new URLSearchParams(formOn(form).fields);
		return plain(await (await fetch(told('phone'), { method: 'POST', body })).text());
	};
	expect(await phone('Confirm as Li')).toContain('auth.scan.confirm: 200');
	const asked = await browser.open(at('/scan'), { step: 'collect' });
	isIn(await browser.open(asked.url, { decision: 'join' }));
	for (const connector of ['wechat-app', 'wechat-miniprogram', 'dingtalk', 'alipay', 'apple'])
		expect(await phone(`${connector}: sign in as Li`)).toMatch(
			/auth\.signInWithTicket: 200 .*"status":"(ask|signed-in)"/,
		);
});

test('a password, a code by mail, a code by text, a guest', async ({ browser: chromium }) => {
	const begin = (fields: Record<string, string>) => {
		const browser = new Browser(origin);
		return { browser, arrived: browser.open(at('/sign-in'), fields) };
	};
	isIn(await begin({ identifier: 'alice', password }).arrived);
	isIn(await begin({ connector: 'guest' }).arrived);

	const byMail = begin({ connector: 'email', email: 'newcomer@example.com' });
	const mailPage = await byMail.arrived;
	const mailed = () => /to newcomer@example\.com[^]*?\b(\d{6})\b/.exec(printed)?.[1] ?? '';
	await expect.poll(mailed).not.toBe('');
	isIn(await byMail.browser.open(mailPage.url, { code: mailed() }));

	const outbox = await openMailbox(chromium, { origin, app: 1 });
	const byText = begin({ connector: 'sms', phone: '138 0013 8000', country: 'CN' });
	const textPage = await byText.arrived;
	const { code } = await outbox.read('+8613800138000');
	isIn(await byText.browser.open(textPage.url, { code }));
});

test('the scripts of the page run: a passkey is offered', async ({ page }) => {
	await page.goto(at('/sign-in'));
	await expect(page.getByRole('button', { name: 'Sign in with a passkey' })).toBeVisible();
});
