/**
 * Two commands started at once in one checkout: the second waits until the first has installed or built.
 * The lock is a file that its holder touches; a holder that died stops touching it.
 */
import {
	closeSync,
	mkdirSync,
	openSync,
	readFileSync,
	rmSync,
	statSync,
	utimesSync,
	writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { PrepareFailed } from './run.mjs';

const touchMs = 2000;
const deadMs = 15_000;
const lookAgainMs = 250;

/** @param {unknown} error @returns {string | undefined} of what the system says */
const codeOf = (error) => (error instanceof Error && 'code' in error ? String(error.code) : undefined);

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {number} pid */
function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return codeOf(error) === 'EPERM';
	}
}

/** @param {string} file */
function isAbandoned(file) {
	try {
		const [host, pid] = readFileSync(file, 'utf8').split(' ');
		const quiet = Date.now() - statSync(file).mtimeMs;
		return quiet > deadMs || (quiet > touchMs && host === hostname() && !isAlive(Number(pid)));
	} catch {
		return false;
	}
}

/** @param {string} file */
function take(file) {
	try {
		const handle = openSync(file, 'wx');
		writeSync(handle, `${hostname()} ${process.pid}`);
		closeSync(handle);
		return true;
	} catch (error) {
		if (codeOf(error) === 'EEXIST') return false;
		throw new PrepareFailed(
			`This folder cannot be written (${codeOf(error)}), and there is something to install or build.`,
		);
	}
}

/** @param {string} file */
async function acquire(file) {
	for (let told = false; !take(file); told = true) {
		if (!told) console.log('menshen: another command is preparing this folder, waiting …');
		if (isAbandoned(file)) rmSync(file, { force: true });
		await pause(lookAgainMs);
	}
}

/**
 * Does the work unless it was done while waiting. A checkout that may not be written, but is complete, needs no lock.
 * @param {string} root
 * @param {() => boolean} isDone
 * @param {() => Promise<void>} work
 */
export async function oneAtATime(root, isDone, work) {
	if (isDone()) return;
	const folder = join(root, '.menshen');
	try {
		mkdirSync(folder, { recursive: true });
	} catch (error) {
		throw new PrepareFailed(
			`${root} cannot be written (${codeOf(error)}), and there is something to install or build.`,
		);
	}
	const file = join(folder, 'prepare.lock');
	await acquire(file);
	const release = () => rmSync(file, { force: true });
	const stop = () => process.exit(130);
	const beat = setInterval(() => utimesSync(file, new Date(), new Date()), touchMs);
	process.once('exit', release).once('SIGINT', stop).once('SIGTERM', stop);
	try {
		if (!isDone()) await work();
	} finally {
		clearInterval(beat);
		process.removeListener('exit', release).removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
		release();
	}
}
