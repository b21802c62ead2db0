/** The operator console: what messages say, a test of them, and what became of those that failed. */
import { expect, test, type Browser, type Page } from '@playwright/test';
import { freePort, startAppliance, type RunningAppliance } from '../appliance';
import { startSmtpSink } from '../emulators/smtp-sink';
import { openPage, operatorSession, save, send, told, type OperatorPage } from './operator-page';

const apps = { words: 61, failing: 62 };
const password = 'correct-horse-battery';
let appliance: RunningAppliance;
let session: Awaited<ReturnType<typeof operatorSession>>;
let sink: Awaited<ReturnType<typeof startSmtpSink>>;

test.beforeAll(async ({ browser }) => {
	sink = await startSmtpSink();
	const smtp = (port: number) => ({
		email: { plugin: 'smtp', config: { host: sink.host, port, from: 'door@example.com' } },
	});
	const user = { username: 'alice', email: 'alice@example.com', emailVerified: true, password };
	appliance = await startAppliance({
		apply: JSON.stringify({
			apps: [
				{ id: apps.words, name: 'Bookshop', senders: smtp(sink.port), users: [user] },
				{ id: apps.failing, name: 'Failing', senders: smtp(await freePort()), users: [user] },
			],
		}),
	});
	session = await operatorSession(browser, appliance);
});
test.afterAll(async () => {
	await appliance.stop();
	await sink.close();
});

const operator = (browser: Browser): Promise<OperatorPage> => openPage(browser, appliance, { session });
const messages = (app: number, path = ''): string => `/admin/apps/${app}/messages${path}`;
const text = (page: Page) => page.locator('[name="text.en"]');
const preview = (page: Page) => page.locator('[data-preview=en]');

async function recover(browser: Browser, app: number): Promise<void> {
	const { page } = await openPage(browser, appliance);
	await page.goto(`${appliance.origin}/apps/${app}/recover`);
	await page.locator('[name=identifier]').fill('alice');
	await send(page);
	await expect(page.locator('[name=code]')).toBeVisible();
}

test('texts are written with a preview, refused without the code, sent, and removed', async ({ browser }) => {
	const { page, visit, complaints } = await operator(browser);
	await visit(messages(apps.words));
	await page.getByRole('link', { name: 'Words', exact: true }).click();
	await page.getByRole('link', { name: 'Password recovery' }).first().click();
	await expect(text(page)).toHaveAttribute('placeholder', /\{code\}/);
	await expect(preview(page)).toContainText('123456');
	await expect(preview(page)).toContainText('Bookshop');

	await text(page).fill('Hello from {app}, where is the code?');
	await expect(page.locator('[id="text.en-error"]')).toContainText('{code} is missing');
	await page.locator('.save-bar').getByRole('button', { name: 'Save' }).click();
	await expect(text(page)).toBeFocused();
	await expect(text(page)).toHaveValue('Hello from {app}, where is the code?');
	await text(page).fill('{code} and {secret}');
	await expect(page.locator('[id="text.en-error"]')).toContainText('{secret} is not known');
	await page.locator('[name="subject.en"]').fill('Your key to {app}');
	await text(page).fill('Type {code} within {minutes} minutes.');
	await expect(page.locator('[id="text.en-error"]')).toHaveCount(0);
	await expect(preview(page)).toContainText('Your key to Bookshop');
	await expect(preview(page)).toContainText('Type 123456 within 10 minutes.');
	await save(page);

	await recover(browser, apps.words);
	const mail = await sink.waitFor(({ to }) => to.includes('alice@example.com'));
	expect(mail.text).toMatch(/Type \d{6} within 10 minutes\./);
	await visit(messages(apps.words, '/words'));
	await expect(page.locator('li', { hasText: 'Password recovery' }).first()).toContainText(
		'English: Own words',
	);

	await visit(messages(apps.words, '/words/email/recover'));
	await page.getByRole('button', { name: 'Back to the built-in words' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Back to the built-in words' }).click();
	await told(page, 'Built-in words are back');
	await expect(text(page)).toHaveValue('');
	await expect(preview(page)).not.toContainText('Type 123456');
	expect(complaints).toEqual([]);
});

test('a test goes to the address that the operator types, once a minute, and is written down', async ({
	browser,
}) => {
	const { page, visit, complaints } = await operator(browser);
	await visit(messages(apps.words, '/words/email/welcome'));
	const to = page.locator('[name=to]');
	const press = () => page.locator('main').getByRole('button', { name: 'Send a test' }).click();
	await to.fill('nowhere');
	await press();
	await expect(to).toHaveAttribute('aria-invalid', 'true');
	await expect(to).toHaveValue('nowhere');
	await to.fill('operator@example.com');
	await press();
	await told(page, 'Test sent');
	const mail = await sink.waitFor(({ to: people }) => people.includes('operator@example.com'));
	expect(mail.text).toContain('Bookshop');
	await page.locator('[name=to]').fill('operator@example.com');
	await press();
	await expect(page.locator('main').getByRole('alert')).toBeVisible();
	await visit(`/admin/apps/${apps.words}/audit`);
	await expect(page.locator('tbody tr', { hasText: 'Test message sent' })).toHaveCount(1);
	await expect(page.locator('main')).not.toContainText('operator@example.com');
	expect(complaints).toEqual([]);
});

test('an undelivered message is listed with its reason and the next try', async ({ browser }) => {
	const { page, visit, complaints } = await operator(browser);
	await visit(messages(apps.failing, '?show=failed'));
	await expect(page.getByText('Nothing failed')).toBeVisible();
	await recover(browser, apps.failing);
	await expect(async () => {
		await visit(messages(apps.failing, '?show=failed'));
		await expect(page.getByRole('row', { name: /Password recovery/ })).toContainText(
			'Tried 1 times; next try',
			{
				timeout: 500,
			},
		);
	}).toPass();
	await expect(page.getByRole('row', { name: /Password recovery/ })).toContainText('smtp');
	await page.getByRole('link', { name: 'All', exact: true }).click();
	await expect(page).toHaveURL(new RegExp(`${messages(apps.failing)}$`));
	expect(complaints).toEqual([]);
});
