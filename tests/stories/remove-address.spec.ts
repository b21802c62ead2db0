/** Taking one's own email or phone number off the account, with and without JavaScript; and why it has to stay. */
import { expect, test, type Browser, type Page } from '@playwright/test';
import type { RunningAppliance } from '../appliance';
import { isFine, onSmallPhones } from './fine-page';
import { freshPage, openMailbox, password, signInByPassword, startWithVendors } from './vendor-story';

let appliance: RunningAppliance;
const on = { enabled: true };
const connectors = { password: on, sms: on, email: on };

const person = (username: string, phone: string) => ({
	username,
	email: `${username}@example.com`,
	emailVerified: true,
	phone,
	phoneVerified: true,
	password,
});

test.beforeAll(async () => {
	const nameless = { phone: '13800138009', phoneVerified: true, password };
	appliance = await startWithVendors([
		{
			id: 4,
			name: 'Demo',
			connectors,
			users: [person('alice', '13800138001'), person('bob', '13800138002'), nameless],
		},
		{
			id: 5,
			name: 'Phones first',
			requireVerified: ['phone'],
			connectors,
			users: [person('dave', '13800138005')],
		},
		{ id: 6, name: 'Without codes', connectors: { password: on }, users: [person('erin', '13800138006')] },
	]);
});
test.afterAll(() => appliance.stop());

const at = (path: string, app = 4): string => `${appliance.origin}/apps/${app}${path}`;

async function signIn(page: Page, identifier: string, app = 4): Promise<void> {
	await page.goto(at('/sign-in', app));
	await signInByPassword(page, identifier);
	await expect(page).toHaveURL(at('/account', app));
}

async function remove(page: Page, what: string, secret = password): Promise<void> {
	const form = page.locator('form[action$=removeAddress]').filter({ hasText: what });
	const opener = page.locator('summary').filter({ hasText: what });
	if (!(await form.isVisible())) await opener.click();
	await form.locator('[name=password]').fill(secret);
	await form.getByRole('button', { name: what }).click();
}

/** Asks for a code at the sign-in page, and comes in with it. @returns the page that it opened */
async function comeInByCode(browser: Browser, email: string): Promise<Page> {
	const outbox = await openMailbox(browser, { origin: appliance.origin, app: 4 });
	const page = await freshPage(browser);
	await page.goto(at('/sign-in?with=email'));
	await page.locator('[name=email]').fill(email);
	await page.getByRole('button', { name: 'Send code' }).click();
	await expect(page.getByText(email)).toBeVisible();
	// The newest message is the code: what was told of the removal is no code.
	const { code } = await outbox.read(email);
	await page.locator('[name=code]').fill(code);
	await expect(page).toHaveURL(at('/account'));
	return page;
}

for (const [javaScriptEnabled, name] of [
	[true, 'alice'],
	[false, 'bob'],
] as const)
	test(`both go, once the password was typed; a code opens the account no more; JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async ({
		browser,
	}) => {
		const context = await browser.newContext({ javaScriptEnabled, locale: 'en-GB' });
		const page = await context.newPage();
		await signIn(page, name);
		await remove(page, 'Remove the email', 'not-the-password');
		const form = page.locator('form[action$=removeAddress]').filter({ hasText: 'Remove the email' });
		await expect(form.locator('[name=password]')).toHaveAttribute('aria-invalid', 'true');
		await expect(page.getByText(`${name}@example.com`)).toBeVisible();
		await remove(page, 'Remove the email');
		await expect(page.getByText('The email was removed.')).toBeVisible();
		await expect(page.getByText('There is no email on this account yet.')).toBeVisible();
		const outbox = await openMailbox(browser, { origin: appliance.origin, app: 4 });
		expect((await outbox.read(`${name}@example.com`)).text).toContain('no longer has it');
		await remove(page, 'Remove phone number');
		await expect(page.getByText('The phone number was removed.')).toBeVisible();
		await expect(page.getByText('This account has no phone number yet.')).toBeVisible();

		// Whoever reads that mailbox is somebody new.
		const other = await comeInByCode(browser, `${name}@example.com`);
		await expect(other.getByText(`${name}@example.com`)).toBeVisible();
		await expect(other.getByLabel('Username')).toHaveCount(0);
		await signIn(await freshPage(browser), name);
	});

test('the last way in stays, and the page says why', async ({ page }) => {
	await signIn(page, '13800138009');
	await expect(page.getByText('without it there is no way to sign in to this account')).toBeVisible();
	await expect(page.locator('summary').filter({ hasText: 'Remove' })).toHaveCount(0);
	const forced = await page.request.post(at('/account?/removeAddress'), {
		form: { identifier: 'phone', password },
		headers: { origin: appliance.origin, accept: 'text/html' },
	});
	expect(forced.status()).toBe(409);
	await page.getByRole('link', { name: 'Add another way to sign in' }).click();
	await expect(page).toHaveURL(at('/account/security'));
});

test('what the app wants of everybody stays, and the page says so', async ({ page }) => {
	await signIn(page, 'dave', 5);
	await expect(page.getByText('Phones first asks everybody for one')).toBeVisible();
	await remove(page, 'Remove the email');
	await expect(page.getByText('The email was removed.')).toBeVisible();
});

test('a number goes also where no code reaches numbers any more', async ({ page }) => {
	await signIn(page, 'erin', 6);
	await expect(page.getByText('Change phone number')).toHaveCount(0);
	await remove(page, 'Remove phone number');
	await expect(page.getByText('The phone number was removed.')).toBeVisible();
	await page.reload();
	await expect(page.getByRole('region', { name: 'Phone', exact: true })).toHaveCount(0);
});

test('the page is accessible on a small phone, in both languages', async ({ browser }) => {
	await onSmallPhones(browser, async (page) => {
		await page.goto(at('/sign-in', 5));
		await page.locator('[name=identifier]').fill('dave');
		await page.locator('[name=password]').fill(password);
		await page.locator('[name=password]').press('Enter');
		await expect(page).toHaveURL(at('/account', 5));
		for (const opener of await page.locator('summary').all()) await opener.click();
		await isFine(page);
	});
});
