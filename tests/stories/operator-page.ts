/** An operator's browser: signed in without a form, and listening for everything the pages complain about. */
import { expect, type Browser, type BrowserContextOptions, type Page } from '@playwright/test';
import { owner, type RunningAppliance } from '../appliance';

export interface OperatorPage {
	readonly page: Page;
	/**
	 * Errors in the browser's console (a breach of the content policy is one), uncaught errors, and requests to other
	 * sites.
	 */
	readonly complaints: string[];
	/** Opens a path of the appliance and waits until its client code has taken over. */
	visit(path: string): Promise<void>;
}

type Session = Awaited<ReturnType<Awaited<ReturnType<Browser['newContext']>>['storageState']>>;

/** One sign-in serves all stories of a file. */
export async function operatorSession(
	browser: Browser,
	appliance: RunningAppliance,
	account: { email: string; password: string } = owner,
): Promise<Session> {
	const context = await browser.newContext({
		extraHTTPHeaders: { origin: appliance.origin, accept: 'text/html' },
	});
	const answer = await context.request.post(`${appliance.origin}/admin/sign-in`, {
		form: account,
		maxRedirects: 0,
	});
	expect(answer.status(), await answer.text()).toBe(303);
	const session = await context.storageState();
	await context.close();
	return session;
}

/** A status of 4xx on a page is the refusal that a story asks for; the browser repeats it in its console. */
function listen(page: Page, origin: string): string[] {
	const complaints: string[] = [];
	page.on('console', (message) => {
		if (message.type() === 'error' && !/status of 4\d\d/.test(message.text()))
			complaints.push(`${page.url()} ${message.text()}`);
	});
	page.on('pageerror', (error) => complaints.push(`${page.url()} ${error.message}`));
	page.on('request', (request) => {
		const { protocol } = new URL(request.url());
		if (protocol.startsWith('http') && !request.url().startsWith(origin)) complaints.push(request.url());
	});
	return complaints;
}

/** Until client code has taken over, on a page that has any. */
export const live = (page: Page): Promise<void> =>
	page.locator('html[data-live], html:not(:has(body script:not([src])))').waitFor({ state: 'attached' });

interface OpenOptions extends BrowserContextOptions {
	session?: Session;
}

export async function openPage(
	browser: Browser,
	{ origin }: RunningAppliance,
	{ session, ...options }: OpenOptions = {},
): Promise<OperatorPage> {
	const context = await browser.newContext({ ...options, ...(session ? { storageState: session } : {}) });
	const page = await context.newPage();
	return {
		page,
		complaints: listen(page, origin),
		async visit(path) {
			await page.goto(`${origin}${path}`);
			if (options.javaScriptEnabled !== false) await live(page);
		},
	};
}

/** The button that a form of the console, or of the pages people meet, is sent with. */
export const send = (page: Page): Promise<void> =>
	page.locator('main form button[type=submit], main form button:not([type])').first().click();

/** Saves what was changed and waits until it is said to be stored. */
export async function save(page: Page): Promise<void> {
	await page.locator('.save-bar').getByRole('button', { name: 'Save' }).click();
	await told(page, 'Saved');
}

export async function told(page: Page, text: string | RegExp): Promise<void> {
	await expect(page.locator('.toast').filter({ hasText: text }).first()).toBeVisible();
}

/** Signs a person in at an app's own pages. */
export async function enter(page: Page, identifier: string, password: string): Promise<void> {
	await page.locator('[name=identifier]').fill(identifier);
	await page.locator('[name=password]').fill(password);
	await send(page);
}
