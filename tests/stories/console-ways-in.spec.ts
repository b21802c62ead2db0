/** The operator console: one user's linked accounts, passkeys, points, and accounts that were merged. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Browser, type Page } from '@playwright/test';
import { startEmulator as startApp, type AppEmulator } from '../../plugins/wechat-app/emulator';
import {
	startEmulator as startMini,
	type MiniProgramEmulator,
} from '../../plugins/wechat-miniprogram/emulator';
import type { PersonKey } from '../emulators/wechat-cast';
import { callApi } from '../api';
import type { RunningAppliance } from '../appliance';
import { openPage, operatorSession, save, told, type OperatorPage } from './operator-page';
import { connectorsOf, password, signInByPassword, startWithVendors } from './vendor-story';

const apps = { linked: 71, merged: 72 };
let vendors: { 'wechat-app': AppEmulator; 'wechat-miniprogram': MiniProgramEmulator };
let appliance: RunningAppliance;
let session: Awaited<ReturnType<typeof operatorSession>>;

test.beforeAll(async ({ browser }) => {
	vendors = { 'wechat-app': await startApp(), 'wechat-miniprogram': await startMini() };
	const shared = {
		externalSignUp: 'auto',
		connectors: { ...connectorsOf(vendors), password: { enabled: true }, passkey: { enabled: true } },
	};
	const carol = { username: 'carol', email: 'carol@example.com', emailVerified: true };
	appliance = await startWithVendors(
		[
			{ id: apps.linked, name: 'Linked', users: [{ ...carol, password }], ...shared },
			{ id: apps.merged, name: 'Merged', ...shared },
		],
		vendors,
	);
	session = await operatorSession(browser, appliance);
});
test.afterAll(async () => {
	await appliance.stop();
	await Promise.all(Object.values(vendors).map((vendor) => vendor.close()));
});

const operator = (browser: Browser): Promise<OperatorPage> => openPage(browser, appliance, { session });
const bind = (bound: boolean) => Object.values(vendors).forEach((vendor) => vendor.bind(bound));

/** Comes from a world of WeChat, through the API that its client calls. @returns the user's id */
async function comeFrom(app: number, connector: keyof typeof vendors, person: PersonKey): Promise<string> {
	const ticket =
		connector === 'wechat-app'
			? vendors['wechat-app'].approve(person)
			: vendors['wechat-miniprogram'].login(person);
	const { data, code } = await callApi({ origin: appliance.origin, app }, 'auth.signInWithTicket', {
		connector,
		ticket,
	});
	if (!data) throw new Error(code);
	return (data as { user: { id: string } }).user.id;
}

const userPage = (app: number, id: string): string => `/admin/apps/${app}/users/${encodeURIComponent(id)}`;
async function expectSound(page: Page): Promise<void> {
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html ?? ''}`)).toEqual([]);
	expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
}
const dialog = (page: Page) => page.getByRole('dialog');

test('a linked account is seen with its connector, and goes after a warning that it is the last', async ({
	browser,
}) => {
	bind(false);
	const id = await comeFrom(apps.linked, 'wechat-app', 'mei');
	const { page, visit, complaints } = await operator(browser);
	await visit(userPage(apps.linked, id));
	const linked = page.locator('[data-identities]');
	await expect(linked).toContainText('梅');
	await expect(linked.locator('img')).toHaveAttribute('src', /^data:image\/svg/);
	await page.locator('[name=points]').fill('250');
	await save(page);
	await page.locator('[name=points]').fill('-1');
	await page.locator('.save-bar').getByRole('button', { name: 'Save' }).click();
	await expect(page.locator('#points-error')).toBeVisible();
	await page.locator('.save-bar').getByRole('button', { name: 'Discard' }).click();
	await expect(page.locator('[name=points]')).toHaveValue('250');

	await linked.getByRole('button', { name: 'Unlink' }).click();
	await expect(dialog(page)).toContainText('the only way in that works');
	await dialog(page).getByRole('button', { name: 'Cancel' }).click();
	await expect(linked).toContainText('梅');
	await linked.getByRole('button', { name: 'Unlink' }).click();
	await dialog(page).getByRole('button', { name: 'Unlink' }).click();
	await told(page, 'Account unlinked');
	await expect(linked).toContainText('No account of a third party is linked');
	await visit(`/admin/apps/${apps.linked}/audit`);
	await expect(page.locator('tbody tr', { hasText: 'Account unlinked' })).toHaveCount(1);
	expect(await comeFrom(apps.linked, 'wechat-app', 'mei')).not.toBe(id);
	expect(complaints).toEqual([]);
});

test('a passkey that a user added is removed by an operator', async ({ browser }) => {
	const person = (await openPage(browser, appliance)).page;
	const device = await person.context().newCDPSession(person);
	await device.send('WebAuthn.enable');
	await device.send('WebAuthn.addVirtualAuthenticator', {
		options: {
			protocol: 'ctap2',
			transport: 'internal',
			hasResidentKey: true,
			hasUserVerification: true,
			isUserVerified: true,
			automaticPresenceSimulation: true,
		},
	});
	await person.goto(`${appliance.origin}/apps/${apps.linked}/sign-in`);
	await signInByPassword(person, 'carol');
	await expect(person).toHaveURL(/\/account$/);
	await person.goto(`${appliance.origin}/apps/${apps.linked}/account/security`);
	await person.locator('summary').filter({ hasText: 'Add a passkey' }).click();
	const form = person.locator('form[action$="beginPasskey"]');
	await form.locator('[name=name]').fill('Laptop');
	await form.locator('[name=password]').fill(password);
	await form.getByRole('button', { name: 'Add a passkey' }).click();
	await expect(person.getByText('The passkey was added.')).toBeVisible();

	const { page, visit, complaints } = await operator(browser);
	await visit(`/admin/apps/${apps.linked}/users?search=carol`);
	await page.locator('tbody a.row-link').click();
	const keys = page.locator('[data-passkeys]');
	await expect(keys).toContainText('Laptop');
	await keys.getByRole('button', { name: 'Remove' }).click();
	await expect(dialog(page)).not.toContainText('the only way in that works');
	await dialog(page).getByRole('button', { name: 'Remove' }).click();
	await told(page, 'Passkey removed');
	await expect(keys).toContainText('No passkey');
	expect(complaints).toEqual([]);
});

test('accounts that WeChat showed to be one are merged, and made two again', async ({ browser }) => {
	bind(false);
	const first = await comeFrom(apps.merged, 'wechat-miniprogram', 'mei');
	const second = await comeFrom(apps.merged, 'wechat-app', 'mei');
	expect(second).not.toBe(first);
	bind(true);
	await comeFrom(apps.merged, 'wechat-miniprogram', 'mei');
	expect(await comeFrom(apps.merged, 'wechat-app', 'mei')).toBe(first);

	const { page, visit, complaints } = await operator(browser);
	await visit(userPage(apps.merged, second));
	await expect(page.getByText('Went into')).toBeVisible();
	await visit(userPage(apps.merged, first));
	await expect(page.locator('[data-identities] li')).toHaveCount(2);
	await expectSound(page);
	for (const colorScheme of ['light', 'dark'] as const) {
		const phone = await openPage(browser, appliance, {
			...{ session, colorScheme, locale: 'zh-CN', viewport: { width: 390, height: 844 } },
		});
		await phone.visit(userPage(apps.merged, first));
		await expect(phone.page.getByText('合并记录')).toBeVisible();
		await expectSound(phone.page);
	}
	await page.getByRole('button', { name: 'Undo', exact: true }).click();
	await dialog(page).getByRole('button', { name: 'Cancel' }).click();
	await page.getByRole('button', { name: 'Undo', exact: true }).click();
	await dialog(page).getByRole('button', { name: 'Undo', exact: true }).click();
	await told(page, 'Merge undone');
	await expect(page.locator('[data-identities] li')).toHaveCount(1);
	await expect(page.getByText('Undone', { exact: true })).toBeVisible();
	expect(complaints).toEqual([]);
});
