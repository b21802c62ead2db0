/** The operator console and rights: deleting roles, operators who are not owners, leaving forms. */
import { expect, test, type Browser } from '@playwright/test';
import { startAppliance, type RunningAppliance } from '../appliance';
import { openPage, operatorSession, send, told, type OperatorPage } from './operator-page';

const app = 41;
const operator = { email: 'olga@example.com', password: 'an-operator-secret' };
const changed = 'another-operator-secret';

let appliance: RunningAppliance;
let session: Awaited<ReturnType<typeof operatorSession>>;

test.beforeAll(async ({ browser }) => {
	appliance = await startAppliance({
		apply: `apps:
  - id: ${app}
    name: Demo
    website: https://demo.example
    roles:
      - { id: editor, name: Editor, permissions: [post.write] }
    users:
      - { username: alice, password: correct-horse-battery, roles: [editor, user] }
      - { username: bob, password: correct-horse-battery, roles: [editor] }
`,
	});
	session = await operatorSession(browser, appliance);
});
test.afterAll(() => appliance.stop());

const asOwner = (browser: Browser): Promise<OperatorPage> => openPage(browser, appliance, { session });
const url = (path: string): string => `${appliance.origin}${path}`;

async function signIn({ page, visit }: OperatorPage, password: string): Promise<void> {
	await visit('/admin/sign-in');
	await page.locator('[name=email]').fill(operator.email);
	await page.locator('[name=password]').fill(password);
	await send(page);
}

test('a role is deleted after saying how many hold it; the one for new users stays', async ({ browser }) => {
	const { page, visit, complaints } = await asOwner(browser);
	await visit(`/admin/apps/${app}/roles`);
	const row = page.locator('tbody tr', { hasText: 'editor' });
	await expect(row.locator('td').nth(2)).toHaveText('2');
	await row.getByRole('button', { name: 'Actions for Editor' }).click();
	await page.getByRole('menuitem', { name: 'Delete' }).click();
	const dialog = page.getByRole('dialog');
	await expect(dialog).toContainText('Users who hold it: 2.');
	await dialog.getByRole('button', { name: 'Cancel' }).click();
	await expect(row).toHaveCount(1);
	await row.getByRole('button', { name: 'Actions for Editor' }).click();
	await page.getByRole('menuitem', { name: 'Delete' }).click();
	await dialog.getByRole('button', { name: 'Delete' }).click();
	await told(page, 'Role deleted');
	await expect(row).toHaveCount(0);
	await expect(page.getByRole('button', { name: 'Actions for User' })).toHaveCount(0);
	await visit(`/admin/apps/${app}/users`);
	await expect(page.locator('tbody tr')).toHaveCount(2);
	await expect(page.locator('tbody')).not.toContainText('editor');
	expect(complaints).toEqual([]);
});

test('an operator who is not an owner gets no form for operators, and changes their password', async ({
	browser,
}) => {
	const boss = await asOwner(browser);
	await boss.visit('/admin/operators/new');
	await boss.page.locator('[name=email]').fill(operator.email);
	await boss.page.locator('[name=password]').fill(operator.password);
	await send(boss.page);
	await expect(boss.page).toHaveURL(url('/admin/operators'));

	const [here, there] = [await openPage(browser, appliance), await openPage(browser, appliance)];
	for (const one of [here, there]) {
		await signIn(one, operator.password);
		await expect(one.page).toHaveURL(url('/admin'));
	}
	const { page, visit } = here;
	const answer = await page.goto(url('/admin/operators/new'));
	expect(answer?.status()).toBe(403);
	await expect(page.getByText('This is not allowed for this account.')).toBeVisible();
	await expect(page.locator('main form')).toHaveCount(0);

	await visit('/admin/operators');
	await page.locator('main').getByRole('link', { name: 'Change password' }).click();
	await expect(page).toHaveURL(url('/admin/password'));
	await page.locator('[name=password]').fill('not-the-password');
	await page.locator('[name=newPassword]').fill(changed);
	await send(page);
	await expect(page.locator('#password-error')).toHaveText('That is not the current password.');
	await page.locator('[name=password]').fill(operator.password);
	const known = async () =>
		(await page.context().cookies()).find(({ name }) => name === 'menshen-known-operator')?.value ?? '';
	const before = await known();
	await send(page);
	await told(page, 'Password changed; other sessions ended');
	// The note of the old password is void: this browser has a new one.
	expect(['', before]).not.toContain(await known());
	await expect(page.locator('[name=password]')).toHaveValue('');
	await visit('/admin');
	await expect(page).toHaveURL(url('/admin'));
	await there.visit('/admin');
	await expect(there.page).toHaveURL(/\/admin\/sign-in/);
	await signIn(there, operator.password);
	await expect(there.page.getByRole('alert').first()).toBeVisible();
	await there.page.locator('[name=password]').fill(changed);
	await send(there.page);
	await expect(there.page).toHaveURL(url('/admin'));
	expect([...here.complaints, ...there.complaints]).toEqual([]);
});

test('what was typed is not left behind without a question, whether it is new or a change', async ({
	browser,
}) => {
	const { page, visit, complaints } = await asOwner(browser);
	const warnings: string[] = [];
	page.on('console', (message) => {
		if (message.type() === 'warning') warnings.push(message.text());
	});
	for (const [path, field] of [
		[`/admin/apps/${app}/theme`, 'title'],
		[`/admin/apps/${app}/users/new`, 'username'],
	] as const) {
		await visit(path);
		await page.locator(`[name=${field}]`).fill('Something typed');
		await page.getByRole('link', { name: 'Messages' }).first().click();
		const dialog = page.getByRole('dialog');
		await expect(dialog).toContainText('Unsaved changes');
		await dialog.getByRole('button', { name: 'Cancel' }).click();
		await expect(page).toHaveURL(url(path));
		await expect(page.locator(`[name=${field}]`)).toHaveValue('Something typed');
		await page.getByRole('link', { name: 'Messages' }).first().click();
		await dialog.getByRole('button', { name: 'Leave' }).click();
		await expect(page).toHaveURL(url(`/admin/apps/${app}/messages`));
	}
	expect(warnings).toEqual([]);
	expect(complaints).toEqual([]);
});

test('the pages of the engine look like the app: its logo, its stylesheet, a way back', async ({
	browser,
}) => {
	const { request } = await browser.newContext({
		storageState: session,
		extraHTTPHeaders: { origin: appliance.origin, 'menshen-app': String(app) },
	});
	const png =
		'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
	const uploaded = await request.post(url('/trpc/admin.apps.uploadLogo'), { data: { data: png } });
	const logo = /"([a-f0-9]{64})"/.exec(await uploaded.text())?.[1] ?? '';
	const saved = await request.post(url('/trpc/admin.apps.update'), {
		data: { theme: { logo, accent: '#aa0011' } },
	});
	expect(saved.status(), await saved.text()).toBe(200);
	const { page, visit, complaints } = await openPage(browser, appliance);
	await visit(`/apps/${app}/sign-in`);
	const look = async () => ({
		logo: await page.locator('.page-brand img').getAttribute('src'),
		theme: await page.locator('link[href*="theme.css"]').getAttribute('href'),
	});
	const expected = await look();
	expect(expected.logo).toBe(`/apps/${app}/images/${logo}`);
	expect(expected.theme).toMatch(/theme\.css\?v=[0-9a-f]{16}$/);
	for (const path of ['/oidc/logout', '/oidc/auth?client_id=nobody']) {
		await visit(`/apps/${app}${path}`);
		expect(await look()).toEqual(expected);
		expect(await page.locator('.page-brand img').evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(
			1,
		);
		await expect(page.getByRole('link', { name: 'Back to Demo' })).toHaveAttribute(
			'href',
			'https://demo.example',
		);
	}
	expect(complaints).toEqual([]);
});
