/** Ways in on behalf of a client that waits: by a vendor, by a code and by its link, each ends at the client; with and without JavaScript. */
import { expect, test, type Page } from '@playwright/test';
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startEmulator as startGithub } from '../../plugins/github/emulator';
import { startEmulator as startWechat } from '../../plugins/wechat-web/emulator';
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import type { RunningAppliance } from '../appliance';
import { connectorsOf, openMailbox, password, signInByPassword, startWithVendors } from './vendor-story';

let appliance: RunningAppliance;
let party: Server;
let redirectUri: string;
let vendors: Record<string, Emulator>;

test.beforeAll(async () => {
	party = createServer((_req, res) =>
		res.setHeader('content-type', 'text/html').end('<link rel="icon" href="data:,"><h1>Arrived</h1>'),
	);
	await new Promise<void>((listening) => party.listen(0, '127.0.0.1', listening));
	redirectUri = `http://127.0.0.1:${(party.address() as AddressInfo).port}/cb`;
	vendors = { github: await startGithub(), 'wechat-web': await startWechat() };
	const on = { enabled: true };
	appliance = await startWithVendors(
		[
			{
				id: 4,
				name: 'Demo',
				connectors: {
					password: on,
					email: { enabled: true, config: { link: true } },
					...connectorsOf(vendors),
				},
				clients: [{ id: 'web', name: 'Demo web', redirectUris: [redirectUri] }],
				users: [{ username: 'alice', email: 'alice@example.com', emailVerified: true, password }],
			},
			{
				id: 5,
				name: 'Third parties only',
				systemAccounts: false,
				connectors: { password: on, ...connectorsOf({ github: vendors['github'] as Emulator }) },
			},
		],
		vendors,
	);
});
test.afterAll(async () => {
	party.close();
	await appliance.stop();
	await Promise.all(Object.values(vendors).map((vendor) => vendor.close()));
});

function requestOf(more: Record<string, string> = {}): string {
	const challenge = createHash('sha256').update(randomBytes(32).toString('base64url')).digest('base64url');
	const query = new URLSearchParams({
		client_id: 'web',
		redirect_uri: redirectUri,
		response_type: 'code',
		scope: 'openid',
		state: 's',
		code_challenge: challenge,
		code_challenge_method: 'S256',
		...more,
	});
	return `${appliance.origin}/apps/4/oidc/auth?${query.toString()}`;
}

/** Consent is asked where it was not given before. */
async function hasArrived(page: Page): Promise<void> {
	await expect(page).toHaveURL(/\/consent$|\/cb\?/);
	if (page.url().endsWith('/consent')) await page.locator('[name=decision][value=allow]').click();
	await expect(page).toHaveURL(/\/cb\?code=[\w-]+/);
}

for (const javaScriptEnabled of [true, false])
	test.describe(`with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
		test.use({ javaScriptEnabled });

		test('a vendor leads back to the client, at the first sign-in and at each one after it', async ({
			page,
		}) => {
			await page.goto(requestOf());
			await page.getByRole('button', { name: 'Continue with GitHub' }).click();
			await page.getByRole('link', { name: 'Approve as Mei' }).click();
			if (javaScriptEnabled) {
				await expect(page).toHaveURL(/\/interaction\/[^/]+\/connect#?$/);
				await page.getByRole('button', { name: 'Create an account' }).click();
			}
			await hasArrived(page);
			// Signed in already, and asked for a fresh proof all the same.
			await page.goto(requestOf({ prompt: 'login' }));
			await page.getByRole('button', { name: 'Continue with GitHub' }).click();
			await page.getByRole('link', { name: 'Approve as Mei' }).click();
			await hasArrived(page);
		});

		test('a person who cancels at the vendor may choose another way to the client', async ({ page }) => {
			await page.goto(requestOf());
			await page.getByRole('button', { name: 'Continue with GitHub' }).click();
			await page.getByRole('link', { name: 'Cancel' }).click();
			await expect(page.getByRole('status').first()).toContainText('Cancelled at GitHub');
			await signInByPassword(page, 'alice');
			await hasArrived(page);
		});

		test('a person who comes to create an account finds the vendors there too', async ({ page }) => {
			await page.goto(requestOf());
			await page.getByRole('link', { name: 'Create an account' }).click();
			await expect(page.locator('[name=username]')).toBeVisible();
			await page.getByRole('button', { name: 'Continue with GitHub' }).click();
			await page.getByRole('link', { name: 'Cancel' }).click();
			await expect(page.getByRole('status').first()).toContainText('Cancelled at GitHub');
			await page.goto(`${appliance.origin}/apps/5/register`);
			await expect(page.locator('[name=username]')).toHaveCount(0);
			await page.getByRole('button', { name: 'Continue with GitHub' }).click();
			await page.getByRole('link', { name: 'Approve as Mei' }).click();
			await expect(page).toHaveURL(/\/apps\/5\/(connect|account)#?$/);
			if (javaScriptEnabled) {
				await page.getByRole('button', { name: 'Create an account' }).click();
				await expect(page).toHaveURL(`${appliance.origin}/apps/5/account`);
			}
		});

		test('a new account does not get the external account that an earlier person left waiting', async ({
			page,
		}) => {
			const waiting = async () =>
				(await page.context().cookies()).some(({ name, value }) => name.includes('linking') && value);
			const account = `${appliance.origin}/apps/4`;
			const leaveWaiting = async () => {
				await page.goto(`${account}/sign-in`);
				await page.getByRole('button', { name: 'Continue with WeChat' }).click();
				await page.getByRole('link', { name: 'Approve as Li' }).click();
				await page.getByRole('button', { name: 'Link an account I have' }).click();
				await expect(page.getByRole('status').first()).toContainText('will be linked');
				expect(await waiting()).toBe(true);
			};
			await leaveWaiting();
			await page.goto(`${account}/register`);
			expect(await waiting()).toBe(false);
			await page.goto(`${account}/sign-in`);
			await expect(page.getByText('will be linked')).toHaveCount(0);
			// The page was open before the other one came.
			await page.goto(`${account}/register`);
			const before = await page.context().newPage();
			await before.goto(`${account}/register`);
			await leaveWaiting();
			await before.locator('[name=username]').fill(javaScriptEnabled ? 'next-on' : 'next-off');
			await before.locator('[name=password]').fill(password);
			await before.getByRole('button', { name: 'Create account' }).click();
			await expect(before).toHaveURL(`${account}/account`);
			expect(await waiting()).toBe(false);
			await before.goto(`${account}/account/security`);
			await before.locator('summary').filter({ hasText: 'Link another account' }).click();
			await expect(before.getByRole('button', { name: 'Link WeChat' })).toBeVisible();
			await expect(before.locator('summary').filter({ hasText: 'Unlink' })).toHaveCount(0);
		});

		test('a person who comes to create an account may do so by a code', async ({ page, browser }) => {
			const outbox = await openMailbox(browser, { origin: appliance.origin, app: 4 });
			const email = `joins-${javaScriptEnabled ? 'on' : 'off'}@example.com`;
			await page.goto(requestOf());
			await page.getByRole('link', { name: 'Create an account' }).click();
			await page.getByRole('link', { name: 'Code by email' }).click();
			await page.locator('[name=email]').fill(email);
			await page.getByRole('button', { name: 'Send code' }).click();
			await expect(page).toHaveURL(/\/interaction\/[^/]+\/code$/);
			await page.goto((await outbox.read(email)).link);
			await page.getByRole('button', { name: 'Sign in' }).click();
			await hasArrived(page);
			await page.goto(`${appliance.origin}/apps/5/register`);
			await expect(page.getByRole('link', { name: /^Code by/ })).toHaveCount(0);
		});

		test('the link of a mail goes on to the client that waits', async ({ page, browser }) => {
			const outbox = await openMailbox(browser, { origin: appliance.origin, app: 4 });
			const email = `waits-${javaScriptEnabled ? 'on' : 'off'}@example.com`;
			await page.goto(requestOf());
			await page.getByRole('link', { name: 'Code by email' }).click();
			await page.locator('[name=email]').fill(email);
			await page.getByRole('button', { name: 'Send code' }).click();
			await expect(page).toHaveURL(/\/interaction\/[^/]+\/code$/);
			await page.goto((await outbox.read(email)).link);
			await page.getByRole('button', { name: 'Sign in' }).click();
			await hasArrived(page);
		});
	});

test('an account that is linked on the way signs in at the client from then on', async ({
	page,
	browser,
}) => {
	await page.goto(requestOf());
	await page.getByRole('button', { name: 'Continue with GitHub' }).click();
	await page.getByRole('link', { name: 'Approve as Li' }).click();
	await page.getByRole('button', { name: 'Link an account I have' }).click();
	await signInByPassword(page, 'alice');
	await hasArrived(page);
	const later = await (await browser.newContext()).newPage();
	await later.goto(requestOf());
	await later.getByRole('button', { name: 'Continue with GitHub' }).click();
	await later.getByRole('link', { name: 'Approve as Li' }).click();
	await hasArrived(later);
	await later.goto(`${appliance.origin}/apps/4/account`);
	await expect(later.getByLabel('Username')).toHaveValue('alice');
});

test('inside WeChat its own way comes first, and goes by the official account', async ({ browser }) => {
	const userAgent = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) Mobile Safari/537.36 MicroMessenger/8.0.47';
	const page = await (await browser.newContext({ userAgent })).newPage();
	await page.goto(requestOf());
	await expect(page.locator('main form button').first()).toHaveText('Continue with WeChat');
	await page.locator('main form button').first().click();
	await expect(page).toHaveURL(/\/connect\/oauth2\/authorize/);
	await page.getByRole('link', { name: 'Approve as Mei' }).click();
	await page.getByRole('button', { name: 'Create an account' }).click();
	await hasArrived(page);
});
