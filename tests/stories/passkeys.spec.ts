/** Passkeys in a real browser, with Chromium's virtual authenticator (WebAuthn Level 3 §11). */
import { expect, test, type Page } from '@playwright/test';
import type { RunningAppliance } from '../appliance';
import { answerButton, noteAsked, plugIn, touch, type Device } from './authenticator';
import { openMailbox, password, signInByPassword, signOut, startWithVendors } from './vendor-story';

let appliance: RunningAppliance;

test.beforeAll(async () => {
	const on = { enabled: true };
	const user = (username: string) => ({
		username,
		email: `${username}@example.com`,
		emailVerified: true,
		password,
	});
	appliance = await startWithVendors([
		{
			id: 4,
			name: 'Demo',
			connectors: { password: on, passkey: on },
			users: ['alice', 'bob', 'carol'].map(user),
		},
	]);
});
test.afterAll(() => appliance.stop());

const at = (path: string): string => `${appliance.origin}/apps/4${path}`;

/** The offer in the field waits, untouched, when the button is pressed; only what the button asks for is answered. */
async function pressByButton(page: Page, device: Device, until: () => Promise<void>): Promise<void> {
	await touch(device, false);
	await page.goto(at('/sign-in'));
	await expect(page.locator('html[data-asked=field]')).toBeAttached();
	// An impatient press counts as one.
	await page.getByRole('button', { name: 'Sign in with a passkey' }).dblclick();
	await answerButton(page, device, { verified: true, until });
}

async function addKey(page: Page, name: string): Promise<void> {
	await page.goto(at('/account/security'));
	await page.locator('summary').filter({ hasText: 'Add a passkey' }).click();
	const form = page.locator('form[action$="beginPasskey"]');
	await form.locator('[name=name]').fill(name);
	await form.locator('[name=password]').fill(password);
	await form.getByRole('button', { name: 'Add a passkey' }).click();
	await expect(page.getByText('The passkey was added.')).toBeVisible();
	await expect(page.getByText(name, { exact: true })).toBeVisible();
}

test('a passkey is added, signs in without a name, is renamed and removed; its owner hears of it', async ({
	page,
	browser,
}) => {
	const outbox = await openMailbox(browser, { origin: appliance.origin, app: 4 });
	const device = await plugIn(page);
	await noteAsked(page);
	await page.goto(at('/sign-in'));
	await signInByPassword(page, 'alice');
	await addKey(page, 'Laptop');
	expect((await outbox.read('alice@example.com')).text).toContain('Laptop');
	// Offered in the name field: here it is picked at once.
	await signOut(page, at('/account'));
	await page.goto(at('/sign-in'));
	await expect(page).toHaveURL(at('/account'));
	await expect(page.getByLabel('Username')).toHaveValue('alice');
	// By the button, where it was not picked.
	await signOut(page, at('/account'));
	await pressByButton(page, device, () => expect(page).toHaveURL(at('/account')));
	await page.goto(at('/account/security'));
	await page.locator('summary').filter({ hasText: 'Rename' }).click();
	await page.locator('form[action$="renamePasskey"] [name=name]').fill('Work laptop');
	await page.locator('form[action$="renamePasskey"] button').click();
	await expect(page.getByText('Work laptop', { exact: true })).toBeVisible();
	await page.locator('summary').filter({ hasText: 'Remove' }).click();
	await page.locator('form[action$="removePasskey"] [name=password]').fill('not-the-password');
	await page.getByRole('button', { name: 'Remove', exact: true }).click();
	await expect(page.locator('form[action$="removePasskey"] [name=password]')).toHaveAttribute(
		'aria-invalid',
		'true',
	);
	await page.locator('form[action$="removePasskey"] [name=password]').fill(password);
	await page.getByRole('button', { name: 'Remove', exact: true }).click();
	await expect(page.getByText('The passkey was removed.')).toBeVisible();
	// The device still has it; here it opens nothing any more.
	await signOut(page, at('/account'));
	await pressByButton(page, device, () => expect(page.getByRole('alert')).toContainText('did not work here'));
	await expect(page.getByRole('button', { name: 'Sign in with a passkey' })).toBeVisible();
});

test('a person who closes the prompt sees that no passkey was used, and may try again', async ({ page }) => {
	const device = await plugIn(page);
	await noteAsked(page);
	await page.goto(at('/sign-in'));
	await signInByPassword(page, 'carol');
	await addKey(page, 'Laptop');
	await signOut(page, at('/account'));
	await touch(device, false);
	await page.goto(at('/sign-in'));
	await expect(page.locator('html[data-asked=field]')).toBeAttached();
	const told = page.getByText('No passkey was used. Try again, or use another way.');
	await expect(told).toBeHidden();
	const button = page.getByRole('button', { name: 'Sign in with a passkey' });
	await button.click();
	await answerButton(page, device, { verified: false, until: () => expect(told).toBeVisible() });
	await expect(page.getByRole('alert')).toHaveCount(0);
	await expect(page.locator('[name=identifier]')).toBeVisible();
	// Nobody is signed in. The field offers the passkey once more, and so does the button.
	await expect(page.locator('html[data-asked=field]')).toBeAttached();
	await button.click();
	await expect(told).toBeHidden();
	await answerButton(page, device, {
		verified: true,
		until: () => expect(page).toHaveURL(at('/account')),
	});
	await expect(page.getByLabel('Username')).toHaveValue('carol');
});

test('a wrong password makes no passkey, and one device makes no second', async ({ page }) => {
	await plugIn(page);
	await page.goto(at('/account/security'));
	await signInByPassword(page, 'bob');
	await page.goto(at('/account/security'));
	await page.locator('summary').filter({ hasText: 'Add a passkey' }).click();
	const form = page.locator('form[action$="beginPasskey"]');
	await form.locator('[name=name]').fill('Laptop');
	await form.locator('[name=password]').fill('not-the-password');
	await form.getByRole('button', { name: 'Add a passkey' }).click();
	await expect(form.locator('[name=password]')).toHaveAttribute('aria-invalid', 'true');
	await expect(page.getByText('None yet.').first()).toBeVisible();
	await addKey(page, 'Laptop');
	await page.reload();
	await page.locator('summary').filter({ hasText: 'Add a passkey' }).click();
	await form.locator('[name=name]').fill('Again');
	await form.locator('[name=password]').fill(password);
	await form.getByRole('button', { name: 'Add a passkey' }).click();
	await expect(page.getByText('No passkey was made.')).toBeVisible();
	await expect(page.getByText('Again', { exact: true })).toHaveCount(0);
});

test('without JavaScript no button is shown that could do nothing', async ({ browser }) => {
	const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
	await page.goto(at('/sign-in'));
	await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
	await expect(page.getByRole('button', { name: 'Sign in with a passkey' })).toHaveCount(0);
});
