/** The Community Solid Server on loopback, in memory, with one account and its pod. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment } from '../../scripts/prepare/run.mjs';
import { freePort } from '../appliance';

export const account = { email: 'mei@example.com', password: 'a-long-pod-secret' };

export interface SolidServer {
	/** With a slash at the end, as the server names itself. */
	readonly issuer: string;
	readonly webid: string;
	stop(): Promise<void>;
}

async function untilUp(profile: string, isGone: () => boolean, output: () => string): Promise<void> {
	const deadline = Date.now() + 90_000;
	while (Date.now() < deadline) {
		if (isGone()) throw new Error(`the Solid server ended:\n${output()}`);
		const answer = await fetch(profile).catch(() => undefined);
		if (answer?.ok) return;
		await new Promise((again) => setTimeout(again, 100));
	}
	throw new Error(`the Solid server did not get ready:\n${output()}`);
}

/** @param program the server's file */
export async function startSolidServer(program: string): Promise<SolidServer> {
	const folder = mkdtempSync(join(tmpdir(), 'menshen-solid-'));
	const seed = join(folder, 'seed.json');
	writeFileSync(seed, JSON.stringify([{ ...account, pods: [{ name: 'mei' }] }]));
	const port = await freePort();
	const issuer = `http://127.0.0.1:${port}/`;
	const args = [program, '-p', String(port), '-b', issuer, '-l', 'warn', '--seedConfig', seed];
	// Without NODE_ENV=test, which it takes for a sign that its own tests run it.
	const env = cleanEnvironment();
	const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
	const gone = once(child, 'exit');
	let output = '';
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
	const stop = async () => {
		if (child.exitCode === null && child.signalCode === null) {
			child.kill('SIGKILL');
			await gone;
		}
		rmSync(folder, { recursive: true, force: true });
	};
	const webid = `${issuer}mei/profile/card#me`;
	try {
		await untilUp(
			webid,
			() => child.exitCode !== null,
			() => output,
		);
	} catch (error) {
		await stop();
		throw error;
	}
	return { issuer, webid, stop };
}
