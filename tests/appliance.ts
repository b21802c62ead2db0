/** The built product as a process of its own, in a temporary folder and on a free port, for tests from outside. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
export const owner = { email: 'owner@example.com', password: 'a-long-owner-secret' };

export async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, 'close');
	return port;
}

export interface StartOptions {
	env?: Record<string, string>;
	/** YAML applied at the start. */
	apply?: string;
	/** Keep using this folder. */
	dataDir?: string;
	/** false: unclaimed, so that the test goes through set-up. */
	claimed?: boolean;
}

export interface RunningAppliance {
	readonly origin: string;
	readonly dataDir: string;
	readonly pid: number;
	/** Everything printed so far. */
	output(): string;
	/** The set-up code printed at the start. */
	setupCode(): string;
	/** Ends it with a signal; resolves with the exit code once it is gone. */
	end(signal?: NodeJS.Signals): Promise<number | null>;
	/** Starts it again over the same folder and port. */
	restart(): Promise<RunningAppliance>;
	/** Ends it and removes the folder. */
	stop(): Promise<void>;
}

async function untilHealthy(origin: string, child: ChildProcess, output: () => string): Promise<void> {
	const deadline = Date.now() + 30_000;
	while (Date.now() < deadline) {
		if (child.exitCode !== null) throw new Error(`the appliance ended with ${child.exitCode}:\n${output()}`);
		const answer = await fetch(`${origin}/readyz`).catch(() => undefined);
		if (answer?.ok) return;
		await new Promise((again) => setTimeout(again, 25));
	}
	throw new Error(`the appliance did not get ready:\n${output()}`);
}

/** Between looking for a free port and listening on it, another process may have taken it: then once more. */
export async function startAppliance(options: StartOptions = {}): Promise<RunningAppliance> {
	for (let triesLeft = 3; ; triesLeft--) {
		try {
			return await startOnce(options);
		} catch (error) {
			const ownPort = options.env?.['PORT'] === undefined;
			if (!ownPort || triesLeft <= 1 || !String(error).includes('EADDRINUSE')) throw error;
		}
	}
}

async function startOnce(options: StartOptions): Promise<RunningAppliance> {
	const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'menshen-story-'));
	const port = options.env?.['PORT'] ?? String(await freePort());
	const origin = options.env?.['ORIGIN'] ?? `http://localhost:${port}`;
	const applyFile = join(dataDir, 'apply.yaml');
	if (options.apply) writeFileSync(applyFile, options.apply);
	const child = spawn(process.execPath, ['server.js'], {
		cwd: root,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {
			PATH: process.env['PATH'],
			PORT: port,
			HOST: '127.0.0.1',
			DATA_DIR: dataDir,
			LOG_FORMAT: 'json',
			EGRESS_ALLOW: '127.0.0.0/8,::1,localhost',
			...(options.claimed === false
				? {}
				: { OPERATOR_EMAIL: owner.email, OPERATOR_PASSWORD: owner.password }),
			...(options.apply ? { MENSHEN_APPLY: applyFile } : {}),
			...options.env,
		},
	});
	let printed = '';
	child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
	child.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
	const gone = once(child, 'exit');
	const output = () => printed;
	await untilHealthy(`http://127.0.0.1:${port}`, child, output).catch((error: unknown) => {
		child.kill('SIGKILL');
		throw error;
	});
	const end = async (signal: NodeJS.Signals = 'SIGTERM') => {
		if (child.exitCode === null && child.signalCode === null) child.kill(signal);
		await gone;
		return child.exitCode;
	};
	return {
		origin,
		dataDir,
		pid: child.pid ?? 0,
		output,
		setupCode: () => /Set-up code: (\S+)/.exec(printed)?.[1] ?? '',
		end,
		async restart() {
			await end();
			return startAppliance({ ...options, dataDir, env: { ...options.env, PORT: port } });
		},
		async stop() {
			await end('SIGKILL');
			rmSync(dataDir, { recursive: true, force: true });
		},
	};
}
