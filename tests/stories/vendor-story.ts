/** An appliance with emulated vendors, and what people do at its pages, for the stories of ways in. */
import { expect, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { endpointsEnv, enterRedirectUris } from '../emulators/vendors';
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import { owner, startAppliance, type RunningAppliance } from '../appliance';

export const password = 'correct-horse-battery';

export type Vendors = Readonly<Record<string, Emulator>>;

/** What is switched on, in the format of the apply file. JSON is YAML. */
export const connectorsOf = (vendors: Vendors): Record<string, unknown> =>
	Object.fromEntries(
		Object.entries(vendors).map(([id, { config }]) => [id, { enabled: true, config: { ...config } }]),
	);

export interface AppOrder {
	id: number;
	name: string;
	[setting: string]: unknown;
}

export async function startWithVendors(
	apps: readonly AppOrder[],
	vendors: Vendors = {},
): Promise<RunningAppliance> {
	const appliance = await startAppliance({ apply: JSON.stringify({ apps }), env: endpointsEnv(vendors) });
	enterRedirectUris(vendors, { origin: appliance.origin, apps: apps.map(({ id }) => id) });
	return appliance;
}

/** A browser of one's own, which calls only this machine. */
export async function freshPage(browser: Browser): Promise<Page> {
	return (await browser.newContext()).newPage();
}

export async function signInByPassword(page: Page, identifier: string): Promise<void> {
	const chosen = page.getByRole('link', { name: 'Password', exact: true });
	await expect(chosen.or(page.locator('[name=password]')).first()).toBeVisible();
	if (await chosen.isVisible()) await chosen.click();
	await page.locator('[name=identifier]').fill(identifier);
	await page.locator('[name=password]').fill(password);
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

export async function signOut(page: Page, account: string): Promise<void> {
	await page.goto(account.replace(/\/account.*$/, '/sign-out'));
	await page.getByRole('button', { name: 'Sign out' }).click();
	await expect(page.getByRole('heading', { name: 'Signed out' })).toBeVisible();
}

export interface Mailbox {
	/** The newest message that the outbox holds for an address: its code, and its link if it has one. */
	read(to: string): Promise<{ code: string; link: string; text: string }>;
}

interface Listed {
	result: { data: { id: string; status: string }[] };
}

/** What the operator's outbox holds for an app. */
export async function openMailbox(
	browser: Browser,
	{ origin, app }: { origin: string; app: number },
): Promise<Mailbox> {
	const context: BrowserContext = await browser.newContext({
		extraHTTPHeaders: { origin, accept: 'text/html', 'menshen-app': String(app) },
	});
	const { request } = context;
	await request.post(`${origin}/admin/sign-in`, { form: owner, maxRedirects: 0 });
	const seen = new Set<string>();
	const find = async (to: string) => {
		const answer = await request.get(`${origin}/trpc/admin.messages.list?input=%7B%22limit%22%3A20%7D`);
		const { result } = (await answer.json()) as Listed;
		for (const { id } of result.data.filter(({ status, id }) => status === 'held' && !seen.has(id))) {
			const text = await (await request.post(`${origin}/trpc/admin.messages.read`, { data: { id } })).text();
			if (!text.includes(to)) continue;
			seen.add(id);
			return text;
		}
		return undefined;
	};
	return {
		async read(to) {
			let text: string | undefined;
			await expect.poll(async () => (text ??= await find(to))).toBeDefined();
			const code = /"code":"(\d{6})"/.exec(text ?? '')?.[1] ?? '';
			const link = /(https?:\/\/[^\s"\\]+\?token=[\w-]+)/.exec(text ?? '')?.[1] ?? '';
			return { code, link, text: text ?? '' };
		},
	};
}
