#!/usr/bin/env node
/**
 * The command line. Every command is one call of the typed API (docs/operating.md, "Command line"): over the
 * socket of the appliance that runs on this data folder, else by opening the folder itself.
 * Exit 0: done. 1: refused or failed, with one line on stderr. 2: wrong usage.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const brought = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major === 24 || (major === 22 && minor >= 17)) {
	const { runProgram } = await import('./program.js');
	process.exitCode = await runProgram(process.argv);
} else if (existsSync(brought)) {
	// npm brought a Node that is supported; the one that was asked for by name is not.
	const { status } = spawnSync(brought, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
		stdio: 'inherit',
	});
	process.exitCode = status ?? 1;
} else {
	process.stderr.write(
		`menshen: Node 22 (22.17 or later) or Node 24 is needed, this is ${process.versions.node}.\n`,
	);
	process.exitCode = 1;
}
