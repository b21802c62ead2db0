/** Guests: let in by a button, known again by their browser, users once they choose to be; with and without JavaScript. */
import { expect, test, type Browser, type Page } from '@playwright/test';
import { startEmulator as startGithub } from '../../plugins/github/emulator';
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import { startRelyingParty, type RelyingParty } from '../relying-party';
import { freePort, type RunningAppliance } from '../appliance';
import { isFine, onSmallPhones } from './fine-page';
import { connectorsOf, password, signInByPassword, signOut, startWithVendors } from './vendor-story';

let appliance: RunningAppliance;
let party: RelyingParty;
let github: Emulator;
const guest = { password: { enabled: true }, guest: { enabled: true } };

test.beforeAll(async () => {
	github = await startGithub();
	const port = await freePort();
	const redirectUris = [`http://127.0.0.1:${port}/cb`];
	const apps = [
		{ id: 3, name: 'Closed', connectors: { password: { enabled: true } } },
		{
			id: 4,
			name: 'Demo',
			connectors: { ...guest, ...connectorsOf({ github }) },
			defaultRole: 'member',
			roles: [{ id: 'member', name: 'Member', permissions: [] }],
			clients: [{ id: 'web', name: 'Demo web', redirectUris }],
			users: [{ username: 'alice', password }],
		},
		{ id: 5, name: 'Verified', connectors: guest, requireVerified: ['email'] },
	];
	appliance = await startWithVendors(apps, { github });
	const issuer = `${appliance.origin}/apps/4`;
	party = await startRelyingParty({ issuer, port, clientId: 'web', scope: 'openid profile role' });
});
test.afterAll(async () => {
	await party.stop();
	await appliance.stop();
	await github.close();
});

const at = (path: string, app = 4): string => `${appliance.origin}/apps/${app}${path}`;
const asGuest = (page: Page) => page.getByRole('button', { name: 'Continue as guest' });

/** At the relying party, as the user that the sign-in made. @returns the subject */
async function comeIn(page: Page): Promise<string> {
	await page.goto(`${party.origin}/login`);
	await asGuest(page).click();
	const allow = page.locator('[name=decision][value=allow]');
	await expect(allow.or(page.getByText('Signed in as'))).toBeVisible();
	if (await allow.isVisible()) await allow.click();
	await expect(page.getByText('Signed in as')).toBeVisible();
	return party.claims().sub;
}

const open = async (browser: Browser, javaScriptEnabled: boolean) =>
	(await browser.newContext({ javaScriptEnabled, locale: 'en-GB' })).newPage();

for (const javaScriptEnabled of [true, false])
	test(`a guest comes in, comes back, and becomes a user; JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async ({
		browser,
	}) => {
		const username = javaScriptEnabled ? 'mei' : 'li';
		const page = await open(browser, javaScriptEnabled);
		const sub = await comeIn(page);
		expect(await party.userinfo()).toMatchObject({ sub, name: 'Guest', roles: ['guest'] });
		expect(party.claims()['amr'] ?? []).toEqual([]);
		await signOut(page, at('/account'));
		expect(await comeIn(page)).toBe(sub);
		expect(await comeIn(await open(browser, true))).not.toBe(sub);

		await page.goto(at('/account'));
		await expect(page.getByRole('heading', { name: 'You are here as a guest' })).toBeVisible();
		await page.locator('[name=username]').fill('alice');
		await page.locator('[name=newPassword]').fill(password);
		const become = page.getByRole('button', { name: 'Make this a full account' });
		await become.click();
		await expect(page.locator('form[action$=becomeUser]')).toContainText(/taken/i);
		await page.locator('[name=username]').fill(username);
		await page.locator('[name=newPassword]').fill(password);
		await become.click();
		await expect(page.getByRole('status').filter({ hasText: 'full account now' })).toBeVisible();
		await expect(page.getByText('You are here as a guest')).toHaveCount(0);
		await expect(page.getByLabel('Username')).toHaveValue(username);

		// The mark no longer signs in: a browser with it becomes a new guest.
		await signOut(page, at('/account'));
		expect(await comeIn(page)).not.toBe(sub);
		await signOut(page, at('/account'));
		await page.goto(`${party.origin}/login`);
		await signInByPassword(page, username);
		await expect(page.getByText(`Signed in as ${sub}`)).toBeVisible();
		expect(await party.userinfo()).toMatchObject({ sub, roles: ['member'] });
	});

test('a guest who links an account elsewhere becomes a user, and signs in by that account alone', async ({
	page,
}) => {
	const sub = await comeIn(page);
	await page.goto(at('/account/security'));
	await page.locator('summary').filter({ hasText: 'Link another account' }).click();
	await page.getByRole('button', { name: 'Link GitHub' }).click();
	await page.getByRole('link', { name: 'Approve as Mei' }).click();
	await expect(page.getByText('GitHub is linked')).toBeVisible();
	await page.goto(at('/account'));
	await expect(page.getByText('You are here as a guest')).toHaveCount(0);
	await signOut(page, at('/account'));
	expect(await comeIn(page)).not.toBe(sub);
	await signOut(page, at('/account'));
	await page.goto(`${party.origin}/login`);
	await page.getByRole('button', { name: 'Continue with GitHub' }).click();
	await page.getByRole('link', { name: 'Approve as Mei' }).click();
	await expect(page.getByText(`Signed in as ${sub}`)).toBeVisible();
	expect(await party.userinfo()).toMatchObject({ sub, roles: ['member'] });
});

test('a guest who comes to create an account sees what would be lost, and how to keep it', async ({
	page,
}) => {
	await comeIn(page);
	await page.goto(at('/register'));
	const notice = page.getByRole('status').filter({ hasText: 'is left behind' });
	await expect(notice).toBeVisible();
	await expect(page.locator('[name=username]')).toHaveCount(0);
	await notice.getByRole('link', { name: 'Make this a full account' }).click();
	await expect(page).toHaveURL(at('/account'));
	await expect(page.locator('form[action$=becomeUser]')).toBeVisible();
	await page.goto(at('/register'));
	await page.getByRole('link', { name: 'Create another account' }).click();
	await expect(notice).toBeVisible();
	await page.locator('[name=username]').fill('anew');
	await page.locator('[name=password]').fill(password);
	await page.getByRole('button', { name: 'Create account' }).click();
	await expect(page).toHaveURL(at('/account'));
	await expect(page.getByLabel('Username')).toHaveValue('anew');
	// An own account leaves nothing behind.
	await page.goto(at('/register'));
	await expect(page.getByRole('link', { name: 'Create another account' })).toBeVisible();
	await expect(page.getByText('is left behind')).toHaveCount(0);
});

test('guests are off by default, and where an app demands a proof', async ({ page }) => {
	for (const app of [3, 5]) {
		await page.goto(at('/sign-in', app));
		await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
		await expect(asGuest(page)).toHaveCount(0);
		const forced = await page.request.post(at('/sign-in', app), {
			form: { connector: 'guest' },
			headers: { origin: appliance.origin, accept: 'text/html' },
		});
		expect(forced.status()).toBe(403);
	}
});

test('a made-up mark is refused', async ({ page, context }) => {
	const mark = { name: 'menshen-guest-4', url: appliance.origin };
	for (const value of ['0'.repeat(31), `${'0'.repeat(31)}g`, 'x'.repeat(3000)]) {
		await context.addCookies([{ ...mark, value }]);
		await page.goto(at('/sign-in'));
		await asGuest(page).click();
		await expect(page).toHaveURL(at('/account'));
		const kept = (await context.cookies()).find(({ name }) => name === mark.name);
		expect(kept).toMatchObject({
			httpOnly: true,
			sameSite: 'Lax',
			value: expect.stringMatching(/^[0-9a-f]{32}$/),
		});
		await context.clearCookies();
	}
});

test('a guest’s pages are accessible on a small phone, in both languages', async ({ browser }) => {
	await onSmallPhones(browser, async (page) => {
		await page.goto(at('/sign-in'));
		await isFine(page);
		await page.locator('button[value=guest]').click();
		await expect(page.locator('form[action$=becomeUser]')).toBeVisible();
		await isFine(page);
		await page.goto(at('/account/security'));
		await expect(page.locator('[name=newPassword]')).toHaveCount(0);
		await isFine(page);
		for (const register of ['/register', '/register?another=yes']) {
			await page.goto(at(register));
			await expect(page.getByRole('status')).toBeVisible();
			await isFine(page);
		}
	});
});
