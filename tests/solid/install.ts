/** Gets the Community Solid Server, as the lock beside this file has it: 105 MB that only one test needs. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { oneAtATime } from '../../scripts/prepare/one-at-a-time.mjs';
import { cleanEnvironment, npmCommand, run } from '../../scripts/prepare/run.mjs';

const root = resolve(import.meta.dirname, '../..');
const folder = import.meta.dirname;
const program = join(folder, 'node_modules/@solid/community-server/bin/server.js');
const stamp = join(folder, 'node_modules/.menshen-install');

const wanted = (): string =>
	createHash('sha256')
		.update(readFileSync(join(folder, 'package-lock.json')))
		.digest('hex');
const isInstalled = (): boolean =>
	existsSync(program) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted();

async function install(): Promise<string> {
	rmSync(stamp, { force: true });
	const [npm, first] = npmCommand();
	const args = [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
	console.log('menshen: installing the Community Solid Server for its test …');
	const { ok, output } = await run(npm, args, { cwd: folder, env: cleanEnvironment() });
	if (ok) writeFileSync(stamp, wanted());
	return output;
}

/** @returns the server's file @throws one line, where it cannot be had: what it shows is shown by nothing else */
export async function findSolidServer(): Promise<string> {
	let told = '';
	await oneAtATime(root, isInstalled, async () => {
		told = await install();
	});
	if (isInstalled()) return program;
	const why = told.split('\n').find((line) => line.trim()) ?? 'npm said nothing';
	throw new Error(
		`the Community Solid Server could not be installed (npm ci in tests/solid, which needs the registry): ${why}`,
	);
}
