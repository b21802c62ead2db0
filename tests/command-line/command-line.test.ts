/** The command line as people use it: beside a running appliance, and alone over the same folder. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type RunningAppliance } from '../appliance';

const program = resolve(import.meta.dirname, '../../bin/menshen.js');

interface Done {
	code: number | null;
	out: string;
	err: string;
}

/** Runs `menshen …` over a data folder, away from any terminal. */
function menshen(dataDir: string, args: string[], stdin = ''): Promise<Done> {
	return new Promise((done) => {
		const child = spawn(process.execPath, [program, ...args], {
			env: { PATH: process.env['PATH'], DATA_DIR: dataDir },
		});
		let [out, err] = ['', ''];
		child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
		child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
		child.once('close', (code) => done({ code, out, err }));
		child.stdin.end(stdin);
	});
}

const json = (text: string) => JSON.parse(text) as Record<string, unknown>;

function newFolder(): string {
	return mkdtempSync(join(tmpdir(), 'menshen-cli-'));
}

describe.each(['beside a running appliance', 'alone'])('%s', (mode) => {
	let appliance: RunningAppliance | undefined;
	let dataDir: string;
	const run = (args: string[], stdin?: string) => menshen(dataDir, args, stdin);

	beforeAll(async () => {
		appliance = mode === 'alone' ? undefined : await startAppliance();
		dataDir = appliance?.dataDir ?? newFolder();
	});
	afterAll(async () => {
		if (appliance) await appliance.stop();
		else rmSync(dataDir, { recursive: true });
	});

	it('makes, lists and deletes apps', async () => {
		expect(await run(['app', 'create', 'Demo', '--id', '7'])).toEqual({
			code: 0,
			out: 'App 7 "Demo" made.\n',
			err: '',
		});
		expect((await run(['app', 'create', '--name', 'Other'])).out).toBe('App 8 "Other" made.\n');
		expect((await run(['app', 'list'])).out).toBe('     7  Demo\n     8  Other\n');
		expect(await run(['app', 'delete', '8'])).toEqual({ code: 0, out: 'App 8 deleted.\n', err: '' });
		expect(JSON.parse((await run(['app', 'list', '--json'])).out)).toMatchObject([{ id: 7, name: 'Demo' }]);
	});

	it('says in one line what is refused, and ends with 1', async () => {
		expect(await run(['app', 'create', 'Demo', '--id', '7'])).toEqual({
			code: 1,
			out: '',
			err: 'menshen: An app with this number exists already. [app/id-taken, id]\n',
		});
		const forMachines = await run(['--json', 'app', 'delete', '99']);
		expect(forMachines).toMatchObject({ code: 1, out: '' });
		expect(json(forMachines.err)).toMatchObject({ error: { code: 'app/not-found' } });
	});

	it('adds operators: a password from stdin, or one that is made and printed once', async () => {
		const given = await run(
			['operator', 'add', 'first@example.com', '--owner', '--password-stdin'],
			'a-long-owner-secret\n',
		);
		expect(given).toEqual({ code: 0, out: 'Owner first@example.com added.\n', err: '' });
		const made = await run(['operator', 'add', 'second@example.com', '--json']);
		expect(json(made.out)).toMatchObject({
			email: 'second@example.com',
			role: 'operator',
			password: expect.stringMatching(/^(\w{5}-){3}\w{5}$/) as string,
		});
		const again = await run(
			['operator', 'add', 'First@Example.com', '--password-stdin'],
			'a-long-owner-secret',
		);
		expect(again).toMatchObject({ code: 1, err: expect.stringContaining('[operator/email-taken') as string });
		const weak = await run(['operator', 'add', 'third@example.com', '--password-stdin'], 'password');
		expect(weak).toMatchObject({ code: 1, err: expect.stringContaining('password/too-common') as string });
	});

	it('sets an operator a new password', async () => {
		expect((await run(['operator', 'reset-password', 'second@example.com'])).out).toMatch(
			/^New password set for second@example\.com\.\nPassword \(shown once\): \S+\n$/,
		);
		const nobody = await run(['operator', 'reset-password', 'nobody@example.com']);
		expect(nobody).toEqual({
			code: 1,
			out: '',
			err: 'menshen: There is no such operator. [operator/not-found]\n',
		});
	});

	it('calls any procedure as the owner', async () => {
		const made = await run(['call', 'admin.users.create', '{"username":"alice"}', '--app', '7']);
		expect(json(made.out)).toMatchObject({ username: 'alice' });
		expect(json((await run(['call', 'admin.users.list', '{"limit":10}', '--app', '7'])).out)).toMatchObject({
			users: [{ username: 'alice' }],
		});
		expect(await run(['call', 'admin.nothing'])).toMatchObject({
			code: 1,
			err: 'menshen: There is no procedure admin.nothing. [edge/not-found]\n',
		});
		expect(await run(['call', 'admin.users.create', '{"username":"a b"}', '--app', '7'])).toMatchObject({
			code: 1,
			err: expect.stringContaining('input/invalid, username') as string,
		});
	});

	it('keeps the last owner', async () => {
		const operators = JSON.parse((await run(['call', 'admin.operators.list'])).out) as {
			id: string;
			role: string;
		}[];
		const owners = operators.filter(({ role }) => role === 'owner');
		for (const { id } of owners.slice(1))
			expect((await run(['call', 'admin.operators.remove', JSON.stringify({ id })])).code).toBe(0);
		const last = await run(['call', 'admin.operators.remove', JSON.stringify({ id: owners[0]?.id })]);
		expect(last).toMatchObject({ code: 1, err: expect.stringContaining('[operator/last-owner]') as string });
	});

	it('applies a file once; lists the steps before, and says when there is nothing to do', async () => {
		const file = join(dataDir, 'wanted.yaml');
		writeFileSync(
			file,
			'apps:\n  - id: 9\n    name: Nine\n    clients: [{ id: web, redirectUris: [https://a.example/cb] }]\n',
		);
		expect(await run(['apply', file, '--dry-run'])).toEqual({
			code: 0,
			out: 'create    app:9\ncreate    app:9 client:web\n2 changes to make.\n',
			err: '',
		});
		expect((await run(['app', 'list'])).out).not.toContain('Nine');
		expect((await run(['apply', file])).out).toBe(
			'create    app:9\ncreate    app:9 client:web\n2 changes made.\n',
		);
		expect((await run(['apply', file])).out).toBe('Nothing to change.\n');
		expect((await run(['apply', '-', '--json'], 'apps: [{ id: 9, tokenDays: 3 }]')).out).toContain(
			'"tokenDays"',
		);
	});

	it('names the line of a file that is not valid', async () => {
		const bad = await run(['apply', '-'], 'apps:\n  - id: 9\n    nmae: Nine\n');
		expect(bad).toEqual({
			code: 1,
			out: '',
			err: 'menshen: The configuration is not valid: line 3: apps[0]: there is no setting "nmae" [config/invalid]\n',
		});
		expect(await run(['apply', '/nowhere.yaml'])).toMatchObject({
			code: 1,
			err: expect.stringMatching(/^menshen: \/nowhere\.yaml cannot be read: [^\n]*\n$/) as string,
		});
	});
});

describe('wrong usage', () => {
	it.each([
		[['nonsense']],
		[['app', 'create']],
		[['app', 'delete', 'x']],
		[['apply']],
		[['call', 'a.b', '{']],
		[['app', 'list', '--nonsense']],
	])('%j ends with 2 and changes nothing', async (args) => {
		const folder = newFolder();
		const { code, out, err } = await menshen(folder, args);
		expect({ code, out, told: err.length > 0 }).toEqual({ code: 2, out: '', told: true });
		expect(existsSync(join(folder, 'control.db'))).toBe(false);
		rmSync(folder, { recursive: true });
	});

	it('help exits without an error', async () => {
		const { code, out } = await menshen('/nowhere', ['--help']);
		expect(code).toBe(0);
		for (const command of ['start', 'apply', 'call', 'app', 'operator']) expect(out).toContain(command);
	});
});

describe('the folder', () => {
	it('is one process’s: a command that comes alone while another holds it is refused, and leaves it as it is', async () => {
		const appliance = await startAppliance();
		try {
			const socket = join(appliance.dataDir, 'menshen.sock');
			expect(statSync(socket).mode & 0o777).toBe(0o600);
			rmSync(socket);
			const { code, err } = await menshen(appliance.dataDir, ['app', 'list']);
			expect({ code, err }).toEqual({
				code: 1,
				err: expect.stringMatching(/^menshen: .*in use by another Menshen process[^\n]*\n$/) as string,
			});
			expect((await fetch(`${appliance.origin}/readyz`)).status).toBe(200);
		} finally {
			await appliance.stop();
		}
	});

	it('is opened after a crash although the socket is still there', async () => {
		const appliance = await startAppliance();
		await appliance.end('SIGKILL');
		expect(existsSync(join(appliance.dataDir, 'menshen.sock'))).toBe(true);
		expect(await menshen(appliance.dataDir, ['app', 'create', 'After'])).toMatchObject({ code: 0, err: '' });
		await appliance.stop();
	});

	it('with a setting that is wrong is refused in one line', async () => {
		const folder = newFolder();
		writeFileSync(join(folder, 'master.key'), 'not a key\n', { mode: 0o600 });
		const { code, out, err } = await menshen(folder, ['app', 'list']);
		expect({ code, out }).toEqual({ code: 1, out: '' });
		expect(err).toMatch(/^menshen: [^\n]+\n$/);
		rmSync(folder, { recursive: true });
	});
});
