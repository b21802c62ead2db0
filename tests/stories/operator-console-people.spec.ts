/** The operator console and people: looking after users, trying a sign-in, and the log of what was done by whom. */
import { expect, test, type Browser, type Page } from '@playwright/test';
import { owner, startAppliance, type RunningAppliance } from '../appliance';
import { enter, live, openPage, type OperatorPage, operatorSession, save, send, told } from './operator-page';

const password = 'correct-horse-battery';
const changed = 'another-good-horse';
const apps = { users: 21, trial: 22, audit: 23, stale: 24 };

let appliance: RunningAppliance;
let session: Awaited<ReturnType<typeof operatorSession>>;

test.beforeAll(async ({ browser }) => {
	const listed = Object.entries(apps).map(
		([name, id]) => `  - id: ${id}
    name: ${name}
    users:
      - { username: alice, email: alice@example.com, emailVerified: true, password: ${password} }
      - { username: bob, email: bob@example.com, password: ${password} }`,
	);
	appliance = await startAppliance({ apply: `apps:\n${listed.join('\n')}\n` });
	session = await operatorSession(browser, appliance);
});
test.afterAll(() => appliance.stop());

const operator = (browser: Browser): Promise<OperatorPage> => openPage(browser, appliance, { session });
const visitor = async (browser: Browser): Promise<Page> => (await openPage(browser, appliance)).page;
const at = (app: number, path: string): string => `${appliance.origin}/apps/${app}${path}`;
const consoleOf = (app: number, path = ''): string => `/admin/apps/${app}${path}`;
const account = at.bind(undefined, apps.users, '/account');

async function createUser({ page, visit }: OperatorPage, app: number, username: string): Promise<void> {
	await visit(consoleOf(app, '/users/new'));
	await page.locator('[name=username]').fill(username);
	await page.locator('[name=email]').fill(`${username}@example.com`);
	await page.locator('[name=password]').fill(password);
	await send(page);
	await expect(page).toHaveURL(new RegExp(`/apps/${app}/users/(?!new)[^/]+$`));
}

async function setPassword(page: Page, value: string): Promise<void> {
	await page.locator('main').getByRole('button', { name: 'Set password' }).first().click();
	const dialog = page.getByRole('dialog');
	await dialog.locator('[name=newPassword]').fill(value);
	await dialog.getByRole('button', { name: 'Set password' }).click();
}

async function signIn(person: Page, identifier: string, secret: string): Promise<void> {
	await person.goto(at(apps.users, '/sign-in'));
	await enter(person, identifier, secret);
}

test('a user is created, found, locked out at once, let in again, and given a password', async ({
	browser,
}) => {
	const console = await operator(browser);
	const { page, visit } = console;
	await visit(consoleOf(apps.users, '/users/new'));
	await page.locator('[name=username]').fill('ALICE');
	await send(page);
	await expect(page.locator('[name=username]')).toHaveAttribute('aria-invalid', 'true');
	await expect(page.locator('[name=username]')).toHaveValue('ALICE');
	await createUser(console, apps.users, 'nora');
	const address = page.url();

	await visit(consoleOf(apps.users, '/users'));
	await expect(page.locator('tbody tr')).toHaveCount(3);
	await page.getByRole('searchbox').fill('nor');
	await expect(page).toHaveURL(/search=nor/);
	await expect(page.locator('tbody tr')).toHaveCount(1);
	await page.getByRole('link', { name: /nora/ }).click();
	await expect(page).toHaveURL(address);

	const person = await visitor(browser);
	await signIn(person, 'nora', password);
	await expect(person).toHaveURL(account());
	await page.getByRole('button', { name: 'Disable', exact: true }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Disable', exact: true }).click();
	await told(page, 'User disabled');
	await person.goto(account());
	await expect(person).toHaveURL(/\/sign-in/);
	await signIn(person, 'nora', password);
	await expect(person.getByRole('alert').first()).toBeVisible();
	await expect(person).toHaveURL(/\/sign-in/);

	await page.getByRole('button', { name: 'Enable', exact: true }).click();
	await told(page, 'User enabled');
	await signIn(person, 'nora', password);
	await expect(person).toHaveURL(account());
	await setPassword(page, 'short');
	await expect(page.locator('[name=newPassword]')).toHaveAttribute('aria-invalid', 'true');
	await page.locator('[name=newPassword]').fill(changed);
	await page.getByRole('dialog').getByRole('button', { name: 'Set password' }).click();
	await told(page, 'Password set; sessions ended');
	await person.goto(account());
	await expect(person).toHaveURL(/\/sign-in/);
	await signIn(person, 'nora', password);
	await expect(person.getByRole('alert').first()).toBeVisible();
	await signIn(person, 'nora', changed);
	await expect(person).toHaveURL(account());
	expect(console.complaints).toEqual([]);
});

test('what was typed stays while something else on the page is done and the page shows what became of it', async ({
	browser,
}) => {
	const { page, visit, complaints } = await operator(browser);
	await visit(consoleOf(apps.users, '/users?search=bob'));
	await page.getByRole('link', { name: /bob/ }).click();
	const [name, points] = [page.locator('[name=name]'), page.locator('[name=points]')];
	await name.fill('Robert');
	await points.fill('12');
	await page.getByRole('button', { name: 'Disable', exact: true }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Disable', exact: true }).click();
	await told(page, 'User disabled');
	await expect(page.getByRole('button', { name: 'Enable', exact: true })).toBeVisible();
	await expect(name).toHaveValue('Robert');
	await expect(points).toHaveValue('12');
	await expect(page.locator('.save-bar')).toBeVisible();
	await page.locator('.save-bar').getByRole('button', { name: 'Discard' }).click();
	await expect(name).toHaveValue('');

	// The next user's page shows the next user, and nothing of it is unsaved.
	await page.getByLabel('Administrator').check();
	await page.keyboard.press('ControlOrMeta+k');
	await page.getByRole('dialog').getByRole('combobox').fill('alice');
	await page.getByRole('option', { name: /alice/ }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
	await expect(page.locator('[name=username]')).toHaveValue('alice');
	await expect(page.getByLabel('Administrator')).not.toBeChecked();
	await name.fill('A');
	await name.fill('');
	await expect(page.locator('.save-bar')).toHaveCount(0);
	expect(complaints).toEqual([]);
});

test('of two open pages of a user none puts back what the other changed, and a new address is to be vouched for', async ({
	browser,
}) => {
	const first = await operator(browser);
	await createUser(first, apps.stale, 'pia');
	const second = await operator(browser);
	await second.visit(new URL(first.page.url()).pathname);
	const proven = ({ page }: OperatorPage) => page.locator('[name=emailVerified]');
	const saved = async ({ page }: OperatorPage) => {
		await save(page);
		await expect(page.locator('.save-bar')).toHaveCount(0);
	};
	await proven(first).check();
	await first.page.getByLabel('Administrator').check();
	await saved(first);
	await second.page.locator('[name=points]').fill('12');
	await saved(second);
	await expect(proven(second)).toBeChecked();
	await expect(second.page.getByLabel('Administrator')).toBeChecked();

	const email = second.page.locator('[name=email]');
	await email.fill('pia@new.example');
	await expect(proven(second)).not.toBeChecked();
	await email.fill('pia@example.com');
	await expect(proven(second)).toBeChecked();
	await email.fill('pia@new.example');
	await saved(second);
	await expect(proven(second)).not.toBeChecked();
	await email.fill('pia@newer.example');
	await proven(second).check();
	await saved(second);
	await expect(email).toHaveValue('pia@newer.example');
	await expect(proven(second)).toBeChecked();
	expect([...first.complaints, ...second.complaints]).toEqual([]);
});

test('"Try sign-in" makes the real round trip and shows each step', async ({ browser }) => {
	const { page, visit, complaints } = await operator(browser);
	await visit(consoleOf(apps.trial, '/try'));
	await page.getByRole('button', { name: 'Start' }).click();
	await expect(page).toHaveURL(new RegExp(`/apps/${apps.trial}/interaction/`));
	await enter(page, 'alice', password);
	await page.locator('[name=decision][value=allow]').click();
	await expect(page.getByText('Everything worked')).toBeVisible();
	const steps = page.locator('main ol > li');
	await expect(steps).toHaveCount(6);
	for (const step of await steps.all()) await expect(step).toContainText('Done');
	const shown = await page.locator('main').textContent();
	expect(shown).toContain(`"iss": "${appliance.origin}/apps/${apps.trial}"`);
	expect(shown).toContain('"aud": "menshen-try"');
	expect(shown).toContain('"email": "alice@example.com"');
	expect(shown).toContain('access_token');
	expect(new URL(page.url()).search).toBe('');
	await page.reload();
	await live(page);
	await expect(page.getByText('This trial is over')).toBeVisible();
	expect(complaints).toEqual([]);
});

test('the log says what was done, by which operator and when', async ({ browser }) => {
	const started = Date.now();
	const console = await operator(browser);
	const { page, visit } = console;
	await createUser(console, apps.audit, 'olga');
	const user = page.url().split('/').at(-1) ?? '';
	await visit(consoleOf(apps.audit, '/audit'));
	const row = page.locator('tbody tr', { hasText: `user:${user}` });
	await expect(row).toHaveCount(1);
	await expect(row).toContainText('User created');
	await expect(row.locator('td').nth(2)).toHaveText(owner.email);
	await expect(row.locator('td').nth(2).locator('[title]')).toHaveAttribute('title', /^operator:\S+/);
	await expect(row.locator('td').nth(3)).toHaveText('olga');
	await expect(row.locator('pre')).toContainText(/operator:\S+/);
	const when = Date.parse((await row.locator('time').getAttribute('datetime')) ?? '');
	expect(when).toBeGreaterThanOrEqual(started - 1000);
	expect(when).toBeLessThanOrEqual(Date.now() + 1000);
	await row.getByText('User created').click();
	await expect(row.locator('pre')).toContainText('user.create');
	await page.locator('select[name=action]').selectOption('app.update');
	await expect(page.getByText('No event fits these filters.')).toBeVisible();
	await visit('/admin/audit');
	await expect(page.locator('tbody tr', { hasText: 'Operator signed in' }).first()).toBeVisible();
	expect(console.complaints).toEqual([]);
});

test('a visitor without a session goes through the sign-in and comes back to the page', async ({
	browser,
}) => {
	const { page, complaints } = await openPage(browser, appliance);
	const wanted = `${appliance.origin}${consoleOf(apps.audit, '/users?search=ali')}`;
	await page.goto(wanted);
	await expect(page).toHaveURL(/\/admin\/sign-in\?next=/);
	await page.locator('[name=email]').fill(owner.email);
	await page.locator('[name=password]').fill('not-the-password');
	await send(page);
	await expect(page.getByRole('alert').first()).toBeVisible();
	await expect(page.locator('[name=email]')).toHaveValue(owner.email);
	await page.locator('[name=password]').fill(owner.password);
	await send(page);
	await expect(page).toHaveURL(wanted);
	await expect(page.locator('tbody tr')).toHaveCount(1);
	expect(complaints).toEqual([]);
});
