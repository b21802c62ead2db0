/** `npm run verify`: all that CI asks for. Every check runs, also after one has failed; the end tells which. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeForTools } from './prepare/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = nodeForTools(root);
const at = (path) => join(root, path);
const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` };

const boundaries = ['src', 'plugins', 'server.js', 'bin', '--config', '.dependency-cruiser.cjs'];
const checks = [
	['format', 'node_modules/prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn'],
	['eslint', 'node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0'],
	[
		'types',
		'node_modules/svelte-check/bin/svelte-check',
		'--tsconfig',
		'./tsconfig.json',
		'--fail-on-warnings',
	],
	['boundaries', 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs', ...boundaries],
	['dead code', 'node_modules/knip/bin/knip.js'],
	['tests', 'scripts/test.mjs'],
];

const only = process.argv.slice(2);
const failed = [];
for (const [name, script, ...args] of checks.filter(([each]) => only.length === 0 || only.includes(each))) {
	console.log(`\n── ${name}`);
	const began = Date.now();
	const { status } = spawnSync(node, [at(script), ...args], { cwd: root, stdio: 'inherit', env });
	if (status !== 0) failed.push(name);
	console.log(
		`   ${name}: ${status === 0 ? 'ok' : 'FAILED'} (${((Date.now() - began) / 1000).toFixed(0)} s)`,
	);
}
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
