/**
 * The first minute of a newcomer: clone, `npm start`, a page. Run as an ordinary user, also when root runs the
 * tests.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../appliance';

const root = resolve(import.meta.dirname, '../..');
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
const user = isRoot ? { uid: nobody, gid: nobody } : {};
/** Without this project's own node: a newcomer's shell has theirs. */
const path = (process.env['PATH'] ?? '')
	.split(delimiter)
	.filter((part) => !part.includes('node_modules'))
	.join(delimiter);
const isClone = spawnSync('git', ['rev-parse', '--git-dir'], { cwd: root }).status === 0;

let home: string;
let clone: string;
let port: number;

/**
 * Git checks the owner of a repository; the clone is made by the owner of this one, then given to the other user.
 */
function handOver(folder: string): void {
	if (!isRoot) return;
	for (const entry of readdirSync(folder, { recursive: true }))
		chownSync(join(folder, String(entry)), nobody, nobody);
	chownSync(folder, nobody, nobody);
}

beforeAll(async () => {
	home = mkdtempSync(join(tmpdir(), 'menshen-newcomer-'));
	clone = join(home, 'menshen');
	port = await freePort();
	spawnSync('git', ['-c', 'safe.directory=*', 'clone', '--quiet', '--no-hardlinks', root, clone]);
	handOver(home);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Started {
	child: ChildProcess;
	output: () => string;
	ms: number;
	stop(): Promise<void>;
}

async function npmStart(env: Record<string, string> = {}): Promise<Started> {
	const begin = performance.now();
	const child = spawn('npm', ['start'], {
		cwd: clone,
		...user,
		detached: true,
		env: {
			PATH: path,
			HOME: home,
			PORT: String(port),
			HOST: '127.0.0.1',
			CI: '',
			...pick('npm_config_registry', 'NODE_EXTRA_CA_CERTS'),
			...env,
		},
	});
	let printed = '';
	child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
	const gone = once(child, 'exit');
	const deadline = Date.now() + 280_000;
	while (!(await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok) {
		if (child.exitCode !== null || Date.now() > deadline)
			throw new Error(`npm start did not get ready:\n${printed.slice(-3000)}`);
		await new Promise((again) => setTimeout(again, 100));
	}
	const stop = async () => {
		// The whole group: npm and the server that it started.
		if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
		await gone;
	};
	return { child, output: () => printed, ms: performance.now() - begin, stop };
}

/** Nothing listens there. */
const nowhere = 'http://127.0.0.1:1';
const offline = {
	npm_config_registry: nowhere,
	npm_config_offline: 'true',
	...Object.fromEntries(['HTTP_PROXY', 'HTTPS_PROXY'].map((name) => [name, nowhere])),
};
const owner = { email: 'owner@example.com', password: 'a-long-owner-secret' };

/** @returns the status of the console for an operator who has just signed in */
async function consoleStatus(): Promise<number> {
	const at = `http://localhost:${port}/admin`;
	const signedIn = await fetch(`${at}/sign-in`, {
		method: 'POST',
		headers: { origin: new URL(at).origin, accept: 'text/html' },
		body: new URLSearchParams(owner),
		redirect: 'manual',
	});
	const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';')[0]);
	const page = await fetch(at, { headers: { cookie: cookie.join('; ') }, redirect: 'manual' });
	return page.status;
}

const pick = (...names: string[]) =>
	Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));

describe.runIf(isClone)('a bare clone', () => {
	it('answers after `npm start`, the first command, and again without installing, building or a registry (G03)', async () => {
		const first = await npmStart();
		expect(first.output()).toMatch(/Set-up code: \S+/);
		const page = await fetch(`http://localhost:${port}/`, { headers: { accept: 'text/html' } });
		expect(page.url).toContain('/setup');
		expect(page.status).toBe(200);
		await first.stop();

		const touched = ['node_modules/.package-lock.json', 'build/index.js'].map(
			(file) => statSync(join(clone, file)).mtimeMs,
		);
		const second = await npmStart({
			...offline,
			OPERATOR_EMAIL: owner.email,
			OPERATOR_PASSWORD: owner.password,
		});
		expect(await consoleStatus()).toBe(200);
		await second.stop();
		expect(
			['node_modules/.package-lock.json', 'build/index.js'].map(
				(file) => statSync(join(clone, file)).mtimeMs,
			),
		).toEqual(touched);
		expect(second.ms).toBeLessThan(first.ms / 3);
	}, 320_000);
});
