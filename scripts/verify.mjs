/**
 * `npm run verify`: all that CI asks for; `npm run lint`: all of it but the tests. Every check runs, also
 * after one has failed; the failed ones are listed at the end.
 */
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const known = ['format', 'eslint', 'types', 'boundaries', 'dead-code', 'test'];
const wanted = process.argv.length > 2 ? process.argv.slice(2) : known;
const strange = wanted.find((check) => !known.includes(check));

/** @returns how long it took, in seconds, and whether it passed */
function run(check) {
	const began = Date.now();
	const script = check === 'test' ? 'test' : `lint:${check}`;
	const { status } = spawnSync('npm', ['run', '--silent', script], {
		cwd: root,
		stdio: 'inherit',
		shell: process.platform === 'win32',
	});
	return { passed: status === 0, seconds: Math.round((Date.now() - began) / 1000) };
}

const failed = [];
for (const check of strange ? [] : wanted) {
	console.log(`\n── ${check}`);
	const { passed, seconds } = run(check);
	if (!passed) failed.push(check);
	console.log(`   ${check}: ${passed ? 'ok' : 'FAILED'} (${seconds} s)`);
}
if (strange) console.error(`There is no check ${strange}: ${known.join(', ')}.`);
else console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 && !strange ? 0 : 1;
