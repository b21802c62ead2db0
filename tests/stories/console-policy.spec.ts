/** The operator console: the sign-in policy and the connectors. */
import { expect, test, type Browser, type Page } from '@playwright/test';
import { startAppliance, type RunningAppliance } from '../appliance';
import { live, openPage, type OperatorPage, operatorSession, save, told } from './operator-page';

const apps = { policy: 51, order: 52, guide: 53, shared: 54, unsent: 55, both: 56 };
const password = 'correct-horse-battery';
const operator = { email: 'olga@example.com', password: 'an-operator-secret' };

let appliance: RunningAppliance;
let session: Awaited<ReturnType<typeof operatorSession>>;

test.beforeAll(async ({ browser }) => {
	const listed = Object.entries(apps).map(([name, id]) => ({
		id,
		name,
		users: [{ username: 'alice', email: 'alice@example.com', emailVerified: true, password }],
	}));
	appliance = await startAppliance({ apply: JSON.stringify({ apps: listed }) });
	session = await operatorSession(browser, appliance);
});
test.afterAll(() => appliance.stop());

const asOwner = (browser: Browser): Promise<OperatorPage> => openPage(browser, appliance, { session });
const consoleOf = (app: number, path: string): string => `/admin/apps/${app}${path}`;
const at = (app: number, path: string): string => `${appliance.origin}/apps/${app}${path}`;
/** What the policy would do to all users. */
const troubles = (page: Page) => page.locator('[data-troubles]').first();

test('the policy is chosen, warns of users who would be locked out, and is what people see', async ({
	browser,
}) => {
	const { page, visit, complaints } = await asOwner(browser);
	await visit(consoleOf(apps.policy, '/policy'));
	await expect(troubles(page)).toBeEmpty();
	await page.locator('[name=registration]').click();
	await page.locator('[name=requireVerified][value=email]').check();
	await page.locator('[name=externalSignUp]').selectOption('auto');
	await page.locator('[name=signUpPoints]').fill('15');
	await page.locator('[name=welcomeEmail]').check();
	await page.locator('[name="firstMethod.desktop"]').selectOption('password');
	await page.locator('[name=signInIdentifiers][value=phone]').uncheck();
	await expect(troubles(page)).toContainText('nothing but a phone number');
	await save(page);
	await page.reload();
	await live(page);
	await expect(page.locator('[name=registration]')).not.toBeChecked();
	await expect(page.locator('[name=requireVerified][value=email]')).toBeChecked();
	await expect(page.locator('[name=externalSignUp]')).toHaveValue('auto');
	await expect(page.locator('[name=signUpPoints]')).toHaveValue('15');
	await expect(page.locator('[name=welcomeEmail]')).toBeChecked();
	await expect(page.locator('[name="firstMethod.desktop"]')).toHaveValue('password');
	await expect(page.locator('[name=signInIdentifiers][value=phone]')).not.toBeChecked();
	await expect(troubles(page)).toBeEmpty();
	const person = (await openPage(browser, appliance)).page;
	await person.goto(at(apps.policy, '/register'));
	await expect(person.locator('[name=password]')).toHaveCount(0);
	expect(complaints).toEqual([]);
});

test('what cannot be is refused at its field, and nothing that was chosen is lost', async ({ browser }) => {
	const { page, visit } = await asOwner(browser);
	await visit(consoleOf(apps.policy, '/policy'));
	const identifiers = page.locator('[name=signInIdentifiers]');
	for (const box of await identifiers.all()) await box.uncheck();
	await page.locator('[name=signUpPoints]').fill('-3');
	await expect(page.locator('#signInIdentifiers-error')).toHaveText('Choose at least one.');
	await expect(troubles(page)).toContainText('Nobody could sign in');
	await page.locator('.save-bar').getByRole('button', { name: 'Save' }).click();
	await expect(page.locator('#signUpPoints-error')).toBeVisible();
	await expect(page.locator('[name=signUpPoints]')).toHaveValue('-3');
	await expect(identifiers.first()).not.toBeChecked();
	await page.locator('[name=signUpPoints]').fill('3');
	await page.locator('.save-bar').getByRole('button', { name: 'Save' }).click();
	await expect(identifiers.first()).toHaveAttribute('aria-invalid', 'true');
	await identifiers.first().check();
	await save(page);
});

test('a page that stayed open does not bring back what somebody else changed', async ({ browser }) => {
	const [stale, other] = [await asOwner(browser), await asOwner(browser)];
	for (const { visit } of [stale, other]) await visit(consoleOf(apps.both, '/policy'));
	await other.page.locator('[name=registration]').click();
	await save(other.page);
	await stale.page.locator('[name=signUpPoints]').fill('15');
	await save(stale.page);
	await expect(stale.page.locator('[name=registration]')).not.toBeChecked();
	await expect(stale.page.locator('[name=signUpPoints]')).toHaveValue('15');

	for (const { visit } of [stale, other]) await visit(consoleOf(apps.both, '/theme'));
	await other.page.locator('[name=title]').fill('Door');
	await save(other.page);
	await stale.page.locator('[name=radius]').fill('3');
	await save(stale.page);
	await expect(stale.page.locator('[name=title]')).toHaveValue('Door');
});

test('switching accounts off warns that no user could sign in', async ({ browser }) => {
	const { page, visit } = await asOwner(browser);
	await visit(consoleOf(apps.order, '/policy'));
	await page.locator('[name=systemAccounts]').click();
	await expect(troubles(page)).toContainText('Nobody could sign in');
	await expect(troubles(page)).toContainText('nothing but a password');
	await page.locator('.save-bar').getByRole('button', { name: 'Discard' }).click();
	await expect(troubles(page)).toBeEmpty();
});

test('a proof that nothing can carry is warned of, with the way to the senders', async ({ browser }) => {
	const { page, visit, complaints } = await asOwner(browser);
	const off = await page.request.post(`${appliance.origin}/trpc/admin.connectors.save`, {
		headers: { origin: appliance.origin, 'menshen-app': String(apps.unsent) },
		data: { id: 'outbox', enabled: false },
	});
	expect(off.ok()).toBe(true);
	await visit(consoleOf(apps.unsent, '/policy'));
	const warning = page.locator('[data-troubles]').last();
	await expect(warning).toBeEmpty();
	await page.locator('[name=requireVerified][value=phone]').check();
	await expect(warning).toContainText('No sender carries text messages here');
	await page.locator('[name=requireVerified][value=phone]').uncheck();
	await expect(warning).toBeEmpty();
	await page.locator('[name=requireVerified][value=email]').check();
	await save(page);
	await page.reload();
	await live(page);
	await expect(warning).toContainText('No sender carries email here');
	await warning.getByRole('link', { name: 'Choose a sender' }).click();
	await expect(page).toHaveURL(new RegExp(`${consoleOf(apps.unsent, '/messages')}$`));
	expect(complaints).toEqual([]);
});

const orderOf = (page: Page) => page.locator('section[aria-labelledby=connectors-on] li h3').allInnerTexts();

test('connectors: those that are on come first, in the order that people see', async ({ browser }) => {
	const { page, visit, complaints } = await asOwner(browser);
	await visit(consoleOf(apps.order, '/connectors'));
	await expect.poll(() => orderOf(page)).toEqual(['Password']);
	for (const [title, name] of [
		['Accounts of the app', 'Passkey'],
		['China', 'DingTalk'],
		['International', 'GitHub'],
	])
		await expect(page.getByRole('region', { name: title }).getByRole('heading', { name })).toBeVisible();
	await expect(page.locator('main')).not.toContainText('Twilio');
	await page.getByRole('switch', { name: 'Use Passkey' }).click();
	await told(page, 'Passkey is on');
	await page.getByRole('switch', { name: 'Use Email' }).click();
	await told(page, 'Email code is on');
	await expect.poll(() => orderOf(page)).toEqual(['Password', 'Email code', 'Passkey']);
	const person = (await openPage(browser, appliance)).page;
	await person.goto(at(apps.order, '/sign-in'));
	await expect(person.locator('[name=password]')).toBeVisible();
	await page.getByRole('button', { name: 'Move Email code up' }).click();
	await told(page, 'Order saved');
	await expect.poll(() => orderOf(page)).toEqual(['Email code', 'Password', 'Passkey']);
	await person.reload();
	await expect(person.locator('[name=password]')).toHaveCount(0);
	await page.getByRole('button', { name: 'Move Password up' }).click();
	await expect.poll(async () => (await orderOf(page))[0]).toBe('Password');
	await person.reload();
	await expect(person.locator('[name=password]')).toBeVisible();
	await page.reload();
	await live(page);
	expect((await orderOf(page))[0]).toBe('Password');
	expect(complaints).toEqual([]);
});

test('connectors are found by name, in either language', async ({ browser }) => {
	const { page, visit } = await asOwner(browser);
	await visit(consoleOf(apps.guide, '/connectors'));
	const names = page.locator('main li h3');
	expect(await names.count()).toBeGreaterThan(15);
	await page.getByRole('searchbox').fill('支付宝');
	await expect(page).toHaveURL(/search=/);
	await expect(names).toHaveText(['Alipay']);
	await page.getByRole('searchbox').fill('git');
	await expect(names).toHaveText(['GitHub']);
	await page.getByRole('searchbox').fill('nothing-like-this');
	await expect(page.getByText('No connector has this name')).toBeVisible();
});

test('a connector says how it is set up, where people come back to, and when it is not complete', async ({
	browser,
}) => {
	const { page, visit, complaints } = await asOwner(browser);
	await visit(consoleOf(apps.guide, '/connectors/wechat-web'));
	await expect(page.getByText('Needs settings')).toBeVisible();
	await expect(page.getByText(at(apps.guide, '/connect/wechat-web/callback'))).toBeVisible();
	await expect(page.getByRole('heading', { name: 'Getting the keys' })).toBeVisible();
	await expect(page.getByRole('link', { name: 'https://open.weixin.qq.com' })).toHaveAttribute(
		'rel',
		/noreferrer/,
	);
	const control = page.getByRole('switch', { name: /^Use WeChat/ });
	await expect(control).toBeDisabled();
	await page.locator('[name="config.websiteAppId"]').fill('wx00000000000000b2');
	await page.locator('[name="config.websiteAppSecret"]').fill('a-secret-of-wechat');
	await save(page);
	await expect(page.getByText('Needs settings')).toHaveCount(0);
	await control.click();
	await told(page, / is on/);
	await page.locator('[name="config.websiteAppId"]').fill('');
	await page.locator('.save-bar').getByRole('button', { name: 'Save' }).click();
	await expect(page.locator('[name="config.websiteAppId"]')).toHaveAttribute('aria-invalid', 'true');
	await expect(control).toBeChecked();
	expect(complaints).toEqual([]);
});

test('one set of keys serves every app: owners give it, operators see it', async ({ browser }) => {
	const boss = await asOwner(browser);
	await boss.visit('/admin/plugins/wechat-miniprogram');
	await boss.page.locator('[name="config.appId"]').fill('wx00000000000000a1');
	await boss.page.locator('[name="config.appSecret"]').fill('of-the-whole-house');
	await save(boss.page);
	await boss.visit(consoleOf(apps.shared, '/connectors/wechat-miniprogram'));
	await expect(boss.page.locator('[name="config.appId"]')).toHaveAttribute(
		'placeholder',
		'wx00000000000000a1',
	);
	await expect(boss.page.getByText('Set for the whole appliance').first()).toBeVisible();
	await boss.page.getByRole('switch', { name: /^Use WeChat/ }).click();
	await told(boss.page, / is on/);
	await boss.visit(consoleOf(apps.shared, '/connectors'));
	await expect(boss.page.locator('main')).toContainText("Uses the appliance's settings");

	const added = await boss.page.request.post(`${appliance.origin}/trpc/admin.operators.add`, {
		headers: { origin: appliance.origin },
		data: { ...operator, role: 'operator' },
	});
	expect(added.ok()).toBe(true);
	const other = await openPage(browser, appliance, {
		session: await operatorSession(browser, appliance, operator),
	});
	await other.visit('/admin/plugins/wechat-miniprogram');
	await expect(other.page.getByText('Only owners can change what every app inherits')).toBeVisible();
	await expect(other.page.locator('[name="config.appId"]')).toBeDisabled();
	const taken = await other.page.request.post(`${appliance.origin}/admin/plugins/wechat-miniprogram?/save`, {
		headers: { origin: appliance.origin, accept: 'text/html' },
		form: { 'config.appId': 'wx-of-a-thief' },
		maxRedirects: 0,
	});
	expect(taken.status()).toBe(403);
	await other.visit(consoleOf(apps.shared, '/connectors/wechat-miniprogram'));
	await expect(other.page.locator('[name="config.appId"]')).toBeEnabled();
	expect([...boss.complaints, ...other.complaints]).toEqual([]);
});
