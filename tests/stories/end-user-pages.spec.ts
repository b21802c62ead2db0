/** The pages people meet: the ways through them with and without JavaScript, and that each page is sound. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Browser, type Page } from '@playwright/test';
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { owner, startAppliance, type RunningAppliance } from '../appliance';

const password = 'correct-horse-battery';
let appliance: RunningAppliance;
let party: Server;
let redirectUri: string;

test.beforeAll(async () => {
	party = createServer((_req, res) =>
		res.setHeader('content-type', 'text/html').end('<link rel="icon" href="data:,"><h1>Arrived</h1>'),
	);
	await new Promise<void>((listening) => party.listen(0, '127.0.0.1', listening));
	redirectUri = `http://127.0.0.1:${(party.address() as AddressInfo).port}/cb`;
	const users = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'].map(
		(name) =>
			`      - { username: ${name}, email: ${name}@example.com, emailVerified: true, password: ${password} }`,
	);
	appliance = await startAppliance({
		apply: `apps:
  - id: 4
    name: Demo
    website: https://demo.example
    clients:
      - { id: web, name: Demo web, website: "https://web.demo.example", redirectUris: ["${redirectUri}"] }
    users:
${users.join('\n')}
      - { username: gina, email: gina@example.com, password: ${password} }
      - { username: hugo, email: hugo@example.com, password: ${password} }
      - { username: ivan, email: ivan@example.com, emailVerified: true, password: ${password} }
      - { username: jane, email: jane@example.com, emailVerified: true, password: ${password} }
      - { username: kate, password: ${password} }
  - id: 6
    name: Mail first
    requireVerified: [email]
    users:
      - { username: known, email: known@example.com, emailVerified: true, password: ${password} }
      - { username: known2, email: known2@example.com, emailVerified: true, password: ${password} }
`,
	});
});
test.afterAll(async () => {
	party.close();
	await appliance.stop();
});

const at = (path: string): string => `${appliance.origin}/apps/4${path}`;
const send = (page: Page) => page.locator('main form button[type=submit]').first().click();
const signedIn = async (page: Page, identifier: string) => {
	await page.locator('[name=identifier]').fill(identifier);
	await page.locator('[name=password]').fill(password);
	await send(page);
};

function requestOf(more: Record<string, string> = {}): string {
	const challenge = createHash('sha256').update(randomBytes(32).toString('base64url')).digest('base64url');
	const query = {
		client_id: 'web',
		redirect_uri: redirectUri,
		response_type: 'code',
		scope: 'openid email',
		state: 's',
	};
	return at(
		`/oidc/auth?${new URLSearchParams({ ...query, code_challenge: challenge, code_challenge_method: 'S256', ...more }).toString()}`,
	);
}

async function reopened(page: Page, link: string): Promise<Page> {
	await page.goto(link);
	return page;
}

interface Listed {
	result: { data: { id: string; status: string }[] };
}

/** The newest message that the outbox holds for an address: its code and its link. */
async function mailFor(browser: Browser, to: string, app = 4): Promise<{ code: string; link: string }> {
	const { request } = await browser.newContext({
		extraHTTPHeaders: { origin: appliance.origin, accept: 'text/html', 'menshen-app': String(app) },
	});
	await request.post(`${appliance.origin}/admin/sign-in`, { form: owner, maxRedirects: 0 });
	const read = async () => {
		const list = (await (
			await request.get(`${appliance.origin}/trpc/admin.messages.list?input=%7B%22limit%22%3A20%7D`)
		).json()) as Listed;
		for (const { id } of list.result.data.filter(({ status }) => status === 'held')) {
			const text = await (
				await request.post(`${appliance.origin}/trpc/admin.messages.read`, { data: { id } })
			).text();
			const code = text.includes(`"${to}"`) ? /"code":"(\d{6})"/.exec(text)?.[1] : undefined;
			if (code) return { code, link: /http[^"\\\s]+token=[\w-]+/.exec(text)?.[0] ?? '' };
		}
		return undefined;
	};
	await expect.poll(read).toBeDefined();
	return (await read()) ?? { code: '', link: '' };
}

/** Types a code; where the script runs, the last digit sends it. */
/** Types the code. With JavaScript the sixth digit sends the form by itself; only this form's button is ever pressed. */
async function typeCode(page: Page, code: string): Promise<void> {
	const form = page.locator('form:has([name=code])');
	await page.locator('[name=code]').fill(code);
	const button = form.locator('button[type=submit], button:not([type])').first();
	await button.click({ timeout: 2000 }).catch(() => undefined);
}

for (const javaScriptEnabled of [true, false]) {
	const name = (on: string, off: string) => (javaScriptEnabled ? on : off);
	test.describe(`with JavaScript ${name('on', 'off')}`, () => {
		test.use({ javaScriptEnabled });

		test('a refused registration keeps what was typed, marks the field, and goes on once it is right', async ({
			page,
		}) => {
			const username = name('nora', 'nils');
			await page.goto(requestOf());
			await page.locator('a[href*="register"]').click();
			await page.locator('[name=username]').fill('ALICE');
			await page.locator('[name=password]').fill(password);
			await send(page);
			await expect(page.locator('[name=username]')).toHaveAttribute('aria-invalid', 'true');
			await expect(page.locator('[name=username]')).toHaveValue('ALICE');
			await expect(page.locator('[name=password]')).toHaveValue('');
			await page.locator('[name=username]').fill(username);
			await page.locator('[name=password]').fill(password);
			await send(page);
			await page.locator('[name=decision][value=deny]').click();
			await expect(page).toHaveURL(/error=access_denied/);
		});

		test('a forgotten password is replaced without losing the way to the client', async ({
			page,
			browser,
		}) => {
			const username = name('alice', 'bob');
			const changed = 'another-good-horse';
			await page.goto(requestOf());
			await page.locator('a[href*="recover"]').click();
			await page.locator('[name=identifier]').fill(username);
			await send(page);
			await page.locator('[name=code]').fill((await mailFor(browser, `${username}@example.com`)).code);
			await page.locator('[name=newPassword]').fill(changed);
			await send(page);
			await expect(page).toHaveURL(/\/interaction\/[^/]+$/);
			await expect(page.locator('[name=identifier]')).toHaveValue(username);
			await expect(page.getByRole('status').first()).toContainText('password was changed');
			await page.locator('[name=password]').fill(changed);
			await send(page);
			await expect(page.getByText(`${username}@example.com`).first()).toBeVisible();
			await page.locator('[name=decision][value=allow]').click();
			await expect(page).toHaveURL(/code=/);
		});

		test('where emails come first, the account is made when the code comes back', async ({
			page,
			browser,
		}) => {
			const email = `${name('new', 'fresh')}@example.com`;
			await page.goto(`${appliance.origin}/apps/6/register`);
			await page.locator('[name=email]').fill(email);
			await page.locator('[name=password]').fill(password);
			await send(page);
			await expect(page.getByText(email)).toBeVisible();
			await page.reload();
			await typeCode(page, (await mailFor(browser, email, 6)).code);
			await expect(page).toHaveURL(/\/apps\/6\/account$/);
			await expect(page.getByText('Confirmed', { exact: true })).toBeVisible();
		});

		test('another code can be asked for, a minute after the first, whether the address has an account or not', async ({
			page,
		}) => {
			const shown: string[] = [];
			for (const who of ['known', name('unknown', 'nobody')]) {
				await page.goto(`${appliance.origin}/apps/6/register`);
				await page.locator('[name=email]').fill(`${who}${name('', '2')}@example.com`);
				await page.locator('[name=password]').fill(password);
				await send(page);
				const again = page.locator('form:has([name=step][value=resend]) button');
				if (javaScriptEnabled) {
					await expect(again).toBeDisabled();
					await expect(again).toHaveText(/^Send another code in \d+ s$/);
				} else {
					await again.click();
					await expect(page.getByRole('alert').first()).toContainText('Too many attempts');
				}
				await expect(page.locator('[name=code]')).toBeVisible();
				const said = (await page.locator('main').textContent()) ?? '';
				shown.push(
					said
						.replaceAll(who, '')
						.replace(/\d+ s/g, '')
						.replace(/\d+ seconds/, ''),
				);
			}
			expect(shown[1]).toBe(shown[0]);
		});

		test('the email is changed in the account, by a code to the new address', async ({ page, browser }) => {
			const [who, fresh] = [name('ivan', 'jane'), `${name('ivan', 'jane')}-new@example.com`];
			await page.goto(at('/sign-in'));
			await signedIn(page, who);
			const form = page.locator('form[action$=changeEmail]');
			await page.locator('summary', { hasText: 'Change the email' }).click();
			await form.locator('[name=email]').fill(fresh);
			await form.locator('[name=password]').fill('not-the-password');
			await form.locator('button.button').last().click();
			await expect(form.locator('[name=password]')).toHaveAttribute('aria-invalid', 'true');
			await expect(form.locator('[name=email]')).toHaveValue(fresh);
			await form.locator('[name=password]').fill(password);
			await form.locator('button.button').last().click();
			await expect(page.getByText(`Enter the code that was sent to ${fresh}.`)).toBeVisible();
			// The client router brought nothing of the other pages' look along.
			await expect(page.locator('select')).toHaveCSS('background-image', /^url/);
			await page.reload();
			await page.locator('[name=code]').fill((await mailFor(browser, fresh)).code);
			await page.locator('form[action$=confirmNewEmail] button').click();
			await expect(page.getByText(`The email is now ${fresh}.`)).toBeVisible();
			await expect(page.getByText('Confirmed', { exact: true })).toBeVisible();
			await page.goto(at('/account'));
			await expect(page.getByText(fresh)).toBeVisible();
			await expect(page.locator('[name=code]')).toHaveCount(0);
		});

		test('a change of email that is not wanted any more is forgotten', async ({ page }) => {
			await page.goto(at('/sign-in'));
			await signedIn(page, 'kate');
			await page.locator('summary', { hasText: 'Add an email' }).click();
			const form = page.locator('form[action$=changeEmail]');
			await form.locator('[name=email]').fill(`kate-${name('one', 'two')}@example.com`);
			await form.locator('[name=password]').fill(password);
			await form.locator('button.button').last().click();
			await expect(page.locator('[name=code]')).toBeVisible();
			await page.getByRole('button', { name: 'Do not change it' }).click();
			await expect(page.getByText('There is no email on this account yet.')).toBeVisible();
			await expect(page.locator('[name=code]')).toHaveCount(0);
		});

		test('an email is proven in the account, or by the link from the mail and a button', async ({
			page,
			browser,
		}) => {
			const who = name('gina', 'hugo');
			await page.goto(at('/sign-in'));
			await signedIn(page, who);
			await page.locator('form[action$="sendCode"] button').click();
			await expect(page.locator('[name=code]')).toBeVisible();
			const { code, link } = await mailFor(browser, `${who}@example.com`);
			await page.locator('[name=code]').fill('000000');
			await page.locator('form[action$="verifyEmail"] button').click();
			await expect(page.locator('[name=code]')).toHaveAttribute('aria-invalid', 'true');
			const elsewhere = await (await browser.newContext()).newPage();
			await elsewhere.goto(link);
			await expect(elsewhere.getByText(who, { exact: true })).toBeVisible();
			await expect(elsewhere.getByText(`${who[0] ?? ''}***@example.com`)).toBeVisible();
			await expect(elsewhere.locator('main')).not.toContainText(`${who}@example.com`);
			await page.reload();
			await expect(page.getByText('Not confirmed')).toBeVisible();
			if (javaScriptEnabled) {
				await send(elsewhere);
				await expect(elsewhere.getByRole('heading', { name: 'Email confirmed' })).toBeVisible();
				await reopened(elsewhere, link);
				await expect(elsewhere.getByRole('heading', { name: 'This link no longer works' })).toBeVisible();
				await expect(elsewhere.locator('main')).not.toContainText(who);
			} else {
				await page.locator('[name=code]').fill(code);
				await page.locator('form[action$="verifyEmail"] button').click();
			}
			await page.goto(at('/account'));
			await expect(page.getByText('Confirmed', { exact: true })).toBeVisible();
		});

		test('on the consent page a person may still switch to another user', async ({ page }) => {
			await page.goto(requestOf({ prompt: 'consent' }));
			await signedIn(page, 'carol');
			await page.locator('a[href*="another"]').click();
			await signedIn(page, 'dave');
			await expect(page.getByText('dave@example.com').first()).toBeVisible();
			await page.locator('[name=decision][value=allow]').click();
			await expect(page).toHaveURL(/code=/);
		});

		test('a signed-in user who comes to create an account goes on, or has another one made', async ({
			page,
		}) => {
			const username = name('olga', 'otto');
			const next = at('/account/security');
			await page.goto(at('/sign-in'));
			await signedIn(page, 'carol');
			await page.goto(at(`/register?next=${encodeURIComponent(new URL(next).pathname)}`));
			await expect(page.getByRole('heading', { name: 'Already signed in' })).toBeVisible();
			await expect(page.locator('main')).toContainText('carol');
			await expect(page.locator('[name=username]')).toHaveCount(0);
			await page.getByRole('link', { name: 'Continue' }).click();
			await expect(page).toHaveURL(next);
			// The same at the sign-in page; a person who chooses to be another user there is not asked again.
			await page.goto(at('/sign-in'));
			await page.getByRole('link', { name: 'Use another account' }).click();
			await page.getByRole('link', { name: 'Create an account' }).click();
			await page.locator('[name=username]').fill('carol');
			await page.locator('[name=password]').fill(password);
			await send(page);
			await expect(page.locator('[name=username]')).toHaveAttribute('aria-invalid', 'true');
			await page.locator('[name=username]').fill(username);
			await page.locator('[name=password]').fill(password);
			await send(page);
			await expect(page).toHaveURL(at('/account'));
			await expect(page.getByLabel('Username')).toHaveValue(username);
			// From there the way to an account one has does not end at this one.
			await page.goto(at('/register?another=yes'));
			await page.locator('main a[href*="sign-in"]').click();
			await signedIn(page, 'carol');
			await expect(page.getByLabel('Username')).toHaveValue('carol');
		});

		test('the account centre asks to sign in, and one device signs another out', async ({
			page,
			browser,
		}) => {
			const who = name('erin', 'frank');
			const other = await (await browser.newContext()).newPage();
			await other.goto(at('/sign-in'));
			await signedIn(other, who);
			await page.goto(at('/account/security'));
			await signedIn(page, who);
			await expect(page).toHaveURL(at('/account/security'));
			await expect(page.getByText('This browser')).toBeVisible();
			await page.getByRole('button', { name: /^Sign out .+ on / }).click();
			await expect(page.getByText('That device was signed out.')).toBeVisible();
			await other.goto(at('/account'));
			await expect(other).toHaveURL(/\/sign-in\?next=/);
			const known = async () =>
				(await page.context().cookies()).find((cookie) => cookie.name.startsWith('menshen-known-'))?.value ??
				'';
			const before = await known();
			const form = page.locator('form[action$=changePassword]');
			await form.locator('[name=password]').fill(password);
			await form.locator('[name=newPassword]').fill('another-good-horse');
			await form.locator('button.button').last().click();
			await expect(page.getByText('The password was changed')).toBeVisible();
			// The note of the old password is void: this browser has a new one.
			expect(['', before]).not.toContain(await known());
			await page.locator('form[action$="/sign-out"] button').click();
			await expect(page.getByRole('heading', { name: 'Signed out' })).toBeVisible();
			await page.goto(at('/account'));
			await expect(page).toHaveURL(/\/sign-in/);
		});
	});
}

const paths = [
	'/sign-in',
	'/register',
	'/recover',
	'/recover?code',
	'/recover?token=x',
	'/verify-email',
	'/verify-email?token=x',
	'/interaction/gone',
	'/scan?key=1',
	'/code?token=x',
	'/connect/github/callback?state=x',
	'/sign-out',
	'/nothing',
];
for (const [colorScheme, locale] of [
	['light', 'en'],
	['dark', 'zh-CN'],
] as const) {
	test(`each page is accessible and within its policy (${colorScheme}, ${locale})`, async ({ browser }) => {
		const context = await browser.newContext({ colorScheme, locale, viewport: { width: 360, height: 740 } });
		const page = await context.newPage();
		const complaints: string[] = [];
		page.on('console', (message) => {
			if (!/status of 4\d\d/.test(message.text())) complaints.push(message.text());
		});
		page.on('request', (request) => {
			if (!request.url().startsWith(appliance.origin)) complaints.push(request.url());
		});
		for (const path of paths) {
			await page.goto(at(path));
			const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
			expect(violations.map(({ id, nodes }) => `${path} ${id} ${nodes[0]?.html ?? ''}`)).toEqual([]);
			expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), path).toBe(true);
			await expect(page.locator('html')).toHaveAttribute('lang', locale);
		}
		expect(complaints).toEqual([]);
	});
}

test('the first page of a sign-in weighs 20 KB at most and loads nothing from other sites', async ({
	page,
}) => {
	const requests: string[] = [];
	let bytes = 0;
	page.on('requestfinished', async (request) => {
		requests.push(request.url());
		const { responseBodySize, responseHeadersSize } = await request.sizes();
		bytes += responseBodySize + responseHeadersSize;
	});
	await page.goto(at('/register'), { waitUntil: 'networkidle' });
	await expect.poll(() => bytes).toBeGreaterThan(4000);
	expect(bytes).toBeLessThan(20 * 1024);
	expect(requests.filter((url) => !url.startsWith(appliance.origin))).toEqual([]);
	expect(requests.length).toBeLessThanOrEqual(5);
});

test('only paths of this site are followed after signing in', async ({ browser }) => {
	for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)']) {
		const page = await (await browser.newContext()).newPage();
		await page.goto(at(`/sign-in?next=${encodeURIComponent(next)}`));
		await signedIn(page, 'carol');
		await expect(page).toHaveURL(at('/account'));
	}
});

test('Back to a form that was refused shows the form, and sends nothing again', async ({ page }) => {
	await page.goto(at('/sign-in'));
	await page.locator('[name=identifier]').fill('nobody');
	await page.locator('[name=password]').fill('not-the-password');
	await send(page);
	await expect(page.getByRole('alert').first()).toBeVisible();
	const sent: string[] = [];
	page.on('request', (request) => {
		if (request.method() !== 'GET') sent.push(request.url());
	});
	await page.reload();
	await expect(page.locator('[name=identifier]')).toBeVisible();
	await expect(page.getByRole('alert')).toHaveCount(0);
	await page.goto(at('/register'));
	await page.goBack();
	await expect(page).toHaveURL(at('/sign-in'));
	await expect(page.locator('[name=identifier]')).toBeVisible();
	expect(sent).toEqual([]);
});

test('what is far too long is refused at once and said at the field', async ({ request }) => {
	const headers = { origin: appliance.origin, accept: 'text/html' };
	const long = await request.post(at('/sign-in'), {
		headers,
		form: { identifier: 'a'.repeat(50_000), password },
	});
	expect([long.status(), (await long.text()).includes('id="identifier-error"')]).toEqual([413, true]);
	const huge = await request.post(at('/sign-in'), {
		headers,
		form: { identifier: 'alice', password: 'a'.repeat(1_000_000) },
	});
	expect(huge.status()).toBe(413);
});

test('an interaction that is over offers the way back to its client', async ({ page }) => {
	await page.goto(requestOf());
	const answer = await page.goto(at('/interaction/gone'));
	expect(answer?.status()).toBe(410);
	await expect(page.getByRole('link', { name: 'Back to Demo web' })).toHaveAttribute(
		'href',
		'https://web.demo.example',
	);
});
