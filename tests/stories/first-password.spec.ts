/**
 * A person who came by a vendor sets a password; and what is shown when the vendor, or the redirect to it, fails.
 */
import { expect, test } from '@playwright/test';
import { startEmulator as startGithub } from '../../plugins/github/emulator';
import { startEmulator as startOidc } from '../../plugins/oidc/emulator';
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import type { RunningAppliance } from '../appliance';
import { connectorsOf, password, signInByPassword, signOut, startWithVendors } from './vendor-story';

let appliance: RunningAppliance;
let github: Emulator;
let oidc: Emulator;
const at = (path: string) => `${appliance.origin}/apps/4${path}`;

test.beforeAll(async () => {
	[github, oidc] = await Promise.all([startGithub(), startOidc()]);
	const named = { enabled: true, config: { ...oidc.config, shownName: 'Acme SSO' } };
	const connectors = {
		password: { enabled: true },
		webid: { enabled: true },
		...connectorsOf({ github }),
		oidc: named,
	};
	appliance = await startWithVendors([{ id: 4, name: 'Shop', connectors }], { github, oidc });
});
test.afterAll(async () => {
	await appliance.stop();
	await Promise.all([github.close(), oidc.close()]);
});

test('a user without a password sets one with a username beside it, and signs in by both', async ({
	page,
}) => {
	await page.goto(at('/sign-in'));
	await page.getByRole('button', { name: 'Continue with GitHub' }).click();
	await page.getByRole('link', { name: 'Approve as Li' }).click();
	await page.getByRole('button', { name: 'Create an account' }).click();
	await page.waitForURL(at('/account'));
	await page.goto(at('/account/security'));
	const form = page.locator('form[action$="changePassword"]');
	await expect(form.getByLabel('Current password')).toHaveCount(0);
	await expect(form.getByText('Forgot password?')).toHaveCount(0);
	await form.locator('[name=username]').fill('138-0013-8000');
	await form.locator('[name=newPassword]').fill(password);
	await form.getByRole('button', { name: 'Set a password' }).click();
	await expect(form.getByText('no phone number')).toBeVisible();
	await form.locator('[name=username]').fill('li-of-github');
	await form.locator('[name=newPassword]').fill(password);
	await form.getByRole('button', { name: 'Set a password' }).click();
	await expect(page.getByText('The password was set.')).toBeVisible();
	await expect(form.locator('[name=password]')).toBeVisible();
	await expect(form.locator('[name=username]')).toHaveCount(0);
	await signOut(page, at('/account'));
	await page.goto(at('/sign-in'));
	await signInByPassword(page, 'li-of-github');
	await page.waitForURL(at('/account'));
});

test('a code that the vendor refuses is explained as such', async ({ page }) => {
	github.fail('bad_verification_code');
	await page.goto(at('/sign-in'));
	await page.getByRole('button', { name: 'Continue with GitHub' }).click();
	await page.getByRole('link', { name: 'Approve as Li' }).click();
	await expect(page.getByText('The provider did not accept this sign-in.')).toBeVisible();
	github.reset();
});

test('an invalid WebID is reported at its field', async ({ page }) => {
	await page.goto(at('/sign-in'));
	await page.getByRole('link', { name: 'Continue with WebID (Solid)' }).click();
	await page.locator('[name=identifier]').fill('not a webid!!');
	await page.getByRole('button', { name: 'Continue with WebID (Solid)' }).click();
	await expect(page.getByText('https://name.example.com')).toBeVisible();
	await expect(page.locator('[name=identifier]')).toHaveValue('not a webid!!');
	await expect(page.locator('[name=identifier]')).toHaveAttribute('aria-invalid', 'true');
});

test('a button has the name that the operator chose', async ({ page }) => {
	await page.goto(at('/sign-in'));
	await expect(page.getByRole('button', { name: 'Continue with Acme SSO' })).toBeVisible();
});
