/** Starting other programs, and finding the Node and the npm to start them with. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';

/** What the appliance and its tools run on: the oldest minor version that will do, per major (as server.js has it). */
const supported = new Map([
	[22, 17],
	[24, 0],
]);
const windows = process.platform === 'win32';

/** One line tells the person what to do; no stack. */
export class PrepareFailed extends Error {}

/** @param {string} folder */
const isOwnBin = (folder) => folder.endsWith(`${sep}node_modules${sep}.bin`);

/** PATH without the packages' programs: what an install runs with must not vanish while it runs. */
function systemPath() {
	return (process.env.PATH ?? '')
		.split(delimiter)
		.filter((folder) => folder && !isOwnBin(folder))
		.join(delimiter);
}

/** @param {string} name @returns the file that PATH finds for a program, or undefined */
export function findProgram(name, path = systemPath()) {
	const names = windows ? [`${name}.exe`, `${name}.cmd`] : [name];
	const files = path.split(delimiter).flatMap((folder) => names.map((each) => join(folder, each)));
	return files.find((file) => existsSync(file));
}

/** @param {string} version */
const isSupported = (version) => {
	const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
	return minor >= (supported.get(major) ?? Infinity);
};

/**
 * The Node that builds and tests run on: the one npm brought, else the one that runs this.
 * @param {string} root
 * @throws {PrepareFailed} when neither is supported
 */
export function nodeForTools(root) {
	const brought = join(root, 'node_modules', '.bin', 'node');
	const answer = existsSync(brought) ? spawnSync(brought, ['--version'], { encoding: 'utf8' }) : undefined;
	if (answer?.status === 0 && isSupported(answer.stdout)) return brought;
	if (isSupported(process.version)) return process.execPath;
	throw new PrepareFailed(
		`Node 22 (22.17 or later) or Node 24 is needed, this is ${process.version}. ` +
			'On Linux (x64, arm64, glibc) npm brings Node 24 along; elsewhere please install Node 22 or 24.',
	);
}

/** What an outer npm tells its scripts, and what must not govern the npm that we start. */
const outerNpm =
	/^npm_(lifecycle|package|command$|config_(global$|location$|dry_run|omit|include|production|only|ignore_scripts|workspace|package_lock|json$|prefix$|local_prefix|loglevel))/i;

export function cleanEnvironment(extra = {}) {
	const kept = Object.entries(process.env).filter(([name]) => !outerNpm.test(name) && name !== 'NODE_ENV');
	return { ...Object.fromEntries(kept), PATH: systemPath(), ...extra };
}

/** How to call npm: the very one that called us where that is known. @returns {[string, string[]]} */
export function npmCommand() {
	const script = process.env.npm_execpath ?? '';
	const node = findProgram('node') ?? process.execPath;
	if (/npm-cli\.c?js$/.test(script) && existsSync(script)) return [node, [script]];
	const npm = findProgram('npm');
	if (!npm) throw new PrepareFailed('npm was not found: please install Node 20 or newer with npm.');
	return [npm, []];
}

/**
 * Runs a program and keeps what it prints, for the case that it fails.
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function run(program, args, options) {
	return new Promise((resolve) => {
		const child = spawn(program, args, {
			...options,
			stdio: ['ignore', 'pipe', 'pipe'],
			shell: program.endsWith('.cmd'),
		});
		const stop = () => child.kill('SIGTERM');
		process.once('exit', stop);
		let output = '';
		/** @param {string | Buffer} chunk */
		const keep = (chunk) => (output = (output + chunk).slice(-200_000));
		child.stdout.on('data', keep);
		child.stderr.on('data', keep);
		/** @param {boolean} ok */
		const end = (ok) => {
			process.removeListener('exit', stop);
			resolve({ ok, output });
		};
		child.once('error', (error) => {
			keep(error.message);
			end(false);
		});
		child.once('close', (code) => end(code === 0));
	});
}

/**
 * Prints one line for one action, with the time it took.
 * @param {{ doing: string, done: string, failed: string }} words
 * @param {() => Promise<{ ok: boolean, output: string }>} work
 * @throws {PrepareFailed} with the program's own words
 */
export async function act(words, work) {
	const began = Date.now();
	console.log(`menshen: ${words.doing} …`);
	const { ok, output } = await work();
	if (!ok) throw new PrepareFailed(`${words.failed}\n${output.trimEnd()}`);
	console.log(`menshen: ${words.done} (${((Date.now() - began) / 1000).toFixed(0)} s)`);
}

/**
 * For work that may fail because there is another way: tells what failed, and the program's own reason.
 * @param {unknown} error
 */
export function reportAndGoOn(error) {
	if (!(error instanceof PrepareFailed)) throw error;
	const [what, ...lines] = error.message.split('\n').filter((line) => line.trim());
	const reason = lines.findLast((line) => /^(E|\w*Error): /i.test(line)) ?? lines.at(-1) ?? '';
	console.log(`menshen: ${what} ${reason}`.trimEnd());
	return false;
}
