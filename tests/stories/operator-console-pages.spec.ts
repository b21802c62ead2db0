/** Each page of the console is sound: accessible, within its content policy, and no wider than its screen. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { startAppliance, type RunningAppliance } from '../appliance';
import { openPage, operatorSession } from './operator-page';

const app = 31;
let appliance: RunningAppliance;

test.beforeAll(async () => {
	appliance = await startAppliance({
		apply: `apps:
  - id: ${app}
    name: Demo
    clients:
      - { id: web, name: Web, redirectUris: ["http://127.0.0.1:9/cb"] }
    users:
      - { username: alice, email: alice@example.com, emailVerified: true, password: correct-horse-battery }
      - { username: bob, email: bob@example.com, phone: "+8613800138000", password: correct-horse-battery }
`,
	});
});
test.afterAll(() => appliance.stop());

const appPages = [
	'',
	'/users',
	'/users?search=nobody',
	'/users/new',
	'/connectors',
	'/connectors/password',
	'/connectors/wechat-web',
	'/connectors?search=git',
	'/policy',
	'/clients',
	'/clients/new',
	'/clients/web',
	'/roles',
	'/messages',
	'/messages/senders/smtp',
	'/messages?show=failed',
	'/messages/words',
	'/messages/words/email/register',
	'/messages/words/sms/sign-in',
	'/theme',
	'/audit',
	'/settings',
	'/keys',
	'/logouts',
	'/try',
	'/try/callback',
	'/nothing-here',
].map((path) => `/admin/apps/${app}${path}`);
const pages = [
	'/admin',
	'/admin/plugins',
	'/admin/plugins/smtp',
	'/admin/plugins/github',
	'/admin/operators',
	'/admin/operators/new',
	'/admin/password',
	'/admin/audit',
	'/admin/settings',
	'/admin/apps/new',
	...appPages,
];

/** Pages whose addresses only the lists know: a user, and a message in the outbox. */
async function listedPages(page: Page): Promise<string[]> {
	await page.request.post(`${appliance.origin}/apps/${app}/recover`, {
		headers: { origin: appliance.origin, accept: 'text/html' },
		form: { identifier: 'alice' },
	});
	const hrefs = [];
	for (const list of ['users', 'messages']) {
		await page.goto(`${appliance.origin}/admin/apps/${app}/${list}`);
		const link = page.locator('tbody a.row-link').first();
		await expect(link).toBeVisible();
		hrefs.push((await link.getAttribute('href')) ?? '');
	}
	return hrefs;
}

async function faultsOf(page: Page, path: string): Promise<string[]> {
	// What the app's own sign-in page is like, which the theme page shows in a frame, is its own story.
	// Its legacy way needs no page of its own for each; there is no foreign frame here.
	const { violations } = await new AxeBuilder({ page }).setLegacyMode().exclude('iframe').analyze();
	const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
	return [
		...violations.map(({ id, nodes }) => `${path} ${id} ${nodes[0]?.html ?? ''}`),
		...(wide > 0 ? [`${path} is ${wide} px too wide`] : []),
	];
}

for (const { name, locale, colorScheme, viewport } of [
	{ name: 'desktop', locale: 'en', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
	{ name: 'phone', locale: 'zh-CN', colorScheme: 'dark', viewport: { width: 360, height: 740 } },
] as const) {
	test(`each page of the console is sound (${name}, ${locale}, ${colorScheme})`, async ({ browser }) => {
		test.setTimeout(480_000);
		const session = await operatorSession(browser, appliance);
		const options = { session, locale, colorScheme, viewport, reducedMotion: 'reduce' } as const;
		const { page, visit, complaints } = await openPage(browser, appliance, options);
		const faults: string[] = [];
		for (const path of [...pages, ...(await listedPages(page))]) {
			await visit(path);
			await expect(page.locator('html')).toHaveAttribute('lang', locale);
			await expect(page.locator('main h1').first()).toBeVisible();
			faults.push(...(await faultsOf(page, path)));
		}
		expect(faults).toEqual([]);
		expect(complaints).toEqual([]);
	});
}

for (const { path, claimed } of [
	{ path: '/admin/sign-in', claimed: true },
	{ path: '/setup', claimed: true },
	{ path: '/setup', claimed: false },
]) {
	test(`${path} is sound on ${claimed ? 'a claimed' : 'a new'} appliance`, async ({ browser }) => {
		const other = claimed ? undefined : await startAppliance({ claimed });
		try {
			const viewport = { width: 360, height: 740 };
			const { page, visit, complaints } = await openPage(browser, other ?? appliance, { viewport });
			await visit(path);
			await expect(page.locator('main form')).toHaveCount(path === '/setup' && claimed ? 0 : 1);
			expect(await faultsOf(page, path)).toEqual([]);
			expect(complaints).toEqual([]);
		} finally {
			await other?.stop();
		}
	});
}
