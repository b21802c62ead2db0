/**
 * `npm test`: units, storage on both engines and plugins (vitest), then the stories in a real browser
 * (Playwright) against the built server. Names given to it choose test files: `npm test -- sign-in`.
 * Its last line is `N passed, N failed, N skipped`; what was skipped and what failed is named before it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
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
function count(ok, { passed = 0, skipped, failed }) {
	return { passed, skipped, failed: ok || failed.length > 0 ? failed : ['the run itself: it ended badly'] };
}

const firstLine = (message = '') => stripVTControlCharacters(message).split('\n')[0];

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
	const { numPassedTests, testResults = [] } = readResults('units.json') ?? {};
	const tests = testResults.flatMap(({ name, status, message, assertionResults }) => [
		...assertionResults.map((test) => ({ ...test, name: `${relative(root, name)}: ${test.fullName}` })),
		// Of a file that could not be read or prepared, no test failed.
		...(status === 'failed' && !assertionResults.some((test) => test.status === 'failed')
			? [{ status, name: relative(root, name), failureMessages: [message] }]
			: []),
	]);
	return count(ok, {
		passed: numPassedTests,
		skipped: tests.filter(({ status }) => !['passed', 'failed'].includes(status)).map(({ name }) => name),
		failed: tests
			.filter(({ status }) => status === 'failed')
			.map(({ name, failureMessages }) => `${name}: ${firstLine(failureMessages[0])}`),
	});
}

/** All stories below a suite, each with the titles above it. */
function storiesOf({ title, file, specs = [], suites = [] }, above = []) {
	const here = title === file ? above : [...above, title];
	const own = specs.map((spec) => ({
		tests: spec.tests,
		name: `${spec.file}: ${[...here, spec.title].join(' ')}`,
	}));
	return [...own, ...suites.flatMap((suite) => storiesOf(suite, here))];
}

function runStories() {
	const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: join(results, 'stories.json') };
	const none = chosen.length > 0 ? ['--pass-with-no-tests'] : [];
	const ok = run('@playwright/test/cli.js', ['test', ...none, '--reporter=list,json', ...chosen], env);
	const { stats = {}, suites = [], errors = [] } = readResults('stories.json') ?? {};
	const stories = suites.flatMap((suite) => storiesOf(suite));
	const having = (wanted) => stories.filter(({ tests }) => tests.some(({ status }) => status === wanted));
	return count(ok, {
		passed: (stats.expected ?? 0) + (stats.flaky ?? 0),
		skipped: having('skipped').map(({ name }) => name),
		failed: [
			...having('unexpected').map(
				({ name, tests }) => `${name}: ${firstLine(tests.at(-1).results.at(-1)?.error?.message)}`,
			),
			...errors.map(({ message }) => `the stories: ${firstLine(message)}`),
		],
	});
}

try {
	const parts = [runUnits(), runStories()];
	const passed = parts.reduce((total, part) => total + part.passed, 0);
	const skipped = parts.flatMap((part) => part.skipped);
	const failed = parts.flatMap((part) => part.failed);
	console.log(['', ...skipped.map((name) => `skipped: ${name}`)].join('\n'));
	for (const line of failed) console.log(`failed: ${line}`);
	console.log(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
	process.exitCode = failed.length === 0 ? 0 : 1;
} finally {
	rmSync(results, { recursive: true, force: true });
}
