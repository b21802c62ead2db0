/** A connector from PLUGINS_DIR, all the way in a browser: read about, allowed, set up, and signed in with. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import { startAppliance, type RunningAppliance } from '../appliance';
import { startEmulator } from '../external-plugin/acme/emulator';
import { openPage, operatorSession, told } from './operator-page';

let appliance: RunningAppliance;
let acme: Emulator;

const manifest = readFileSync(join(import.meta.dirname, '../external-plugin/acme/manifest.json'), 'utf8');
const readme = `# Acme

Ask Acme for a **client**, at [their site](https://acme.example/clients).

<img src="https://acme.example/pixel.gif" onerror="document.title = 'taken'">
![pixel](https://acme.example/pixel.gif)
`;
/** As a build leaves it, in few lines: it does not like an id that begins with "no", and thinks too long of "slow". */
const code = `
class PluginFailure extends Error {
	constructor(reason, detail) { super(detail); Object.assign(this, { name: 'PluginFailure', reason, counts: true }); }
}
const bad = { success: false, error: { issues: [{ path: ['clientId'] }] } };
const config = { safeParse(values) {
	if (values.clientId === 'slow') for (;;) {}
	return values.clientId.startsWith('no') ? bad : { success: true, data: values };
} };
const redirect = {
	begin({ redirectUri, state }, { address, config }) {
		const url = new URL(address('server') + '/authorize');
		url.search = new URLSearchParams({ clientId: config.clientId, redirectUri, state }).toString();
		return { url: url.href };
	},
	async finish({ query }, { http, config }) {
		if (query.error) throw new PluginFailure('cancelled', query.error);
		const form = { code: query.code ?? '', clientId: config.clientId, clientSecret: config.clientSecret };
		const { id, name } = JSON.parse(new TextDecoder().decode((await http('server', { path: '/who', form })).body));
		if (!id) throw new PluginFailure('refused', 'no id');
		return { subject: id, scope: config.clientId, profile: { name } };
	},
};
const ticket = { redeem() { throw new PluginFailure('refused', 'none') } };
export default { manifest: ${manifest}, config, redirect, ticket, [Symbol.for('menshen.kit')]: { PluginFailure } };
`;

test.beforeAll(async () => {
	acme = await startEmulator();
	appliance = await startAppliance({ apply: 'apps:\n  - id: 4\n    name: Demo\n' });
	const folder = join(appliance.dataDir, 'plugins/acme');
	mkdirSync(folder, { recursive: true });
	for (const [name, text] of Object.entries({
		'manifest.json': manifest,
		'index.server.js': code,
		'README.md': readme,
	}))
		writeFileSync(join(folder, name), text);
});
test.afterAll(async () => {
	await acme.close();
	await appliance.stop();
});

test('read about, allowed, set up, and signed in with', async ({ browser }, info) => {
	const session = await operatorSession(browser, appliance);
	const { page, complaints, visit } = await openPage(browser, appliance, { session });
	await visit('/admin/plugins');
	// Built-in plugins are listed in groups, this one where owners approve it.
	for (const name of ['Accounts of the app', 'China', 'International', 'Senders'])
		await expect(page.getByRole('heading', { name, exact: true, level: 2 })).toBeVisible();
	await expect(page.getByRole('link', { name: 'Acme' })).toHaveCount(1);
	await page.screenshot({ path: info.outputPath('groups.png'), fullPage: true });

	// What it says of itself is read before it is allowed, as text.
	await page.getByRole('link', { name: 'Acme' }).click();
	await expect(page.getByRole('link', { name: 'their site' })).toHaveAttribute(
		'href',
		'https://acme.example/clients',
	);
	await expect(page.getByText('<img src="https://acme.example/pixel.gif"')).toBeVisible();
	await expect(page.locator('img[src*=pixel]')).toHaveCount(0);
	expect(await page.title()).not.toContain('taken');
	await page.screenshot({ path: info.outputPath('readme.png'), fullPage: true });

	await visit('/admin/plugins');
	await page.getByRole('button', { name: 'Allow' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Allow' }).click();
	await expect(page.getByText('Allowed', { exact: true }).first()).toBeVisible();

	await visit('/admin/apps/4/connectors/acme');
	await page.getByLabel('Address of Acme').fill(acme.url);
	await page.getByLabel('Client id').fill(String(acme.config['clientId']));
	await page.getByLabel('Client secret').fill(String(acme.config['clientSecret']));
	await page.getByRole('button', { name: 'Save' }).click();
	await expect(page.getByText('Unsaved changes')).toHaveCount(0);
	await page.getByRole('switch', { name: 'Use Acme' }).click();
	await told(page, 'Acme is on');
	await expect(page.getByRole('switch', { name: 'Use Acme' })).toBeChecked();

	// Its own code validates the input, and the input stays in the form.
	const id = page.getByLabel('Client id');
	await id.fill('nobody');
	await page.getByRole('button', { name: 'Save' }).click();
	await expect(id).toHaveAttribute('aria-invalid', 'true');
	await expect(page.getByText('Please check the marked settings.')).toBeVisible();
	await expect(id).toHaveValue('nobody');
	await id.fill('slow');
	await page.getByRole('button', { name: 'Save' }).click();
	await expect(
		page.getByText(
			'Nothing was saved, as the plugin did not check these settings: no answer within 4500 ms.',
		),
	).toBeVisible({ timeout: 15_000 });
	await expect(id).toHaveValue('slow');
	await page.screenshot({ path: info.outputPath('unjudged.png'), fullPage: true });
	expect(complaints.filter((each) => !each.includes('503'))).toEqual([]);

	const person = await (await browser.newContext()).newPage();
	await person.goto(`${appliance.origin}/apps/4/sign-in`);
	await person.getByRole('button', { name: 'Continue with Acme' }).click();
	await person.getByRole('link', { name: 'Approve as Mei' }).click();
	await expect(person).toHaveURL(new RegExp(`^${appliance.origin}/apps/4/`));
	await expect(person.getByText('Mei').first()).toBeVisible();
	await person.screenshot({ path: info.outputPath('signed-in.png') });
});
