/**
 * The walls around a plugin's process, as far as this system has them: Node's permission model everywhere; on
 * Linux limits of memory, processor time and files, a network namespace without a network, no powers of root,
 * and an end with the host's.
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
 * to end it is ended by the system. `-c`: no core files; `-f`: no files at all.
 */
const limits = 'ulimit -c 0; ulimit -f 0; ulimit -d 800000; ulimit -t 900; exec "$@"';
const noNetwork = ['unshare', '-rn'];
const endWithHost = ['setpriv', '--pdeathsig', 'KILL'];
/** Whoever is root, out here or in the namespace, has none of its powers. */
const powerless = [...endWithHost, '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'];
/** The first that works is taken. */
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

/** Tried out once, before the first process starts. */
export function confinement(): Promise<Confinement> {
	return (probed ??= probe());
}
