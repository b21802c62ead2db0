/**
 * `npm run build`: messages, SvelteKit's types, then the server and the pages. Runs on the Node that npm
 * brought, also when it was started on an older one.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingMessages } from './check-messages.mjs';
import { nodeForTools, PrepareFailed } from './prepare/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (path) => join(root, 'node_modules', path);

const steps = [
	[
		bin('@inlang/paraglide-js/bin/run.js'),
		'compile',
		'--project',
		'./project.inlang',
		'--outdir',
		'./src/lib/i18n/paraglide',
		'--silent',
		'--strategy',
		'globalVariable',
		'baseLocale',
	],
	[bin('@sveltejs/kit/svelte-kit.js'), 'sync'],
	[bin('vite/bin/vite.js'), 'build', '--logLevel', 'warn'],
];

function buildWith(node) {
	for (const step of steps) {
		const { status, error } = spawnSync(node, step, {
			cwd: root,
			stdio: 'inherit',
			env: { ...process.env, NODE_ENV: 'production' },
		});
		if (error) throw error;
		if (status !== 0) return status ?? 1;
	}
	return 0;
}

const missing = missingMessages(root);
if (missing.length > 0) console.error(missing.map((fault) => `menshen: ${fault}`).join('\n'));

try {
	process.exitCode = missing.length > 0 ? 1 : buildWith(nodeForTools(root));
} catch (error) {
	if (!(error instanceof PrepareFailed)) throw error;
	console.error(`menshen: ${error.message}`);
	process.exitCode = 1;
}
