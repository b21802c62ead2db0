/** `npm run docs`: writes the pages that are made from the code. Their tests fail while they differ. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeForTools } from './prepare/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = [
	join(root, 'node_modules/vitest/vitest.mjs'),
	'run',
	'tests/architecture/docs.test.ts',
	'--update',
];
const { status } = spawnSync(nodeForTools(root), args, { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
