/** Stories in a real browser against the built server. Each story starts an appliance of its own (tests/appliance.ts). */
import { defineConfig } from '@playwright/test';
import { notedBrowser } from './scripts/prepare/noted-browser.mjs';

const quiet = [
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--no-first-run',
	'--disable-dev-shm-usage',
	// One process draws all pages: starting another for each site is a fifth of what a story costs.
	'--renderer-process-limit=1',
	'--disable-site-isolation-trials',
];
/** The sandbox of Chromium refuses to run as root. */
const isRoot = process.getuid?.() === 0;
const executablePath = notedBrowser(import.meta.dirname);

export default defineConfig({
	testDir: 'tests/stories',
	testMatch: '**/*.spec.ts',
	outputDir: 'test-results',
	fullyParallel: false,
	// More than the cores of a small machine: a story waits for the page more than it works.
	workers: 3,
	// Of a machine that has other things to do as well.
	timeout: 180_000,
	expect: { timeout: 20_000 },
	forbidOnly: Boolean(process.env['CI']),
	reporter: 'list',
	use: {
		browserName: 'chromium',
		locale: 'en-GB',
		trace: 'off',
		screenshot: 'only-on-failure',
		launchOptions: {
			...(executablePath ? { executablePath } : {}),
			args: isRoot ? ['--no-sandbox', ...quiet] : quiet,
		},
	},
});
