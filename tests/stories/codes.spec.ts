/** Codes by email and text message: signing up and in, proving what the app wants, recovering, and one's own number. */
import { expect, test, type Browser, type Page } from '@playwright/test';
import { startEmulator } from '../../plugins/github/emulator';
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import type { RunningAppliance } from '../appliance';
import {
	connectorsOf,
	freshPage,
	openMailbox,
	password,
	signInByPassword,
	signOut,
	startWithVendors,
	type Mailbox,
} from './vendor-story';

let appliance: RunningAppliance;
let github: Emulator;
const on = { enabled: true };

test.beforeAll(async () => {
	github = await startEmulator();
	const person = (username: string, phone?: string) => ({
		username,
		email: `${username}@example.com`,
		emailVerified: true,
		...(phone ? { phone, phoneVerified: true } : {}),
		password,
	});
	appliance = await startWithVendors(
		[
			{
				id: 4,
				name: 'Demo',
				connectors: { password: on, sms: on, email: { enabled: true, config: { link: true } } },
				users: [
					person('alice', '13800138001'),
					person('bob', '13800138002'),
					person('carol'),
					// One for each run of the story: a number gets one code a minute.
					person('erin3', '13800138013'),
					person('erin4', '13800138014'),
				],
			},
			{
				id: 5,
				name: 'Phones first',
				requireVerified: ['phone'],
				connectors: { password: on, sms: on, ...connectorsOf({ github }) },
				users: [person('dave', '13800138005')],
			},
			{
				id: 6,
				name: 'Third parties',
				systemAccounts: false,
				connectors: { password: on, sms: on, email: on },
			},
		],
		{ github },
	);
});
test.afterAll(async () => {
	await appliance.stop();
	await github.close();
});

const at = (path: string, app = 4): string => `${appliance.origin}/apps/${app}${path}`;
const mailbox = (browser: Browser, app = 4): Promise<Mailbox> =>
	openMailbox(browser, { origin: appliance.origin, app });

/** Where the script runs, the last digit sends the form. */
async function typeCode(page: Page, code: string): Promise<void> {
	await page.locator('[name=code]').fill(code);
	await page
		.locator('form:has([name=code]) button')
		.first()
		.click({ timeout: 2000 })
		.catch(() => undefined);
}

const otherThan = (code: string): string => (code === '000000' ? '111111' : '000000');

for (const javaScriptEnabled of [true, false])
	test.describe(`with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
		test.use({ javaScriptEnabled });
		const digit = javaScriptEnabled ? 3 : 4;

		/** Has a code sent to a number, from the sign-in page on. */
		const askByText = async (page: Page, { phone, outbox }: { phone: string; outbox: Mailbox }) => {
			await page.goto(at('/sign-in'));
			await page.getByRole('link', { name: 'Code by text' }).click();
			await page.locator('[name=country]').selectOption('CN');
			await page.locator('[name=phone]').fill(phone);
			await page.getByRole('button', { name: 'Send code' }).click();
			await expect(page.getByText(`+86${phone}`)).toBeVisible();
			return (await outbox.read(`+86${phone}`)).code;
		};

		test('an unknown phone number becomes an account', async ({ page, browser }) => {
			const outbox = await mailbox(browser);
			const phone = `1390013900${digit}`;
			const code = await askByText(page, { phone, outbox });
			await typeCode(page, otherThan(code));
			await expect(page.locator('[name=code]')).toHaveAttribute('aria-invalid', 'true');
			await typeCode(page, code);
			await expect(page).toHaveURL(at('/account'));
			await expect(page.getByText(`+86${phone}`)).toBeVisible();
			await expect(page.getByText('Confirmed', { exact: true })).toBeVisible();
		});

		test('a known phone number signs its user in, and its code is valid once', async ({ page, browser }) => {
			const outbox = await mailbox(browser);
			const phone = `1380013801${digit}`;
			const code = await askByText(page, { phone, outbox });
			const cookies = await page.context().cookies();
			await typeCode(page, code);
			await expect(page).toHaveURL(at('/account'));
			await expect(page.getByLabel('Username')).toHaveValue(`erin${digit}`);
			await signOut(page, at('/account'));
			// The same browser, as it was while the code was asked for.
			await page.context().addCookies(cookies);
			await page.goto(at('/code'));
			await typeCode(page, code);
			await page.goto(at('/account'));
			await expect(page).toHaveURL(/\/sign-in/);
		});

		test('the link of the mail asks for one press here, and shows the code elsewhere', async ({
			page,
			browser,
		}) => {
			const outbox = await mailbox(browser);
			const email = `link${digit}@example.com`;
			await page.goto(at('/sign-in?next=%2Fapps%2F4%2Faccount%2Fsecurity'));
			await page.getByRole('link', { name: 'Code by email' }).click();
			await page.locator('[name=email]').fill(email);
			await page.getByRole('button', { name: 'Send code' }).click();
			await expect(page.getByText(email)).toBeVisible();
			const { code, link } = await outbox.read(email);
			const elsewhere = await freshPage(browser);
			await elsewhere.goto(link);
			await expect(elsewhere.getByText(code, { exact: true })).toBeVisible();
			await expect(elsewhere.getByRole('button', { name: 'Sign in' })).toHaveCount(0);
			await page.goto(link);
			await page.getByRole('button', { name: 'Sign in' }).click();
			await expect(page).toHaveURL(at('/account/security'));
			await elsewhere.goto(link);
			await expect(elsewhere.getByRole('heading', { name: 'This link no longer works' })).toBeVisible();
		});
	});

test('a code is of use in the browser that asked for it alone', async ({ page, browser }) => {
	const outbox = await mailbox(browser);
	await page.goto(at('/sign-in?with=email'));
	await page.locator('[name=email]').fill('bob@example.com');
	await page.getByRole('button', { name: 'Send code' }).click();
	const { code } = await outbox.read('bob@example.com');
	const cookies = await page.context().cookies();
	const stranger = await freshPage(browser);
	// All that the page leaves in a browser, but what binds it.
	await stranger.context().addCookies(cookies.filter(({ name }) => !name.includes('browser')));
	await stranger.goto(at('/code'));
	await typeCode(stranger, code);
	await expect(stranger.locator('[name=code]')).toHaveAttribute('aria-invalid', 'true');
	await typeCode(page, code);
	await expect(page.getByLabel('Username')).toHaveValue('bob');
});

test('known and unknown addresses are answered alike', async ({ page }) => {
	const texts: string[] = [];
	for (const email of ['carol@example.com', 'nobody@example.com']) {
		await page.goto(at('/sign-in?with=email'));
		await page.locator('[name=email]').fill(email);
		await page.getByRole('button', { name: 'Send code' }).click();
		await expect(page.getByText(email)).toBeVisible();
		// The script runs by now: it counts down until another one may be sent.
		await expect(page.getByRole('button', { name: /^Send another code in \d+ s$/ })).toBeVisible();
		texts.push((await page.locator('main').innerText()).replaceAll(email, 'X').replace(/\d+ ?s/g, ''));
	}
	expect(texts[0]).toBe(texts[1]);
});

test('an app that wants phones asks a person who joins by a vendor for theirs', async ({ page, browser }) => {
	const outbox = await mailbox(browser, 5);
	await page.goto(at('/sign-in', 5));
	await page.getByRole('button', { name: 'Continue with GitHub' }).click();
	await page.getByRole('link', { name: 'Approve as Mei' }).click();
	await page.getByRole('button', { name: 'Create an account' }).click();
	await expect(page.getByRole('heading', { name: 'Add a phone number' })).toBeVisible();
	const give = async (phone: string) => {
		await page.locator('[name=country]').selectOption('CN');
		await page.locator('[name=phone]').fill(phone);
		await page.getByRole('button', { name: 'Send code' }).click();
		await typeCode(page, (await outbox.read(`+86${phone}`)).code);
	};
	// The number is Dave's: shown only to a person who can read his messages.
	await give('13800138005');
	await expect(page.getByRole('alert')).toContainText('belongs to an account already');
	await page.getByRole('link', { name: 'Use another number' }).click();
	await give('13900139005');
	await expect(page).toHaveURL(at('/account', 5));
	await expect(page.getByText('+8613900139005')).toBeVisible();
});

test('a forgotten password is replaced by a code to the phone', async ({ page, browser }) => {
	const outbox = await mailbox(browser);
	await page.goto(at('/recover'));
	await page.locator('[name=identifier]').fill('138 0013 8001');
	await page.locator('main form button').first().click();
	const { code, text } = await outbox.read('+8613800138001');
	expect(text).toContain('"channel":"sms"');
	await page.locator('[name=code]').fill(code);
	await page.locator('[name=newPassword]').fill('another-good-horse');
	await page.getByRole('button', { name: 'Set the new password' }).click();
	await page.locator('[name=password]').fill('another-good-horse');
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
	await expect(page.getByLabel('Username')).toHaveValue('alice');
});

test('the account centre takes a phone number once its code came back, and the owner is written to', async ({
	page,
	browser,
}) => {
	const outbox = await mailbox(browser);
	await page.goto(at('/account'));
	await signInByPassword(page, 'carol');
	await page.locator('summary').filter({ hasText: 'Add a phone number' }).click();
	await page.locator('[name=country]').selectOption('CN');
	await page.locator('[name=phone]').fill('139 0013 9007');
	await page.locator('form[action$="changePhone"] [name=password]').fill('not-the-password');
	await page.getByRole('button', { name: 'Send code' }).last().click();
	await expect(page.locator('form[action$="changePhone"] [name=password]')).toHaveAttribute(
		'aria-invalid',
		'true',
	);
	await page.locator('form[action$="changePhone"] [name=password]').fill(password);
	await page.getByRole('button', { name: 'Send code' }).last().click();
	await typeCode(page, (await outbox.read('+8613900139007')).code);
	await expect(page.getByText('The phone number is now +8613900139007.')).toBeVisible();
	expect((await outbox.read('carol@example.com')).text).toContain('9007');
	await signOut(page, at('/account'));
});

test('with accounts of its own off, an app shows neither passwords nor codes', async ({ page }) => {
	await page.goto(at('/sign-in', 6));
	await expect(page.getByText('No way to sign in yet')).toBeVisible();
	await expect(page.locator('main form')).toHaveCount(0);
});
