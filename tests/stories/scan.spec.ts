/** Signing in by a mini program: the code on the page, a phone that confirms or declines, with and without JavaScript. */
import { expect, test, type APIRequestContext, type Browser, type Page } from '@playwright/test';
import { startEmulator, type MiniProgramEmulator } from '../../plugins/wechat-miniprogram/emulator';
import type { RunningAppliance } from '../appliance';
import { connectorsOf, startWithVendors } from './vendor-story';

let appliance: RunningAppliance;
let wechat: MiniProgramEmulator;
const connector = 'wechat-miniprogram';
const otherApp = 5;

test.beforeAll(async () => {
	wechat = await startEmulator();
	const app = (id: number, name: string) => ({
		id,
		name,
		externalSignUp: 'auto',
		connectors: { password: { enabled: true }, ...connectorsOf({ [connector]: wechat }) },
	});
	appliance = await startWithVendors([app(4, 'Demo'), app(otherApp, 'Elsewhere')], { [connector]: wechat });
});
test.afterAll(async () => {
	await appliance.stop();
	await wechat.close();
});

const at = (path: string): string => `${appliance.origin}/apps/4${path}`;

/** What WeChat was asked to draw last: the mini program reads it from the code. */
function keyOnTheCode(): string {
	const asked = wechat.calls.filter(({ url }) => url.pathname === '/wxa/getwxacodeunlimit').at(-1);
	const { scene = '' } = (asked?.json ?? {}) as { scene?: string };
	return new URLSearchParams(scene).get('signinKey') ?? new URLSearchParams(scene).get('signinkey') ?? scene;
}

interface Phone {
	call(procedure: string, input: object): Promise<{ status: number; text: string }>;
}

async function phoneOf(browser: Browser, app = 4): Promise<Phone> {
	const context = await browser.newContext({ extraHTTPHeaders: { 'menshen-app': String(app) } });
	const request: APIRequestContext = context.request;
	return {
		async call(procedure, data) {
			const answer = await request.post(`${appliance.origin}/trpc/${procedure}`, { data });
			return { status: answer.status(), text: await answer.text() };
		},
	};
}

async function show(page: Page): Promise<{ key: string; word: string }> {
	await page.goto(at('/sign-in'));
	await page.getByRole('button', { name: /Scan with/ }).click();
	const picture = page.locator('.scan-code img');
	await expect
		.poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0))
		.toBe(true);
	return { key: keyOnTheCode(), word: await page.locator('main strong').innerText() };
}

test('the page goes on by itself once the phone has confirmed; both show the same word', async ({
	page,
	browser,
}) => {
	const phone = await phoneOf(browser);
	const { key, word } = await show(page);
	expect((await phone.call('auth.scan.open', { key })).text).toContain(word);
	await expect(page.getByText('Scanned – now confirm on the phone')).toBeVisible();
	const confirmed = await phone.call('auth.scan.confirm', { key, ticket: wechat.login('mei') });
	expect(confirmed.status).toBe(200);
	await expect(page).toHaveURL(at('/account'));
	// The key is of no use any more.
	expect((await phone.call('auth.scan.confirm', { key, ticket: wechat.login('li') })).status).toBe(410);
});

test('declined on the phone, the page says so and shows another code', async ({ page, browser }) => {
	const phone = await phoneOf(browser);
	const { key } = await show(page);
	await phone.call('auth.scan.deny', { key });
	await expect(page.getByRole('heading', { name: 'Declined on the phone' })).toBeVisible();
	await page.getByRole('button', { name: 'Show a new code' }).click();
	await expect(page.getByRole('heading', { name: 'Scan to sign in' })).toBeVisible();
	expect(keyOnTheCode()).not.toBe(key);
});

for (const [what, failure, told] of [
	['refuses', '40029 invalid code', { status: 400, code: 'auth/not-accepted' }],
	['is down', 'down', { status: 503, code: 'plugin/provider-unavailable' }],
	['talks nonsense', 'nonsense', { status: 503, code: 'plugin/provider-unavailable' }],
] as const)
	test(`the vendor ${what} at the confirmation: the phone is told, and the page waits for another try`, async ({
		page,
		browser,
	}) => {
		const phone = await phoneOf(browser);
		const { key } = await show(page);
		await phone.call('auth.scan.open', { key });
		wechat.fail(failure);
		const refused = await phone.call('auth.scan.confirm', { key, ticket: wechat.login('mei') });
		wechat.fail();
		expect(refused.status).toBe(told.status);
		expect(refused.text).toContain(told.code);
		// No one gets signed in by further clicks; the links out stay.
		await page.getByRole('button', { name: 'I have confirmed' }).click();
		await expect(page).toHaveURL(at('/scan'));
		await expect(page.getByRole('status')).toHaveText('Scanned – now confirm on the phone');
		await expect(page.getByRole('link', { name: 'Use another way' })).toHaveAttribute(
			'href',
			/\/apps\/4\/sign-in/,
		);
		await page.goto(at('/account'));
		await expect(page).toHaveURL(/\/sign-in/);
		await page.goto(at('/scan'));
		// The same code takes another confirmation.
		expect((await phone.call('auth.scan.confirm', { key, ticket: wechat.login('mei') })).status).toBe(200);
		await expect(page).toHaveURL(at('/account'));
	});

test('the code of another app is of no use to a phone, and its page goes on waiting', async ({
	page,
	browser,
}) => {
	const stranger = await phoneOf(browser, otherApp);
	const { key } = await show(page);
	const tries = [
		['auth.scan.open', { key }],
		['auth.scan.confirm', { key, ticket: wechat.login('mei') }],
		['auth.scan.deny', { key }],
	] as const;
	for (const [procedure, input] of tries) {
		const { status, text } = await stranger.call(procedure, input);
		expect([procedure, status]).toEqual([procedure, 410]);
		expect(text).toContain('interaction/expired');
	}
	await page.reload();
	await expect(page.getByRole('status')).toContainText('Waiting for the scan');
	// Its own app's still takes it.
	const phone = await phoneOf(browser);
	expect((await phone.call('auth.scan.open', { key })).status).toBe(200);
	expect((await phone.call('auth.scan.confirm', { key, ticket: wechat.login('li') })).status).toBe(200);
	await expect(page).toHaveURL(at('/account'));
});

test('without JavaScript the page asks again, and a button goes on', async ({ browser }) => {
	const phone = await phoneOf(browser);
	const page = await (await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB' })).newPage();
	const { key } = await show(page);
	await expect(page.locator('meta[http-equiv=refresh]')).toHaveCount(1);
	await phone.call('auth.scan.open', { key });
	await phone.call('auth.scan.confirm', { key, ticket: wechat.login('li') });
	await page.getByRole('button', { name: /I have confirmed|Continue/ }).click();
	await expect(page).toHaveURL(at('/account'));
});

test('the key in the visible code does not collect the sign-in', async ({ page, browser }) => {
	const phone = await phoneOf(browser);
	const { key } = await show(page);
	expect((await phone.call('auth.scan.collect', { secret: key })).status).not.toBe(200);
	const stranger = await (await browser.newContext()).newPage();
	await stranger.goto(at(`/scan?key=${key}`));
	await expect(stranger.getByRole('heading', { name: 'This code is for an app' })).toBeVisible();
	await stranger.goto(at('/scan'));
	await expect(stranger).toHaveURL(at('/sign-in'));
});

test('a vendor that returns no code is reported on the sign-in page', async ({ page }) => {
	wechat.fail('down');
	await page.goto(at('/sign-in'));
	await page.getByRole('button', { name: /Scan with/ }).click();
	await expect(page.getByRole('alert')).toBeVisible();
	await expect(page.getByRole('link', { name: 'Password' })).toBeVisible();
	wechat.fail();
});
