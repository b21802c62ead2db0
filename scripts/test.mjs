/**
 * `npm test`: units, storage on both engines and plugins (vitest), then the stories in a real browser
 * (Playwright) against the built server. Names given to it choose test files: `npm test -- sign-in`.
 * Its last line is `N passed, N failed, N skipped`; what was skipped is named before it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeForTools } from './prepare/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const results = mkdtempSync(join(tmpdir(), 'menshen-results-'));
const chosen = process.argv.slice(2);
const node = nodeForTools(root);
const onNode = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` };

function run(script, args, env = {}) {
	const { status } = spawnSync(node, [join(root, 'node_modules', script), ...args], {
		cwd: root,
		stdio: 'inherit',
		env: { ...onNode, ...env },
	});
	return status === 0;
}

function readResults(file) {
	try {
		return JSON.parse(readFileSync(join(results, file), 'utf8'));
	} catch {
		return undefined;
	}
}

/** A run that ended badly without a failed test (a crash, no tests at all) counts as one failure. */
function count(ok, { passed = 0, failed = 0, skipped = [] }) {
	return { passed, failed: ok ? failed : Math.max(failed, 1), skipped };
}

function skippedUnits({ testResults = [] }) {
	return testResults.flatMap(({ name, assertionResults }) =>
		assertionResults
			.filter(({ status }) => !['passed', 'failed'].includes(status))
			.map(({ fullName }) => `${relative(root, name)}: ${fullName}`),
	);
}

function runUnits() {
	const file = join(results, 'units.json');
	const none = chosen.length > 0 ? ['--passWithNoTests'] : [];
	const ok = run('vitest/vitest.mjs', [
		'run',
		...none,
		'--reporter=default',
		'--reporter=json',
		`--outputFile.json=${file}`,
		...chosen,
	]);
	const read = readResults('units.json') ?? {};
	return count(ok, {
		passed: read.numPassedTests,
		failed: read.numFailedTests,
		skipped: skippedUnits(read),
	});
}

function skippedStories({ title, file, specs = [], suites = [] }, above = []) {
	const here = title === file ? above : [...above, title];
	const own = specs
		.filter(({ tests }) => tests.some(({ status }) => status === 'skipped'))
		.map((spec) => `${spec.file}: ${[...here, spec.title].join(' ')}`);
	return [...own, ...suites.flatMap((suite) => skippedStories(suite, here))];
}

function runStories() {
	const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: join(results, 'stories.json') };
	const none = chosen.length > 0 ? ['--pass-with-no-tests'] : [];
	const ok = run('@playwright/test/cli.js', ['test', ...none, '--reporter=list,json', ...chosen], env);
	const { stats = {}, suites = [] } = readResults('stories.json') ?? {};
	return count(ok, {
		passed: (stats.expected ?? 0) + (stats.flaky ?? 0),
		failed: stats.unexpected,
		skipped: suites.flatMap((suite) => skippedStories(suite)),
	});
}

try {
	const parts = [runUnits(), runStories()];
	const sum = (key) => parts.reduce((total, part) => total + part[key], 0);
	const skipped = parts.flatMap((part) => part.skipped);
	console.log(['', ...skipped.map((name) => `skipped: ${name}`)].join('\n'));
	console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${skipped.length} skipped`);
	process.exitCode = sum('failed') === 0 ? 0 : 1;
} finally {
	rmSync(results, { recursive: true, force: true });
}
