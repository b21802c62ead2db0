import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Refusal } from '../../contract/errors';
import { listenOnSocket, type SocketAnswer, type SocketServer } from './socket';

let folder: string;
let path: string;
let opened: SocketServer[];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'menshen-socket-'));
	path = join(folder, 'menshen.sock');
	opened = [];
});

afterEach(async () => {
	for (const server of opened) await server.close();
	rmSync(folder, { recursive: true });
});

async function open(call: (request: unknown) => Promise<unknown>): Promise<SocketServer> {
	const server = await listenOnSocket({ path, call });
	opened.push(server);
	return server;
}

/** Leaves a socket file that nobody listens on, as a killed process does. */
function leaveDeadSocket(): void {
	const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
	spawnSync(process.execPath, ['-e', script]);
	expect(statSync(path).isSocket()).toBe(true);
}

function ask(body: string, method = 'POST'): Promise<SocketAnswer> {
	return new Promise((resolve, reject) => {
		const sent = request({ socketPath: path, path: '/', method }, (response) => {
			let text = '';
			response.on('data', (chunk: Buffer) => (text += chunk.toString()));
			response.on('end', () => resolve(JSON.parse(text) as SocketAnswer));
		});
		sent.on('error', reject);
		sent.end(body);
	});
}

it('passes a call on and brings the result back', async () => {
	const calls: unknown[] = [];
	await open(async (request) => {
		calls.push(request);
		return { id: 4 };
	});
	const request = { procedure: 'admin.users.create', input: { username: 'alice' }, app: 4 };
	expect(await ask(JSON.stringify(request))).toEqual({ ok: true, result: { id: 4 } });
	expect(calls).toEqual([request]);
});

it('answers null where a procedure has no result', async () => {
	await open(async () => undefined);
	expect(await ask('{"procedure":"admin.apps.delete"}')).toEqual({ ok: true, result: null });
});

it('answers a refusal with its code and text, without details for the log', async () => {
	await open(async () => {
		throw new Refusal('config/invalid', {
			params: { reason: 'line 3: apps[0].name: too long' },
			detail: 'private',
		});
	});
	const answer = await ask('{"procedure":"admin.config.apply"}');
	expect(answer).toMatchObject({
		ok: false,
		code: 'config/invalid',
		params: { reason: 'line 3: apps[0].name: too long' },
	});
	expect(JSON.stringify(answer)).toContain('The configuration is not valid: line 3');
	expect(JSON.stringify(answer)).not.toContain('private');
});

it('reveals nothing about an unexpected error', async () => {
	await open(async () => {
		throw new Error('the secret is 42');
	});
	const answer = await ask('{"procedure":"admin.apps.list"}');
	expect(answer).toMatchObject({ ok: false, code: 'server/unexpected' });
	expect(JSON.stringify(answer)).not.toContain('42');
});

it.each([
	['no JSON'],
	['[]'],
	['{}'],
	['{"procedure":""}'],
	['{"procedure":"a","more":1}'],
	['{"procedure":"a","app":"4"}'],
])('refuses %s', async (body) => {
	await open(async () => 'called');
	expect(await ask(body)).toMatchObject({ ok: false, code: 'input/invalid' });
});

it('refuses another method than POST', async () => {
	await open(async () => 'called');
	expect(await ask('', 'DELETE')).toMatchObject({ ok: false, code: 'input/invalid' });
});

it('refuses a body larger than any configuration', async () => {
	await open(async () => 'called');
	const big = JSON.stringify({ procedure: 'a', input: 'x'.repeat(9 * 1024 * 1024) });
	expect(await ask(big)).toMatchObject({ ok: false, code: 'input/too-large' });
});

it('is open to its owner only, also while other files keep their modes', async () => {
	await open(async () => null);
	expect(statSync(path).mode & 0o777).toBe(0o600);
	writeFileSync(join(folder, 'other'), '', { mode: 0o640 });
	expect(statSync(join(folder, 'other')).mode & 0o777).toBe(0o640);
});

it('removes the socket of a killed process', async () => {
	leaveDeadSocket();
	await open(async () => 'alive');
	expect(await ask('{"procedure":"a"}')).toEqual({ ok: true, result: 'alive' });
});

it('refuses to take over from a process that listens', async () => {
	await open(async () => 'first');
	await expect(listenOnSocket({ path, call: async () => 'second' })).rejects.toThrow('in use by another');
	expect(await ask('{"procedure":"a"}')).toEqual({ ok: true, result: 'first' });
});

it('leaves a file alone that is not a socket', async () => {
	writeFileSync(path, 'precious');
	await expect(listenOnSocket({ path, call: async () => null })).rejects.toThrow('in the way');
	rmSync(path);
	symlinkSync(join(folder, 'elsewhere'), path);
	await expect(listenOnSocket({ path, call: async () => null })).rejects.toThrow('in the way');
});

it('reports a path that is too long', async () => {
	const long = join(folder, 'x'.repeat(120), 'menshen.sock');
	await expect(listenOnSocket({ path: long, call: async () => null })).rejects.toThrow('too long');
});

it('is gone after closing, and closes although a caller keeps its connection', async () => {
	const server = await listenOnSocket({ path, call: async () => null });
	const idle = connect(path);
	await new Promise((resolve) => idle.once('connect', resolve));
	const gone = new Promise((resolve) => idle.once('close', resolve));
	await server.close();
	await gone;
	expect(existsSync(path)).toBe(false);
});

it('finishes a call that is under way before it closes', async () => {
	let finish: (value: string) => void = () => undefined;
	let begun: () => void = () => undefined;
	const started = new Promise<void>((resolve) => (begun = resolve));
	const server = await listenOnSocket({
		path,
		call: () =>
			new Promise((resolve) => {
				finish = resolve;
				begun();
			}),
	});
	const answer = ask('{"procedure":"slow"}');
	await started;
	const closing = server.close();
	finish('done');
	await closing;
	expect(await answer).toEqual({ ok: true, result: 'done' });
});
