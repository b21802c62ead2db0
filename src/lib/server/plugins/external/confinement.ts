/**
 * The walls around a plugin's process, as far as this system has them: Node's permission model everywhere; on
 * Linux a limit of memory and processor time, a network namespace without a network, and an end with the host's.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Confinement {
	/** The command and its first arguments; Node and its own follow. */
	prefix: readonly string[];
	/** Whether the system itself keeps the process off the network. */
	noNetwork: boolean;
}

const shell = '/bin/sh';
/**
 * `-d` in KB: Node does not start below 600,000. `-t` in seconds: a process that spins without a host left
 * to end it is ended by the system. `-c`: no core files.
 */
const limits = 'ulimit -c 0; ulimit -d 800000; ulimit -t 900; exec "$@"';
const noNetwork = ['unshare', '-rn'];
const endWithHost = ['setpriv', '--pdeathsig', 'KILL'];
/** The first that works is taken. */
const candidates = [[...noNetwork, ...endWithHost], noNetwork, endWithHost, []];
const bare: Confinement = { prefix: [], noNetwork: false };

const run = promisify(execFile);

async function works(prefix: readonly string[]): Promise<boolean> {
	const [command = '', ...args] = [...prefix, process.execPath, '--version'];
	return run(command, args, { env: {}, cwd: '/', timeout: 10_000 }).then(
		() => true,
		() => false,
	);
}

async function probe(): Promise<Confinement> {
	if (process.platform !== 'linux') return bare;
	for (const wrapped of candidates) {
		const prefix = [shell, '-c', limits, 'sh', ...wrapped];
		if (await works(prefix)) return { prefix, noNetwork: wrapped.includes('unshare') };
	}
	return bare;
}

let probed: Promise<Confinement> | undefined;

/** Tried out once, before the first process starts. */
export function confinement(): Promise<Confinement> {
	return (probed ??= probe());
}
