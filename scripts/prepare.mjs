/**
 * `node scripts/prepare.mjs install|build [browser]`, or `apache`: what has to be there before a command can run.
 * The first start of a bare clone runs this on the system's Node, with nothing installed: `node:` builtins
 * only. Later starts find that nothing changed and print nothing.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareApache } from './prepare/apache.mjs';
import { prepareBrowser } from './prepare/browser.mjs';
import { prepareBuild } from './prepare/build.mjs';
import { prepareInstall } from './prepare/install.mjs';
import { PrepareFailed } from './prepare/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const wanted = process.argv.slice(2);
const known = ['install', 'build', 'browser', 'apache'];

try {
	const strange = wanted.find((step) => !known.includes(step));
	if (strange) throw new PrepareFailed(`Unknown step ${strange}: use ${known.join(', ')}.`);
	// Apache needs no package: a test that needs Apache must not have its own packages replaced.
	if (wanted.some((step) => step !== 'apache')) await prepareInstall(root);
	if (wanted.includes('build')) await prepareBuild(root);
	if (wanted.includes('browser')) await prepareBrowser(root);
	if (wanted.includes('apache')) await prepareApache(root);
} catch (error) {
	if (!(error instanceof PrepareFailed)) throw error;
	console.error(`menshen: ${error.message}`);
	process.exitCode = 1;
}
