/** A browser for the stories: an installed Chromium or Chrome, else Debian's, else Playwright's own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { notedBrowser, noteOf } from './noted-browser.mjs';
import {
	act,
	cleanEnvironment,
	findProgram,
	nodeForTools,
	PrepareFailed,
	reportAndGoOn,
	run,
} from './run.mjs';

/** The headless shell first: the same engine, at a third of the cost of a page. */
const names = [
	...['chromium-headless-shell', 'chrome-headless-shell', 'headless_shell'],
	...['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'],
];
const macApps = ['Chromium.app/Contents/MacOS/Chromium', 'Google Chrome.app/Contents/MacOS/Google Chrome'];

/** Some distributions install a program of this name that only tells where to get the real one. */
async function answers(file) {
	const { ok, output } = await run(file, ['--version'], { env: cleanEnvironment(), timeout: 20_000 });
	return ok && /(chrom|edge)\S* +\d+|for testing \d+/i.test(output);
}

function candidates() {
	const named = names.map((name) => findProgram(name));
	const apps = process.platform === 'darwin' ? macApps.map((app) => `/Applications/${app}`) : [];
	return [process.env.CHROME_PATH, ...named, ...apps].filter(Boolean);
}

async function findInstalled() {
	for (const file of candidates()) if (await answers(file)) return file;
	return undefined;
}

async function findPlaywrights(root) {
	const { chromium } = await import(
		pathToFileURL(join(root, 'node_modules', 'playwright-core', 'index.mjs')).href
	);
	const file = chromium.executablePath();
	return file && (await answers(file)) ? file : undefined;
}

function note(root, file) {
	try {
		mkdirSync(join(root, '.menshen'), { recursive: true });
		writeFileSync(noteOf(root), file);
	} catch {
		// A folder that cannot be written: it is looked for anew the next time.
	}
	return file;
}

async function installFromDebian() {
	const apt = findProgram('apt-get');
	if (!apt || process.getuid?.() !== 0) return false;
	const env = cleanEnvironment({ DEBIAN_FRONTEND: 'noninteractive' });
	const words = {
		doing: 'installing Chromium with apt',
		done: 'Chromium installed',
		failed: 'apt-get could not install Chromium:',
	};
	const work = async () => {
		const install = (name) => run(apt, ['install', '-y', '-q', '--no-install-recommends', name], { env });
		await run(apt, ['update', '-q'], { env });
		const shell = await install('chromium-headless-shell');
		return shell.ok && (await findInstalled()) ? shell : install('chromium');
	};
	return act(words, work).then(() => true, reportAndGoOn);
}

async function installPlaywrights(root) {
	const script = join(root, 'node_modules', 'playwright-core', 'cli.js');
	const withSystem = process.getuid?.() === 0 ? ['--with-deps'] : [];
	const words = {
		doing: 'downloading a Chromium',
		done: 'Chromium downloaded',
		failed: 'Playwright could not download a Chromium:',
	};
	const work = () =>
		run(nodeForTools(root), [script, 'install', ...withSystem, 'chromium'], {
			cwd: root,
			env: cleanEnvironment(),
		});
	return act(words, work).then(() => true, reportAndGoOn);
}

/** @returns {Promise<string>} the browser's file @throws {PrepareFailed} */
export async function prepareBrowser(root) {
	const noted = notedBrowser(root);
	if (noted) return noted;
	const there = (await findInstalled()) ?? (await findPlaywrights(root));
	if (there) return note(root, there);
	if (await installFromDebian()) {
		const installed = await findInstalled();
		if (installed) return note(root, installed);
	}
	if (await installPlaywrights(root)) {
		const own = await findPlaywrights(root);
		if (own) return note(root, own);
	}
	throw new PrepareFailed(
		'No browser for the tests: please install Chromium or Chrome, or name one in CHROME_PATH.',
	);
}
