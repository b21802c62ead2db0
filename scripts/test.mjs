/**
 * `npm test`: units, storage on both engines and plugins (vitest), then the stories in a real browser
 * (Playwright) against the built server. Names given to it choose test files: `npm test -- sign-in`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
function count(ok, passed = 0, failed = 0) {
	return { passed, failed: ok ? failed : Math.max(failed, 1) };
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
	const read = readResults('units.json');
	return count(ok, read?.numPassedTests, read?.numFailedTests);
}

function runStories() {
	const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: join(results, 'stories.json') };
	const none = chosen.length > 0 ? ['--pass-with-no-tests'] : [];
	const ok = run('@playwright/test/cli.js', ['test', ...none, '--reporter=list,json', ...chosen], env);
	const stats = readResults('stories.json')?.stats;
	return count(ok, (stats?.expected ?? 0) + (stats?.flaky ?? 0), stats?.unexpected);
}

try {
	const parts = [runUnits(), runStories()];
	const sum = (key) => parts.reduce((total, part) => total + part[key], 0);
	console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
	process.exitCode = sum('failed') === 0 ? 0 : 1;
} finally {
	rmSync(results, { recursive: true, force: true });
}
