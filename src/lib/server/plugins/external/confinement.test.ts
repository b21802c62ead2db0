/** What the system and Node themselves prevent, for code that got past the lock-down. */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { nodeFlags } from './child';
import { confinement } from './confinement';

const run = promisify(execFile);

/** Runs a script confined, but without the lock-down. @returns what it printed */
async function behindWalls(script: string, flags = nodeFlags): Promise<string> {
	const { prefix } = await confinement();
	const tried = `const say = (error) => { console.log(error.code ?? error.message); process.exit(0); };
		process.on('uncaughtException', say); (async () => { ${script} })().then(() => console.log('done'), say);`;
	const [command = '', ...args] = [...prefix, process.execPath, ...flags, '--eval', tried];
	return (await run(command, args, { env: {}, cwd: '/' })).stdout.trim();
}

describe('without the lock-down', () => {
	it.each([
		['files', `require('fs').readFileSync('/etc/passwd')`],
		['writing', `require('fs').writeFileSync('/menshen-wall', 'x')`],
		['processes', `require('child_process').spawnSync('true')`],
		['threads', `new (require('worker_threads').Worker)('1', { eval: true })`],
	])('%s stay out of reach', async (_, script) => {
		expect(await behindWalls(script)).toBe('ERR_ACCESS_DENIED');
	});

	const file = join(tmpdir(), 'menshen-wall.db');
	const database = `new (require('node:sqlite').DatabaseSync)('${file}').exec('CREATE TABLE a (b)')`;

	it('databases cannot be opened, which the permission model does not cover', async () => {
		expect(await behindWalls(database)).toMatch(/ERR_UNKNOWN_BUILTIN_MODULE|No such built-in module/);
	});

	it.runIf(process.platform === 'linux')('nothing can be written, even if Node allows it', async () => {
		// Node alone would allow it; the system does not.
		expect(await behindWalls(database, ['--permission', '--no-warnings'])).toBe('ERR_SQLITE_ERROR');
		rmSync(file, { force: true });
	});

	it('root has no capabilities, where the system can take them', async () => {
		const { prefix } = await confinement();
		if (!prefix.includes('--bounding-set=-all')) return;
		const [command = '', ...args] = [...prefix, '/bin/cat', '/proc/self/status'];
		const { stdout } = await run(command, args, { env: {}, cwd: '/' });
		for (const set of ['CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
			expect(stdout).toMatch(new RegExp(`${set}:\\s+0+\\n`));
		expect(stdout).toMatch(/NoNewPrivs:\s+1\n/);
	});

	it('a script runs, with an empty environment', async () => {
		expect(
			await behindWalls(
				`console.log(Object.keys(process.env).filter((name) => !/^(OLD)?PWD$/.test(name)).length)`,
			),
		).toBe('0\ndone');
	});

	it('the network cannot be used, where the system can prevent it', async () => {
		if (!(await confinement()).noNetwork) return;
		let knocks = 0;
		const server = createServer((socket) => void ((knocks += 1), socket.destroy())).listen(0, '127.0.0.1');
		await new Promise((listening) => server.once('listening', listening));
		const { port } = server.address() as AddressInfo;
		const connect = (host: string) =>
			behindWalls(
				`await new Promise((done, failed) => require('net').connect(${port}, '${host}').on('connect', done).on('error', failed))`,
			);
		expect(await connect('127.0.0.1')).toMatch(/ENETUNREACH|ECONNREFUSED/);
		expect(await connect('203.0.113.1')).toMatch(/ENETUNREACH/);
		expect(
			await behindWalls(
				`await new Promise((done, failed) => require('dgram').createSocket('udp4').send('x', 53, '203.0.113.1', (error) => error ? failed(error) : done()))`,
			),
		).toMatch(/ENETUNREACH/);
		server.close();
		expect(knocks).toBe(0);
	});

	it.runIf(process.platform === 'linux')('memory is limited', async () => {
		expect(await behindWalls(`const all = []; for (;;) all.push(Buffer.alloc(1e8, 1))`)).toMatch(
			/ERR_MEMORY|allocation/i,
		);
	});
});
