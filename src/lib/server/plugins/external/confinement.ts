/**
 * The confinement of a plugin's process, as far as this system supports it: Node's permission model everywhere; on
 * Linux limits of memory, processor time and files, a network namespace without a network, no capabilities of root,
 * and an end with the host's.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Confinement {
	/** The command and its first arguments; Node and its own follow. */
	prefix: readonly string[];
	/** Whether the system itself blocks the process's network. */
	noNetwork: boolean;
}

const shell = '/bin/sh';
/**
 * `-d` in KB: Node does not start below 600,000. `-t` in seconds: the system ends a process that spins after its
 * host has gone. `-c`: no core files; `-f`: no files at all.
 */
const limits = 'ulimit -c 0; ulimit -f 0; ulimit -d 800000; ulimit -t 900; exec "$@"';
const noNetwork = ['unshare', '-rn'];
const endWithHost = ['setpriv', '--pdeathsig', 'KILL'];
/** Drops all capabilities of root, outside and inside the namespace. */
const powerless = [...endWithHost, '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'];
/** The first of these that works is used. */
const candidates = [
	[...noNetwork, ...powerless],
	[...noNetwork, ...endWithHost],
	noNetwork,
	powerless,
	endWithHost,
	[],
];
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

/** Tested once, before the first process starts. */
export function confinement(): Promise<Confinement> {
	return (probed ??= probe());
}
