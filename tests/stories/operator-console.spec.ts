/** The operator console, story by story. Each story has an app of its own within one appliance, so none needs another. */
import { expect, test, type Browser, type Page } from '@playwright/test';
import { freePort, owner, startAppliance, type RunningAppliance } from '../appliance';
import { startSmtpSink } from '../emulators/smtp-sink';
import { startRelyingParty } from '../relying-party';
import { enter, live, openPage, type OperatorPage, operatorSession, save, send, told } from './operator-page';

const password = 'correct-horse-battery';
const changed = 'another-good-horse';
/** One per story. */
const apps = { theme: 12, connectors: 13, smtp: 14, outbox: 15, dead: 16 };

let appliance: RunningAppliance;
let session: Awaited<ReturnType<typeof operatorSession>>;

test.beforeAll(async ({ browser }) => {
	const listed = Object.entries(apps).map(
		([name, id]) => `  - id: ${id}
    name: ${name}
    users: [{ username: alice, email: alice@example.com, emailVerified: true, password: ${password} }]`,
	);
	appliance = await startAppliance({ apply: `apps:\n${listed.join('\n')}\n` });
	session = await operatorSession(browser, appliance);
});
test.afterAll(() => appliance.stop());

const operator = (browser: Browser, more: Parameters<typeof openPage>[2] = {}): Promise<OperatorPage> =>
	openPage(browser, appliance, { session, ...more });
const visitor = async (browser: Browser): Promise<Page> => (await openPage(browser, appliance)).page;
const at = (app: number, path: string): string => `${appliance.origin}/apps/${app}${path}`;
const consoleOf = (app: number, path = ''): string => `/admin/apps/${app}${path}`;

const consoleOfUrl = (app: number, path = ''): string => `${appliance.origin}${consoleOf(app, path)}`;
const colourOf = (button: ReturnType<Page['locator']>): Promise<string> =>
	button.evaluate((node) => getComputedStyle(node).backgroundColor);

test('set-up: faults are shown at their fields, and it can be done once', async ({ browser }) => {
	const fresh = await startAppliance({ claimed: false });
	try {
		const [{ page, complaints }, late] = [await openPage(browser, fresh), await openPage(browser, fresh)];
		const fill = async (at: Page, code: string, secret: string) => {
			await at.locator('[name=setupCode]').fill(code);
			await at.locator('[name=email]').fill(owner.email);
			await at.locator('[name=password]').fill(secret);
			await send(at);
		};
		await late.visit('/setup');
		await page.goto(fresh.origin);
		await expect(page).toHaveURL(/\/setup$/);
		await fill(page, 'WRONG-CODE-HERE', owner.password);
		await expect(page.locator('[name=setupCode]')).toHaveAttribute('aria-invalid', 'true');
		await expect(page.locator('#setupCode-error')).not.toBeEmpty();
		await expect(page.locator('[name=email]')).toHaveValue(owner.email);
		await fill(page, fresh.setupCode(), 'password');
		await expect(page.locator('[name=password]')).toHaveAttribute('aria-invalid', 'true');
		await expect(page.locator('#password-error')).not.toBeEmpty();
		await expect(page.locator('[name=setupCode]')).toHaveValue(fresh.setupCode());
		await expect(page.locator('[name=password]')).toHaveValue('');
		await fill(page, fresh.setupCode(), owner.password);
		await expect(page).toHaveURL(`${fresh.origin}/admin`);

		await page.goto(`${fresh.origin}/setup`);
		await expect(page.getByRole('heading', { name: 'This appliance is set up' })).toBeVisible();
		await expect(page.locator('[name=setupCode]')).toHaveCount(0);
		await fill(late.page, fresh.setupCode(), 'a-secret-of-somebody-else');
		await expect(late.page.getByRole('heading', { name: 'This appliance is set up' })).toBeVisible();
		await late.page.goto(`${fresh.origin}/admin`);
		await expect(late.page).toHaveURL(/\/admin\/sign-in/);
		expect([...complaints, ...late.complaints]).toEqual([]);
	} finally {
		await fresh.stop();
	}
});

test('an app and its client are made by forms, and the client signs people in', async ({ browser }) => {
	const { page, visit, complaints } = await operator(browser);
	await visit('/admin/apps/new');
	await page.locator('[name=name]').fill('Bookshop');
	await send(page);
	await expect(page).toHaveURL(/\/admin\/apps\/\d+$/);
	const app = Number(/\d+$/.exec(page.url())?.[0]);
	const port = await freePort();

	await visit(consoleOf(app, '/clients/new'));
	const redirect = page.locator('[name=redirectUris]');
	await page.locator('[name=name]').fill('Shop');
	await redirect.fill('http://shop.example.com/cb');
	await send(page);
	await expect(page.locator('#redirectUris-error')).toBeVisible();
	await expect(page.locator('[name=name]')).toHaveValue('Shop');
	await expect(redirect).toHaveValue('http://shop.example.com/cb');
	await redirect.fill(`http://127.0.0.1:${port}/cb`);
	await send(page);
	await expect(page.getByText('Keep this secret now')).toBeVisible();
	const secret = await page.locator('.field', { hasText: 'Client secret' }).locator('code').innerText();
	expect(secret.length).toBeGreaterThanOrEqual(32);
	await page.getByRole('link', { name: 'Open the client' }).click();
	await expect(page).toHaveURL(consoleOfUrl(app, '/clients/shop'));
	await page.reload();
	await live(page);
	expect(await page.content()).not.toContain(secret);

	const issuer = `${appliance.origin}/apps/${app}`;
	const party = await startRelyingParty({ issuer, port, clientId: 'shop', clientSecret: secret });
	try {
		const person = await visitor(browser);
		await person.goto(`${party.origin}/login`);
		await person.locator('a[href*="register"]').first().click();
		await person.locator('[name=username]').fill('reader');
		await person.locator('[name=password]').fill(password);
		await send(person);
		await person.locator('[name=decision][value=allow]').click();
		await expect(person.getByRole('heading', { name: /Signed in as/ })).toBeVisible();
		expect(party.claims()).toMatchObject({ iss: issuer, aud: 'shop' });
	} finally {
		await party.stop();
	}
	expect(complaints).toEqual([]);
});

test('a theme is seen before it is saved, and by all users afterwards', async ({ browser }) => {
	const { page, visit, complaints } = await operator(browser);
	await visit(consoleOf(apps.theme, '/theme'));
	const frame = page.frameLocator('iframe');
	const shown = frame.locator('.button-primary').first();
	await expect(frame.locator('.page-brand')).toContainText('theme');
	const stylesheet = async () => (await page.request.get(at(apps.theme, '/theme.css'))).text();
	const before = { css: await stylesheet(), colour: await colourOf(shown) };
	await page.locator('#accent').fill('#b3261e');
	await page.locator('[name=title]').fill('Fresh Bakery');
	await expect(frame.locator('.page-brand')).toContainText('Fresh Bakery');
	await expect.poll(() => colourOf(shown)).not.toBe(before.colour);
	expect(await stylesheet()).toBe(before.css);
	const person = await visitor(browser);
	await person.goto(at(apps.theme, '/sign-in'));
	await expect(person.locator('.page-brand')).not.toContainText('Fresh Bakery');

	await save(page);
	expect(await stylesheet()).not.toBe(before.css);
	const next = await visitor(browser);
	await next.goto(at(apps.theme, '/sign-in'));
	await expect(next.locator('.page-brand')).toContainText('Fresh Bakery');
	await expect(next).toHaveTitle(/Fresh Bakery/);
	const real = await colourOf(next.locator('.button-primary').first());
	await expect.poll(() => colourOf(shown)).toBe(real);
	expect(real).not.toBe(before.colour);
	expect(complaints).toEqual([]);
});

test('passwords switched off are refused at once, and work again once they are on', async ({ browser }) => {
	const { page, visit, complaints } = await operator(browser);
	const [person, newcomer] = [await visitor(browser), await visitor(browser)];
	await person.goto(at(apps.connectors, '/sign-in'));
	await newcomer.goto(at(apps.connectors, '/register'));
	await visit(consoleOf(apps.connectors, '/connectors'));
	const control = page.getByRole('switch', { name: 'Use Password' });
	await control.click();
	await told(page, 'Password is off');
	await expect(page.getByText('nobody can sign in to this app')).toBeVisible();
	await enter(person, 'alice', password);
	// The form that was open when passwords were switched off is refused, and does not come back.
	await expect(person.getByText('No way to sign in yet')).toBeVisible();
	await newcomer.locator('[name=username]').fill('newcomer');
	await newcomer.locator('[name=password]').fill(password);
	await send(newcomer);
	await expect(newcomer.locator('[name=password]')).toHaveCount(0);
	await person.goto(at(apps.connectors, '/account'));
	await expect(person).toHaveURL(/\/sign-in/);

	await control.click();
	await told(page, 'Password is on');
	await person.goto(at(apps.connectors, '/sign-in'));
	await enter(person, 'alice', password);
	await expect(person).toHaveURL(at(apps.connectors, '/account'));
	await visit(consoleOf(apps.connectors, '/connectors/password'));
	await page.getByRole('button', { name: 'Test' }).click();
	await expect(page.getByText(/It works \(\d+ ms\)/)).toBeVisible();
	expect(complaints).toEqual([]);
});

test('where passwords are off, no form asks for one', async ({ browser }) => {
	const { page, visit } = await operator(browser);
	await visit(consoleOf(apps.dead, '/connectors'));
	await page.getByRole('switch', { name: 'Use Password' }).click();
	await told(page, 'Password is off');
	const person = await visitor(browser);
	await person.goto(at(apps.dead, '/sign-in'));
	await expect(person.locator('main h1')).toBeVisible();
	expect(await person.locator('[name=password]').count()).toBe(0);
	await expect(person.getByText('No way to sign in yet')).toBeVisible();
});

/** Asks for a recovery code at the app's own page and stops where it is typed. */
async function askToRecover(person: Page, app: number): Promise<void> {
	await person.goto(at(app, '/recover'));
	await person.locator('[name=identifier]').fill('alice');
	await send(person);
	await expect(person.locator('[name=code]')).toBeVisible();
}
async function recoverWith(person: Page, app: number, code: string): Promise<void> {
	await person.locator('[name=code]').fill(code);
	await person.locator('[name=newPassword]').fill(changed);
	await send(person);
	await expect(person.getByText('password was changed').first()).toBeVisible();
	if (!person.url().endsWith('/account')) await enter(person, 'alice', changed);
	await expect(person).toHaveURL(at(app, '/account'));
}

test('mail goes through a mail server once it is set up, tested and chosen', async ({ browser }) => {
	const sink = await startSmtpSink();
	try {
		const { page, visit, complaints } = await operator(browser);
		await visit(consoleOf(apps.smtp, '/messages/senders/smtp'));
		await page.locator('[name="config.host"]').fill(sink.host);
		await page.locator('[name="config.port"]').fill(String(sink.port));
		await page.locator('[name="config.from"]').fill('no address');
		await page.locator('.save-bar').getByRole('button', { name: 'Save' }).click();
		await expect(page.locator('[name="config.from"]')).toHaveAttribute('aria-invalid', 'true');
		await expect(page.locator('[name="config.host"]')).toHaveValue(sink.host);
		await page.locator('[name="config.from"]').fill('door@example.com');
		await save(page);
		await page.getByRole('button', { name: 'Test' }).click();
		await expect(page.getByText(/It works \(\d+ ms\)/)).toBeVisible();
		// A sender is on as soon as it is set up.
		await expect(page.getByRole('switch', { name: 'Use SMTP' })).toBeChecked();

		await visit(consoleOf(apps.smtp, '/messages'));
		await page.locator('select[name=email]').selectOption('smtp');
		await save(page);
		const person = await visitor(browser);
		await askToRecover(person, apps.smtp);
		const mail = await sink.waitFor(({ to }) => to.includes('alice@example.com'));
		expect(mail.from).toBe('door@example.com');
		await recoverWith(person, apps.smtp, /\b\d{6}\b/.exec(mail.text)?.[0] ?? '');
		await visit(consoleOf(apps.smtp, '/messages'));
		await expect(page.getByRole('row', { name: /Password recovery/ })).toContainText('Delivered');
		expect(complaints).toEqual([]);
	} finally {
		await sink.close();
	}
});

test('a message kept by the outbox is read by the owner, and its code works', async ({ browser }) => {
	const { page, visit, complaints } = await operator(browser);
	const person = await visitor(browser);
	await askToRecover(person, apps.outbox);
	await visit(consoleOf(apps.outbox, '/messages'));
	await page.getByRole('link', { name: 'Password recovery' }).click();
	const code = await page.locator('[data-code]').innerText();
	expect(code).toMatch(/^\d{6}$/);
	await expect(page.getByText('alice@example.com').first()).toBeVisible();
	await recoverWith(person, apps.outbox, code);
	await visit(consoleOf(apps.outbox, '/audit'));
	await expect(page.locator('tbody tr', { hasText: 'Outbox message opened' })).toHaveCount(1);
	expect(complaints).toEqual([]);
});
