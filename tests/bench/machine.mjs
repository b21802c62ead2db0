/** Starts what is measured, pinned to the first core, and ends it by its id. The driver has the second core. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

function canPin() {
	try {
		execFileSync('taskset', ['-c', '0', 'true']);
		return true;
	} catch {
		return false;
	}
}

export const pinned = canPin();

/** Call once: the driver itself goes to the second core. */
export function pinDriver() {
	if (pinned) execFileSync('taskset', ['-a', '-p', '-c', '1', String(process.pid)], { stdio: 'ignore' });
}

export async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

/**
 * @param {string[]} args of node
 * @param {{ env?: Record<string, string>, cwd?: string, ready: RegExp | string }} options `ready`: a line printed, or a URL that answers
 */
export async function start(args, { env = {}, cwd, ready }) {
	const command = pinned ? ['taskset', '-c', '0', process.execPath, ...args] : [process.execPath, ...args];
	const begin = performance.now();
	const child = spawn(command[0], command.slice(1), {
		cwd,
		env: { PATH: process.env.PATH, ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let output = '';
	child.stdout.on('data', (chunk) => (output += chunk));
	child.stderr.on('data', (chunk) => (output += chunk));
	const gone = once(child, 'exit');
	const deadline = Date.now() + 30_000;
	const isReady = async () => {
		if (ready instanceof RegExp) return ready.test(output);
		return (await fetch(ready).catch(() => undefined))?.ok ?? false;
	};
	while (!(await isReady())) {
		if (child.exitCode !== null || Date.now() > deadline)
			throw new Error(`did not start: ${args.join(' ')}\n${output}`);
		await new Promise((again) => setTimeout(again, 4));
	}
	return {
		startMs: performance.now() - begin,
		output: () => output,
		rssMb: () =>
			Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
		async stop() {
			child.kill('SIGTERM');
			setTimeout(() => child.kill('SIGKILL'), 8000).unref();
			await gone;
		},
	};
}
