/** What every page must be for all visitors: accessible (axe), and no wider than a small phone. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Browser, type Page } from '@playwright/test';

const looks = [
	{ colorScheme: 'light', locale: 'en' },
	{ colorScheme: 'dark', locale: 'zh-CN' },
] as const;

export async function isFine(page: Page): Promise<void> {
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(violations.map(({ id, nodes }) => `${page.url()} ${id} ${nodes[0]?.html ?? ''}`)).toEqual([]);
	expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), page.url()).toBe(
		true,
	);
}

/** Does the work on a small phone, once in light and English, once in dark and Chinese. */
export async function onSmallPhones(browser: Browser, work: (page: Page) => Promise<void>): Promise<void> {
	for (const look of looks) {
		const context = await browser.newContext({ ...look, viewport: { width: 360, height: 740 } });
		await work(await context.newPage());
		await context.close();
	}
}
