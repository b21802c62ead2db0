/**
 * The alert address in the console: obstacles are shown, and a test shows its result, with and without client code.
 */
import { expect, test, type Page } from '@playwright/test';
import { startAppliance, type RunningAppliance } from '../appliance';
import { startSmtpSink } from '../emulators/smtp-sink';
import { openPage, operatorSession, save } from './operator-page';

let appliance: RunningAppliance;
let session: Awaited<ReturnType<typeof operatorSession>>;
let sink: Awaited<ReturnType<typeof startSmtpSink>>;

test.beforeAll(async ({ browser }) => {
	sink = await startSmtpSink();
	const config = { host: sink.host, port: sink.port, from: 'door@example.com' };
	appliance = await startAppliance({
		apply: JSON.stringify({ appliance: { plugins: { smtp: { config } } }, apps: [] }),
		env: { ALERT_EMAIL: 'first@example.com' },
	});
	session = await operatorSession(browser, appliance);
});
test.afterAll(async () => {
	await appliance.stop();
	await sink.close();
});

const tryIt = (page: Page, name: string) => page.getByRole('button', { name }).click();

test('an owner sees that no sender can carry alerts, chooses one, and tries the address', async ({
	browser,
}) => {
	const { page, visit, complaints } = await openPage(browser, appliance, { session });
	await visit('/admin/settings');
	await expect(page.getByText('no alert can be sent')).toBeVisible();
	await expect(page.getByText('first@example.com, from ALERT_EMAIL')).toBeVisible();
	await tryIt(page, 'Send a test alert');
	await expect(page.getByRole('alert')).toContainText('no alert can be sent');

	await page.locator('select[name=email]').selectOption('smtp');
	await save(page);
	await expect(page.getByText('no alert can be sent')).toHaveCount(0);
	await page.locator('[name=alertEmail]').fill('first@example');
	await page.locator('.save-bar').getByRole('button', { name: 'Save' }).click();
	await expect(page.locator('#alertEmail-error')).toBeVisible();
	await expect(page.locator('[name=alertEmail]')).toHaveValue('first@example');
	// What is typed and not saved stays, and is not where the test goes.
	await page.locator('[name=alertEmail]').fill('typed@example.com');
	await tryIt(page, 'Send a test alert');
	await expect(page.getByText('Handed to SMTP, for first@example.com')).toBeVisible();
	await expect(page.locator('[name=alertEmail]')).toHaveValue('typed@example.com');
	const mail = await sink.waitFor(({ to }) => to.includes('first@example.com'));
	expect(mail.subject).toContain('a test of the alert address / 告警邮箱测试');

	await save(page);
	sink.behave('refuse');
	await tryIt(page, 'Send a test alert');
	await expect(page.getByRole('alert')).toContainText('550');
	sink.behave('accept');
	expect(complaints).toEqual([]);
});

test('without client code it works as well, in Chinese', async ({ browser }) => {
	const { page } = await openPage(browser, appliance, {
		session,
		javaScriptEnabled: false,
		locale: 'zh-CN',
	});
	await page.goto(`${appliance.origin}/admin/settings`);
	await page.locator('[name=alertEmail]').fill('plain@example.com');
	await page.locator('[name=alertEmail]').press('Enter');
	await page.goto(`${appliance.origin}/admin/settings`);
	await expect(page.locator('[name=alertEmail]')).toHaveValue('plain@example.com');
	await tryIt(page, '发送测试告警');
	await expect(page.getByText('已交给 SMTP 邮件，发往 plain@example.com')).toBeVisible();
	await sink.waitFor(({ to }) => to.includes('plain@example.com'));
	await tryIt(page, '发送测试告警');
	await expect(page.getByRole('alert')).toContainText('未能发送');
});
