/** An owner finds a plugin that was dropped into the folder, reads what it is, allows it, and stops it again. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { startAppliance, type RunningAppliance } from '../appliance';
import { openPage, operatorSession, told } from './operator-page';

let appliance: RunningAppliance;
let session: Awaited<ReturnType<typeof operatorSession>>;

const text = (en: string, zh: string) => ({ en, 'zh-CN': zh });
const manifest = (id: string, more: object = {}) => ({
	id,
	version: '1.2.0',
	kit: 1,
	kinds: ['redirect', 'ticket'],
	name: text('Acme', '艾克米'),
	description: text('Sign in with an Acme account.', '使用 Acme 账号登录。'),
	identifier: 'external',
	display: 'redirect',
	endpoints: { api: 'https://api.acme.example/v1', anywhere: { anyPublic: true } },
	...more,
});

function drop(id: string, json: string, code = 'export default 1;\n'): void {
	const folder = join(appliance.dataDir, 'plugins', id);
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'manifest.json'), json);
	writeFileSync(join(folder, 'index.server.js'), code);
}

test.beforeAll(async ({ browser }) => {
	appliance = await startAppliance({ apply: 'apps:\n  - id: 4\n    name: Demo\n' });
	session = await operatorSession(browser, appliance);
});
test.afterAll(() => appliance.stop());

test('found, allowed, changed, stopped', async ({ browser }, info) => {
	const { page, complaints, visit } = await openPage(browser, appliance, { session });
	await visit('/admin/plugins');
	await expect(page.getByRole('heading', { name: 'Your own plugins' })).toHaveCount(0);

	drop('acme', JSON.stringify(manifest('acme')));
	drop('broken-one', '{');
	await visit('/admin/plugins');
	const acme = page.getByRole('listitem').filter({ hasText: 'SHA-256' });
	await expect(acme).toContainText('Waits for an owner');
	await expect(acme).toContainText('signs in at another site, redeems tickets of apps');
	await expect(acme).toContainText('api.acme.example, any public address');
	await expect(acme.getByText('any public address')).toHaveCSS('color', /rgb|oklch/);
	await expect(page.getByText('manifest.json is not JSON')).toBeVisible();

	// In an app it is listed, and cannot be switched on yet.
	await visit('/admin/apps/4/connectors');
	await expect(page.getByRole('switch', { name: 'Use Acme' })).toBeDisabled();

	await visit('/admin/plugins');
	await acme.getByRole('button', { name: 'Allow' }).click();
	await expect(page.getByRole('dialog')).toContainText('Let Acme run?');
	await page.getByRole('dialog').getByRole('button', { name: 'Allow' }).click();
	await expect(acme.getByText('Allowed', { exact: true }).first()).toBeVisible();
	await visit('/admin/apps/4/connectors');
	await page.getByRole('switch', { name: 'Use Acme' }).click();
	await told(page, 'Acme is on');
	await expect(page.getByRole('switch', { name: 'Use Acme' })).toBeChecked();

	// Its code is broken: the test reports that, and the list shows it unhealthy.
	await visit('/admin/apps/4/connectors/acme');
	await page.getByRole('button', { name: 'Test' }).click();
	await expect(page.getByText(/its code cannot be loaded/)).toBeVisible();
	await visit('/admin/plugins');
	await expect(acme).toContainText(
		'Failing: its code cannot be loaded: the default export was not built by definePlugin',
	);

	drop('acme', JSON.stringify(manifest('acme')), 'export default 2;\n');
	await visit('/admin/plugins');
	await expect(acme).toContainText('Its files are not the ones that were allowed.');
	for (const colorScheme of ['light', 'dark'] as const)
		for (const [size, width] of [
			['phone', 390],
			['desktop', 1280],
		] as const) {
			await page.emulateMedia({ colorScheme });
			await page.setViewportSize({ width, height: 900 });
			expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
			await page.screenshot({ path: info.outputPath(`plugins-${size}-${colorScheme}.png`), fullPage: true });
		}
	await page.setViewportSize({ width: 1280, height: 900 });
	await acme.getByRole('button', { name: 'Withdraw' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
	await expect(acme).toContainText('Waits for an owner');
	await visit('/admin/audit');
	await expect(page.getByRole('table')).toContainText('Permission of a plugin withdrawn');
	expect(complaints).toEqual([]);
});

test('in Chinese', async ({ browser }, info) => {
	drop('acme', JSON.stringify(manifest('acme')));
	const { page, complaints, visit } = await openPage(browser, appliance, { session, locale: 'zh-CN' });
	await visit('/admin/plugins');
	const acme = page.getByRole('listitem').filter({ hasText: 'SHA-256' });
	await expect(acme).toContainText('等待所有者允许');
	await expect(acme).toContainText('任意公网地址');
	await page.screenshot({ path: info.outputPath('plugins-zh.png'), fullPage: true });
	expect(complaints).toEqual([]);
});
