/** Linking a mini program in the account centre by scanning, with and without JavaScript; and when it does not come to that. */
import { expect, test, type Browser, type Page } from '@playwright/test';
import { startEmulator, type MiniProgramEmulator } from '../../plugins/wechat-miniprogram/emulator';
import type { RunningAppliance } from '../appliance';
import { isFine, onSmallPhones } from './fine-page';
import { connectorsOf, password, signInByPassword, startWithVendors } from './vendor-story';

let appliance: RunningAppliance;
let wechat: MiniProgramEmulator;
const connector = 'wechat-miniprogram';

test.beforeAll(async () => {
	wechat = await startEmulator();
	const connectors = { password: { enabled: true }, ...connectorsOf({ [connector]: wechat }) };
	const users = ['alice', 'bob', 'carol'].map((username) => ({ username, password }));
	appliance = await startWithVendors(
		[4, 5].map((id) => ({ id, name: 'Demo', externalSignUp: 'auto', connectors, users })),
		{ [connector]: wechat },
	);
});
test.afterEach(() => wechat.fail());
test.afterAll(async () => {
	await appliance.stop();
	await wechat.close();
});

const at = (path: string, app = 4): string => `${appliance.origin}/apps/${app}${path}`;
const keyOnTheCode = (): string => new URLSearchParams(wechat.drawn.at(-1)).get('signinKey') ?? '';

type Call = (procedure: string, input: object) => Promise<{ status: number; text: string }>;

async function phoneOf(browser: Browser, app = 4): Promise<Call> {
	const headers = { 'menshen-app': String(app) };
	const { request } = await browser.newContext({ extraHTTPHeaders: headers });
	return async (procedure, data) => {
		const answer = await request.post(`${appliance.origin}/trpc/${procedure}`, { data });
		return { status: answer.status(), text: await answer.text() };
	};
}

async function signIn(page: Page, username: string, app = 4): Promise<void> {
	await page.goto(at('/sign-in?with=password', app));
	await signInByPassword(page, username);
	await expect(page).toHaveURL(at('/account', app));
}

/** The form is sent: what comes next is the code, or why there is none. */
async function ask(page: Page, app = 4): Promise<void> {
	await page.goto(at('/account/security', app));
	await page.locator('summary').filter({ hasText: 'Link another account' }).click();
	await page.locator('#link-password').fill(password);
	await page.getByRole('button', { name: /^Link .*mini program/i }).click();
}

/** @returns the key that the phone reads */
async function show(page: Page, app = 4): Promise<string> {
	await ask(page, app);
	await expect(page.getByRole('heading', { name: 'Scan to link' })).toBeVisible();
	const picture = page.locator('.scan-code img');
	await expect
		.poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0))
		.toBe(true);
	return keyOnTheCode();
}

for (const [javaScriptEnabled, username, who] of [
	[true, 'alice', 'mei'],
	[false, 'bob', 'li'],
] as const)
	test(`linked by a scan, signed in by a scan, unlinked; JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async ({
		browser,
	}) => {
		const phone = await phoneOf(browser);
		const page = await (await browser.newContext({ javaScriptEnabled, locale: 'en-GB' })).newPage();
		await signIn(page, username);
		const key = await show(page);
		const opened = await phone('auth.scan.open', { key });
		expect(opened.text).toContain('"purpose":"link"');
		expect(opened.text).toContain(await page.locator('main strong').innerText());
		expect((await phone('auth.scan.confirm', { key, ticket: wechat.login(who) })).status).toBe(200);
		if (!javaScriptEnabled) await page.getByRole('button', { name: /I have confirmed|Continue/ }).click();
		await expect(page).toHaveURL(at('/account/security'));
		await expect(page.getByText('mini program is linked')).toBeVisible();
		await expect(page.locator('summary').filter({ hasText: 'Link another account' })).toHaveCount(0);

		const elsewhere = await (await browser.newContext({ javaScriptEnabled, locale: 'en-GB' })).newPage();
		await elsewhere.goto(at('/sign-in'));
		await elsewhere.getByRole('button', { name: /Scan with/ }).click();
		await expect(elsewhere.locator('.scan-code img')).toBeVisible();
		await phone('auth.scan.confirm', { key: keyOnTheCode(), ticket: wechat.login(who) });
		if (!javaScriptEnabled)
			await elsewhere.getByRole('button', { name: /I have confirmed|Continue/ }).click();
		await expect(elsewhere).toHaveURL(at('/account'));
		await expect(elsewhere.getByLabel('Username')).toHaveValue(username);

		await page.locator('summary').filter({ hasText: 'Unlink' }).click();
		await page.locator('form[action$=unlink] [name=password]').fill(password);
		await page.locator('form[action$=unlink]').getByRole('button', { name: 'Unlink' }).click();
		await expect(page.getByText('The account was unlinked.')).toBeVisible();
		await expect(page.locator('summary').filter({ hasText: 'Link another account' })).toBeVisible();
	});

test('declined on the phone, nothing is linked', async ({ page, browser }) => {
	const phone = await phoneOf(browser);
	await signIn(page, 'carol');
	await phone('auth.scan.deny', { key: await show(page) });
	await expect(page.getByText('Nothing was linked.')).toBeVisible();
	await page.getByRole('link', { name: 'Back to the account' }).click();
	await expect(page).toHaveURL(at('/account/security'));
	await expect(page.getByText('None yet.')).toBeVisible();
});

test('the code may be left; the code to sign in is another one', async ({ page }) => {
	await signIn(page, 'carol');
	await show(page);
	await page.goto(at('/scan'));
	await expect(page).toHaveURL(at('/sign-in'));
	await show(page);
	await page.getByRole('link', { name: 'Do not link' }).click();
	await expect(page).toHaveURL(at('/account/security'));
});

test('a vendor that draws nothing, or a wrong password, is told in the form', async ({ page }) => {
	await signIn(page, 'carol');
	wechat.fail('down');
	await ask(page);
	await expect(page.getByRole('alert')).toBeVisible();
	wechat.fail();
	await page.locator('#link-password').fill('not-the-password');
	await page.getByRole('button', { name: /^Link .*mini program/i }).click();
	await expect(page.locator('#link-password')).toHaveAttribute('aria-invalid', 'true');
});

test('a ticket that the vendor refuses links nothing; somebody else’s account is told', async ({
	page,
	browser,
}) => {
	const phone = await phoneOf(browser, 5);
	await signIn(page, 'alice', 5);
	let key = await show(page, 5);
	expect((await phone('auth.scan.confirm', { key, ticket: 'made-up' })).status).toBe(400);
	await phone('auth.scan.confirm', { key, ticket: wechat.login('mei') });
	await expect(page.getByText('mini program is linked')).toBeVisible();
	const other = await (await browser.newContext({ locale: 'en-GB' })).newPage();
	await signIn(other, 'bob', 5);
	key = await show(other, 5);
	await phone('auth.scan.confirm', { key, ticket: wechat.login('mei') });
	await expect(other).toHaveURL(at('/account/security', 5));
	await expect(other.getByRole('alert')).toContainText('linked to another account already');
	await expect(other.getByText('None yet.')).toBeVisible();
});

test('the code is accessible on a small phone, in both languages', async ({ browser }) => {
	await onSmallPhones(browser, async (page) => {
		await page.goto(at('/sign-in?with=password'));
		await page.locator('[name=identifier]').fill('carol');
		await page.locator('[name=password]').fill(password);
		await page.locator('[name=password]').press('Enter');
		await expect(page).toHaveURL(at('/account'));
		await page.goto(at('/account/security'));
		await page.locator('summary:has(~ * form[action$=link])').first().click();
		await page.locator('#link-password').fill(password);
		await page.locator(`button[value=${connector}]`).click();
		await expect(page).toHaveURL(at('/account/security/scan'));
		await isFine(page);
	});
});
