/** The main job, whole: from an unclaimed appliance to a person signed in at a real relying party, and out again. */
import { expect, test, type Page } from '@playwright/test';
import { owner, startAppliance, type RunningAppliance } from '../appliance';
import { freePort } from '../appliance';
import { startRelyingParty, type RelyingParty } from '../relying-party';

const person = { username: 'alice', password: 'correct-horse-battery' };

async function claim(page: Page, appliance: RunningAppliance): Promise<void> {
	await page.goto(appliance.origin);
	await expect(page).toHaveURL(/\/setup/);
	await page.locator('[name=setupCode]').fill(appliance.setupCode());
	await page.locator('[name=email]').fill(owner.email);
	await page.locator('[name=password]').fill(owner.password);
	await page.locator('form button[type=submit], form button:not([type])').first().click();
	await expect(page).toHaveURL(/\/admin/);
}

async function createApp(page: Page, appliance: RunningAppliance, name: string): Promise<number> {
	await page.goto(`${appliance.origin}/admin/apps/new`);
	await page.locator('[name=name]').fill(name);
	await page.locator('main form button[type=submit], main form button:not([type])').first().click();
	await expect(page).toHaveURL(/\/admin\/apps\/\d+/);
	return Number(/\/admin\/apps\/(\d+)/.exec(page.url())?.[1]);
}

for (const javaScriptEnabled of [true, false]) {
	test.describe(`with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
		let appliance: RunningAppliance;
		let party: RelyingParty | undefined;
		test.beforeAll(async () => {
			appliance = await startAppliance({ claimed: false });
		});
		test.afterAll(async () => {
			await party?.stop();
			await appliance.stop();
		});

		test('set up, create an app, register, consent, arrive, refresh, introspect, sign out everywhere', async ({
			browser,
		}) => {
			const problems: string[] = [];
			const operator = await (await browser.newContext({ javaScriptEnabled })).newPage();
			await claim(operator, appliance);
			const app = await createApp(operator, appliance, 'Acme Shop');
			const port = await freePort();
			const secret = await registerClient(operator, { appliance, app, port });

			const context = await browser.newContext({ javaScriptEnabled });
			const page = await context.newPage();
			page.on('console', (message) => {
				if (message.type() === 'error') problems.push(message.text());
			});
			party = await startRelyingParty({
				issuer: `${appliance.origin}/apps/${app}`,
				port,
				clientId: 'shop',
				clientSecret: secret,
			});

			await page.goto(`${party.origin}/login`);
			await expect(page).toHaveURL(new RegExp(`/apps/${app}/interaction/`));
			await expect(page.getByText('Acme Shop').first()).toBeVisible();
			await page.locator('a[href*="register"]').first().click();
			await page.locator('[name=username]').fill(person.username);
			await page.locator('[name=password]').fill(person.password);
			await page.locator('main form button[type=submit], main form button:not([type])').first().click();

			await expect(page.locator('button[name=decision][value=allow]')).toBeVisible();
			await expect(page.getByText(`127.0.0.1:${port}`).first()).toBeVisible();
			await page.locator('button[name=decision][value=allow]').click();
			await expect(page.getByRole('heading', { name: /Signed in as/ })).toBeVisible();

			expect(party.claims()).toMatchObject({
				iss: `${appliance.origin}/apps/${app}`,
				aud: 'shop',
				amr: ['pwd'],
			});
			expect(await party.userinfo()).toMatchObject({
				sub: party.claims().sub,
				preferred_username: person.username,
			});
			const before = party.tokens();
			const after = await party.refresh();
			expect(after.refresh_token).not.toBe(before.refresh_token);
			expect(await party.introspect(after.access_token)).toMatchObject({ active: true, client_id: 'shop' });

			const other = await (await browser.newContext({ javaScriptEnabled })).newPage();
			await signOutEverywhereElse(other, `${appliance.origin}/apps/${app}`);
			expect(await party.introspect(after.access_token)).toMatchObject({ active: false });
			await expect(party.refresh()).rejects.toThrow();
			await expect.poll(() => party?.logouts.length).toBe(1);
			expect(party.logouts[0]).toMatchObject({ sub: party.claims().sub });
			await page.goto(`${appliance.origin}/apps/${app}/account`);
			await expect(page).toHaveURL(/\/sign-in/);

			await page.goto(`${party.origin}/login`);
			await expect(page.locator('[name=password]')).toBeVisible();
			await page.locator('[name=identifier]').fill(person.username);
			await page.locator('[name=password]').fill('not-the-password');
			await page.locator('main form button[type=submit], main form button:not([type])').first().click();
			await expect(page.getByRole('alert').first()).toBeVisible();
			await expect(page.locator('[name=identifier]')).toHaveValue(person.username);
			await page.locator('[name=password]').fill(person.password);
			await page.locator('main form button[type=submit], main form button:not([type])').first().click();
			await page.locator('button[name=decision][value=allow]').click();
			await expect(page.getByRole('heading', { name: /Signed in as/ })).toBeVisible();

			// At the client's wish this browser alone is signed out.
			await page.goto(`${party.origin}/logout`);
			if (page.url().includes('/oidc/')) await page.locator('button').first().click();
			await expect(page.getByRole('heading', { name: 'Signed out' })).toBeVisible();
			await expect.poll(() => party?.logouts.length).toBe(2);
			await page.goto(`${appliance.origin}/apps/${app}/account`);
			await expect(page).toHaveURL(/\/sign-in/);
			await other.reload();
			await expect(other).toHaveURL(/\/account\/security/);
			// The refused password is a 401 on a page load, which the browser's console repeats.
			expect(problems.filter((text) => !text.includes('401'))).toEqual([]);
		});
	});
}

/** In a browser of its own: whoever else is signed in as this person is no longer. @param at the app's address */
async function signOutEverywhereElse(page: Page, at: string): Promise<void> {
	await page.goto(`${at}/account/security`);
	await page.locator('[name=identifier]').fill(person.username);
	await page.locator('[name=password]').fill(person.password);
	await page.locator('main form button[type=submit], main form button:not([type])').first().click();
	await expect(page).toHaveURL(/\/account/);
	await page.goto(`${at}/account/security`);
	const rows = page.locator('li', {
		has: page.locator('form[action*="endSession"], form[action$="/sign-out"]'),
	});
	await expect(rows).toHaveCount(2);
	await page.locator('form[action*="endOthers"] button').click();
	await expect(rows).toHaveCount(1);
}

/** Through the API that the console's pages share: the console has its own story. */
async function registerClient(
	operator: Page,
	at: { appliance: RunningAppliance; app: number; port: number },
): Promise<string> {
	const { origin } = at.appliance;
	const answer = await operator.request.post(`${origin}/trpc/admin.clients.create`, {
		headers: { origin, 'content-type': 'application/json', 'menshen-app': String(at.app) },
		data: {
			id: 'shop',
			name: 'The shop',
			confidential: true,
			redirectUris: [`http://127.0.0.1:${at.port}/cb`],
			postLogoutRedirectUris: [`http://127.0.0.1:${at.port}/bye`],
			backchannelLogoutUri: `http://127.0.0.1:${at.port}/bcl`,
		},
	});
	expect(answer.status(), await answer.text()).toBe(200);
	const body = (await answer.json()) as { result: { data: { secret: string } } };
	return body.result.data.secret;
}
