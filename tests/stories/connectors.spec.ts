/** Every vendor that a browser is sent to, in a real browser: the whole life of an account there, and all that can go wrong. */
import { expect, test, type Page } from '@playwright/test';
import { join } from 'node:path';
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import type { RunningAppliance } from '../appliance';
import { isFine, onSmallPhones } from './fine-page';
import {
	connectorsOf,
	freshPage,
	password,
	signInByPassword,
	signOut,
	startWithVendors,
	type Vendors,
} from './vendor-story';

/** Ways through a vendor's pages; each has an app of its own. */
const names = {
	'wechat-web': 'WeChat',
	'wechat-official': 'WeChat',
	dingtalk: 'DingTalk',
	github: 'GitHub',
	google: 'Google',
	oidc: 'OpenID Connect',
	qq: 'QQ',
	weibo: 'Weibo',
	facebook: 'Facebook',
	alipay: 'Alipay',
	apple: 'Apple',
	webid: 'WebID (Solid)',
} as const;
type Connector = keyof typeof names;
const connectors = Object.keys(names) as Connector[];
/** WeChat's two worlds are one plugin: in its own browser the way goes by the official account. */
const pluginOf = (connector: Connector): string =>
	connector === 'wechat-official' ? 'wechat-web' : connector;
const browserOf: Partial<Record<Connector, { userAgent: string }>> = {
	'wechat-official': {
		userAgent: 'Mozilla/5.0 (Linux; Android 14) Mobile Safari/537.36 MicroMessenger/8.0.47',
	},
};
/** The vendor's failures for a sign-in that it does not confirm, by their names in the emulator. */
const refusals: Readonly<Record<Connector, readonly string[]>> = {
	'wechat-web': ['40029 invalid code'],
	'wechat-official': ['40226 code blocked'],
	dingtalk: ['invalidParameter.authCode.notFound'],
	github: ['bad_verification_code'],
	google: ['invalid_grant Bad Request', 'id token of another issuer'],
	oidc: ['invalid_grant', 'id token signed by a stranger'],
	qq: ['100019 code to access token error'],
	weibo: ['21325 invalid_grant'],
	facebook: ['100/36007 code has expired'],
	alipay: ['isv.code-invalid'],
	apple: ['invalid_grant', 'id token of another sign-in (nonce)'],
	webid: ['invalid_grant', 'the profile lists another issuer'],
};
const appOf = (connector: Connector): number => 10 + connectors.indexOf(connector);
/** For a way back that is taken to the wrong app. */
const otherApp = 9;

let appliance: RunningAppliance;
const vendors: Record<string, Emulator> = {};
const vendorOf = (connector: Connector): Emulator => {
	const vendor = vendors[pluginOf(connector)];
	if (!vendor) throw new Error(`no emulator of ${connector}`);
	return vendor;
};

async function startVendors(): Promise<void> {
	for (const plugin of new Set(connectors.map(pluginOf))) {
		const file = join(import.meta.dirname, '..', '..', 'plugins', plugin, 'emulator.ts');
		const module = (await import(file)) as { startEmulator(): Promise<Emulator> };
		vendors[plugin] = await module.startEmulator();
	}
}

test.beforeAll(async () => {
	await startVendors();
	const user = (username: string) => ({
		username,
		email: `${username}@example.com`,
		emailVerified: true,
		password,
	});
	const apps = connectors.map((connector) => ({
		id: appOf(connector),
		name: `Shop of ${connector}`,
		connectors: {
			password: { enabled: true },
			...connectorsOf({ [pluginOf(connector)]: vendorOf(connector) } satisfies Vendors),
		},
		users: [user('alice')],
	}));
	// A WebID names its own addresses: nothing to repoint, and this machine is allowed as it is.
	const { webid: _, ...repointed } = vendors;
	const elsewhere = { id: otherApp, name: 'Elsewhere', connectors: connectorsOf(vendors) };
	appliance = await startWithVendors([elsewhere, ...apps], repointed);
});
test.afterAll(async () => {
	await appliance.stop();
	await Promise.all(Object.values(vendors).map((vendor) => vendor.close()));
});

const at = (connector: Connector, path: string): string =>
	`${appliance.origin}/apps/${appOf(connector)}${path}`;

/** From our sign-in page to the vendor's own. */
async function leave(page: Page, connector: Connector): Promise<void> {
	await page.goto(at(connector, '/sign-in'));
	if (connector === 'webid') {
		await page.getByRole('link', { name: `Continue with ${names[connector]}` }).click();
		await page.locator('[name=identifier]').fill(vendorOf(connector).url);
	}
	await page.getByRole('button', { name: `Continue with ${names[connector]}` }).click();
	await expect(page.getByRole('link', { name: 'Approve as Mei' })).toBeVisible();
}

/** From the account centre to the vendor's own. */
async function linkIn(page: Page, connector: Connector): Promise<void> {
	const link = `Link ${names[connector]}`;
	const opens = connector === 'webid' ? link : 'Link another account';
	await page.locator('summary').filter({ hasText: opens }).click();
	const form = page.locator('form[action$="/link"]');
	if (connector === 'webid') await form.locator('[name=identifier]').fill(vendorOf(connector).url);
	await form.locator('[name=password]').fill(password);
	await form.getByRole('button', { name: link }).click();
}

async function answer(page: Page, text: string): Promise<void> {
	await page.getByRole('link', { name: text }).click();
}

/** On the way back from a vendor its fragment is dropped: what is left of it is the sign. */
const isAt = (page: Page, connector: Connector, path: string) =>
	page.waitForURL((url) => url.href.replace(/#$/, '') === at(connector, path));
const isAtAccount = (page: Page, connector: Connector) => isAt(page, connector, '/account');

for (const connector of connectors) {
	const name = names[connector];
	test.describe(connector, () => {
		test.describe.configure({ mode: 'serial' });
		test.use(browserOf[connector] ?? {});
		test('a stranger joins, leaves, and is known when they come back', async ({ page }) => {
			await leave(page, connector);
			await answer(page, 'Approve as Mei');
			await expect(page.getByRole('heading', { name: 'New here?' })).toBeVisible();
			await page.getByRole('button', { name: 'Create an account' }).click();
			await isAtAccount(page, connector);
			await page.goto(at(connector, '/account/security'));
			await expect(page.getByRole('listitem').filter({ hasText: name }).first()).toBeVisible();
			// The only way in stays.
			await page.locator('summary').filter({ hasText: 'Unlink' }).click();
			await page.getByRole('button', { name: 'Unlink', exact: true }).click();
			await expect(page.getByRole('alert')).toBeVisible();
			await signOut(page, at(connector, '/account'));
			await leave(page, connector);
			await answer(page, 'Approve as Mei');
			await isAtAccount(page, connector);
		});

		test('a person with an account links it while signing in, unlinks it, and links it again', async ({
			page,
		}) => {
			await leave(page, connector);
			await answer(page, 'Approve as Li');
			await page.getByRole('button', { name: 'Link an account I have' }).click();
			await expect(page.getByRole('status').filter({ hasText: name })).toContainText('will be linked');
			await signInByPassword(page, 'alice');
			await isAtAccount(page, connector);
			await page.goto(at(connector, '/account/security'));
			await expect(page.getByText(`${name} is linked`)).toBeVisible();
			await signOut(page, at(connector, '/account'));
			await leave(page, connector);
			await answer(page, 'Approve as Li');
			await isAtAccount(page, connector);
			await expect(page.getByLabel('Username')).toHaveValue('alice');
			await page.goto(at(connector, '/account/security'));
			await page.locator('summary').filter({ hasText: 'Unlink' }).click();
			await page.locator('form[action$="unlink"] [name=password]').fill(password);
			await page.getByRole('button', { name: 'Unlink', exact: true }).click();
			await expect(page.getByText('The account was unlinked.')).toBeVisible();
			await linkIn(page, connector);
			await answer(page, 'Approve as Li');
			await expect(page.getByText(`${name} is linked`)).toBeVisible();
			if (connector !== 'wechat-web') return;
			// Mei belongs to another user: one vendor is enough to show it.
			await page.locator('summary').filter({ hasText: 'Unlink' }).click();
			await page.locator('form[action$="unlink"] [name=password]').fill(password);
			await page.getByRole('button', { name: 'Unlink', exact: true }).click();
			await linkIn(page, connector);
			await answer(page, 'Approve as Mei');
			await expect(page.getByRole('alert')).toContainText('linked to another account already');
		});

		test('a person who cancels, or is refused by the vendor, sees that where they began', async ({
			page,
		}) => {
			const isTold = async (role: 'status' | 'alert', sentence: string) => {
				await isAt(page, connector, '/sign-in');
				await expect(page.locator('main').getByRole(role)).toHaveText(sentence);
				await page.goto(at(connector, '/account'));
				await expect(page).toHaveURL(/\/sign-in/);
			};
			await leave(page, connector);
			await answer(page, 'Cancel');
			await isTold('status', `Cancelled at ${name}. Try again, or use another way.`);
			const comeBack = async (failure: string, sentence: string) => {
				await leave(page, connector);
				vendorOf(connector).fail(failure);
				await answer(page, 'Approve as Mei');
				await isTold('alert', sentence);
				vendorOf(connector).fail();
			};
			for (const refusal of refusals[connector])
				await comeBack(
					refusal,
					'The provider did not accept this sign-in. Please try again, or choose another way.',
				);
			for (const outage of ['down', 'nonsense'])
				await comeBack(
					outage,
					`${name} cannot be reached right now. Try again in a moment, or use another way.`,
				);
		});

		test('what the vendor sent is good once, in the browser that asked, at its own app', async ({
			page,
			browser,
		}) => {
			let last = '';
			page.on('request', (request) => {
				if (request.url().includes('/callback')) last = request.url();
			});
			await leave(page, connector);
			const approved = await page.getByRole('link', { name: 'Approve as Mei' }).getAttribute('href');
			const stranger = await freshPage(browser);
			const link = new URL(approved ?? '', page.url()).href;
			// Where a vendor posts the answer (Apple), the link names the way back inside its query.
			const elsewhere = [(text: string) => text, encodeURIComponent].reduce(
				(text, write) => text.replace(write(`/apps/${appOf(connector)}/`), write(`/apps/${otherApp}/`)),
				link,
			);
			expect(elsewhere).not.toBe(link);
			await stranger.goto(elsewhere);
			await expect(stranger.getByRole('heading', { name: 'This sign-in has expired' })).toBeVisible();
			await stranger.goto(link);
			await expect(stranger.getByRole('heading', { name: /another browser/i })).toBeVisible();
			if (connector === 'apple') await expect(stranger).toHaveURL(/\/callback\?posted=/);
			await answer(page, 'Approve as Mei');
			await isAtAccount(page, connector);
			await signOut(page, at(connector, '/account'));
			const replayed = await page.goto(last);
			expect(replayed?.status()).toBe(410);
			await page.goto(at(connector, '/account'));
			await expect(page).toHaveURL(/\/sign-in/);
		});
	});
}

test('all of them on one page: accessible, nothing cut off, the rest behind one line', async ({
	browser,
}) => {
	await onSmallPhones(browser, async (page) => {
		for (const path of ['/sign-in', '/register']) {
			await page.goto(`${appliance.origin}/apps/${otherApp}${path}`);
			await isFine(page);
			await page.locator('main details summary').click();
			await expect(page.locator('main button[value=weibo]')).toBeVisible();
			await isFine(page);
		}
	});
});
