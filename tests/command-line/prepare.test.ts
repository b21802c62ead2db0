/**
 * The preparation from a bare clone to a running command. The scripts run as they are, in a checkout of
 * their own; npm, Vite and the browser are stand-ins that note when they are called.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	realpathSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const scripts = resolve(import.meta.dirname, '../../scripts');
let root: string;
let calls: string;

function write(path: string, content: string): void {
	mkdirSync(join(root, path, '..'), { recursive: true });
	writeFileSync(join(root, path), content);
}

const lock = (version: string) =>
	JSON.stringify({
		packages: {
			'': {},
			'node_modules/a': { version },
			'node_modules/b': { version: '1.0.0', optional: true },
		},
	});

/** Notes that it was called, waits as long as the test wants, then leaves node_modules as npm does. */
const npm = `
const { appendFileSync, cpSync, existsSync, mkdirSync, rmSync } = require('node:fs');
appendFileSync(process.env.CALLS, 'npm ' + process.argv.slice(2).join(' ') + '\\n');
const finish = () => {
	if (existsSync('break-npm')) { console.error('npm error: no such package'); process.exit(1); }
	mkdirSync('node_modules', { recursive: true });
	cpSync('package-lock.json', 'node_modules/.package-lock.json');
};
rmSync('node_modules', { recursive: true, force: true });
const wait = setInterval(() => { if (!existsSync('hold-npm')) { clearInterval(wait); finish(); } }, 20);
`;
const builder = `
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
appendFileSync(process.env.CALLS, 'build\\n');
if (existsSync('break-build')) { console.error('src/a.ts: does not compile'); process.exit(1); }
for (const folder of ['build', '.svelte-kit']) mkdirSync(folder, { recursive: true });
writeFileSync('.svelte-kit/tsconfig.json', '');
writeFileSync('build/index.js', '');
`;
const browser = '#!/bin/sh\necho browser >> "$CALLS"\necho "Chromium 150.0"\n';

beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'menshen-prepare-'));
	calls = join(root, 'calls');
	mkdirSync(join(root, 'scripts'));
	cpSync(join(scripts, 'prepare.mjs'), join(root, 'scripts/prepare.mjs'));
	cpSync(join(scripts, 'prepare'), join(root, 'scripts/prepare'), { recursive: true });
	write('package.json', '{"type":"module","dependencies":{"a":"1.0.0"},"scripts":{"x":"1"}}');
	write('package-lock.json', lock('1.0.0'));
	write('outside/npm-cli.cjs', npm);
	write('outside/chromium-headless-shell', browser);
	chmodSync(join(root, 'outside/chromium-headless-shell'), 0o755);
	write('scripts/build.mjs', builder);
	for (const file of [
		'svelte.config.js',
		'vite.config.ts',
		'tsconfig.json',
		'project.inlang/settings.json',
		'src/a.ts',
	])
		write(file, '');
});

afterEach(() => {
	chmodSync(root, 0o755);
	rmSync(root, { recursive: true });
});

interface Done {
	code: number | null;
	printed: string;
}

function start(
	steps: string[],
	env: Record<string, string> = {},
	{ node = process.execPath, ...user }: { node?: string; uid?: number; gid?: number } = {},
): { child: ChildProcess; done: Promise<Done> } {
	const child = spawn(node, [join(root, 'scripts/prepare.mjs'), ...steps], {
		cwd: root,
		...user,
		detached: true,
		env: {
			PATH: [join(root, 'outside'), '/usr/bin', '/bin'].join(delimiter),
			npm_execpath: join(root, 'outside/npm-cli.cjs'),
			CALLS: calls,
			...env,
		},
	});
	let printed = '';
	for (const stream of [child.stdout, child.stderr])
		stream?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
	return { child, done: once(child, 'close').then(([code]) => ({ code: code as number | null, printed })) };
}

/** Root may write everywhere: then somebody else, with a Node that everybody can reach. */
function ordinaryUser(): { node?: string; uid?: number; gid?: number } {
	if (process.getuid?.() !== 0) return {};
	const node = join(root, 'outside/node');
	cpSync(process.execPath, node);
	return { node, uid: 65_534, gid: 65_534 };
}

const prepare = (...steps: string[]) => start(steps).done;
const called = () =>
	existsSync(calls)
		? readFileSync(calls, 'utf8')
				.trim()
				.split('\n')
				.map((line) => line.split(' ')[0])
		: [];

async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await new Promise((again) => setTimeout(again, 10));
}

describe('a bare clone', () => {
	it('installs, builds and finds a browser, one line each; the next start does nothing and says nothing', async () => {
		const first = await prepare('build', 'browser');
		expect(first).toMatchObject({ code: 0 });
		expect(
			first.printed.match(/^menshen: (installing the packages|packages installed|building|built)/gm),
		).toHaveLength(4);
		expect(called()).toEqual(['npm', 'build', 'browser']);
		expect(await prepare('build', 'browser')).toEqual({ code: 0, printed: '' });
		expect(called()).toEqual(['npm', 'build', 'browser']);
	});

	it('is installed by the lock, with no package’s script, whatever the settings of the outer npm', async () => {
		const outer = {
			npm_config_omit: 'dev',
			npm_config_dry_run: 'true',
			npm_config_global: 'true',
			NODE_ENV: 'production',
			npm_config_registry: 'http://r',
		};
		write(
			'outside/npm-cli.cjs',
			`require('node:fs').writeFileSync(process.env.CALLS, JSON.stringify([process.argv.slice(2), process.env]));${npm.replace("appendFileSync(process.env.CALLS, 'npm '", "void ('npm '")}`,
		);
		expect(await start(['install'], outer).done).toMatchObject({ code: 0 });
		const [args, env] = JSON.parse(readFileSync(calls, 'utf8')) as [string[], Record<string, string>];
		expect(args).toEqual(
			expect.arrayContaining(['ci', '--ignore-scripts', '--include=dev', '--include=optional']),
		);
		expect(Object.keys(env).filter((name) => name in outer)).toEqual(['npm_config_registry']);
		expect(env['PATH']).not.toContain('node_modules');
	});
});

it('an install that leaves out the link to the Node it brought, as npm 10 does, gets it', async () => {
	const brought = `node_modules/node-${process.platform}-${process.arch}/bin/node`;
	const link = `require('node:fs').cpSync(process.execPath, '${brought}');`;
	write(
		'outside/npm-cli.cjs',
		npm.replace("cpSync('package-lock.json'", `${link} cpSync('package-lock.json'`),
	);
	expect(await prepare('build')).toMatchObject({ code: 0 });
	expect(realpathSync(join(root, 'node_modules/.bin/node'))).toBe(realpathSync(join(root, brought)));
});

describe('what changed', () => {
	beforeEach(async () => {
		await prepare('build');
		rmSync(calls);
	});

	it.each([
		['a source', 'src/a.ts', 'changed', ['build']],
		['a message', 'messages/pages/en.json', '{}', ['build']],
		['a new plugin', 'plugins/a/index.server.ts', '', ['build']],
		['the lock', 'package-lock.json', lock('2.0.0'), ['npm', 'build']],
		['a dependency', 'package.json', '{"type":"module","dependencies":{"a":"2.0.0"}}', ['build']],
		[
			'a script of package.json',
			'package.json',
			'{"type":"module","dependencies":{"a":"1.0.0"},"scripts":{"x":"2"}}',
			[],
		],
		['a test', 'src/a.test.ts', 'changed', []],
		['a page of documentation', 'plugins/a/README.md', 'changed', []],
		['what the build makes itself', 'src/lib/i18n/paraglide/a.js', 'changed', []],
		['a source, touched only', 'src/a.ts', '', []],
	])('%s', async (_what, path, content, expected) => {
		write(path, content);
		expect(await prepare('build')).toMatchObject({ code: 0 });
		expect(called()).toEqual(expected);
	});

	it('a source that was taken away', async () => {
		write('src/b.ts', 'b');
		await prepare('build');
		rmSync(join(root, 'src/b.ts'));
		await prepare('build');
		expect(called()).toEqual(['build', 'build']);
	});

	it('a user’s own install of the same lock is used as it is', async () => {
		rmSync(join(root, 'node_modules/.menshen-install'));
		expect(await prepare('build')).toEqual({ code: 0, printed: '' });
	});
});

describe('what goes wrong', () => {
	it('an install that fails shows npm’s error, and is tried again', async () => {
		write('break-npm', '');
		const failed = await prepare('build');
		expect(failed.code).toBe(1);
		expect(failed.printed).toContain('menshen: npm ci failed:\nnpm error: no such package');
		rmSync(join(root, 'break-npm'));
		expect(await prepare('build')).toMatchObject({ code: 0 });
		expect(called()).toEqual(['npm', 'npm', 'build']);
	});

	it('a build that fails says why, and is tried again although nothing changed', async () => {
		write('break-build', '');
		const failed = await prepare('build');
		expect(failed).toMatchObject({
			code: 1,
			printed: expect.stringContaining('src/a.ts: does not compile') as string,
		});
		rmSync(join(root, 'break-build'));
		expect(await prepare('build')).toMatchObject({ code: 0 });
	});

	it.each(['SIGKILL', 'SIGINT'] as const)(
		'an install that was interrupted (%s) is done anew',
		async (signal) => {
			await prepare('install');
			write('package-lock.json', lock('3.0.0'));
			write('hold-npm', '');
			const { child, done } = start(['install']);
			await until(() => called().length === 2);
			// The whole group, as Ctrl+C or a power cut does.
			process.kill(-(child.pid ?? 0), signal);
			await done;
			rmSync(join(root, 'hold-npm'));
			expect(await prepare('install')).toMatchObject({ code: 0 });
			expect(called()).toEqual(['npm', 'npm', 'npm']);
		},
	);

	it('an unknown step is said', async () => {
		expect(await prepare('everything')).toMatchObject({
			code: 1,
			printed: expect.stringContaining('Unknown step everything') as string,
		});
	});

	it('a folder that cannot be written is said, unless there is nothing to do', async () => {
		await prepare('build');
		rmSync(join(root, '.menshen'), { recursive: true });
		const user = ordinaryUser();
		const prepareAsUser = () => start(['build'], {}, user).done;
		chmodSync(root, 0o555);
		expect(await prepareAsUser()).toEqual({ code: 0, printed: '' });
		chmodSync(root, 0o755);
		write('src/a.ts', 'changed');
		chmodSync(root, 0o555);
		expect(await prepareAsUser()).toMatchObject({
			code: 1,
			printed: expect.stringContaining('cannot be written') as string,
		});
	});
});

describe('two at once', () => {
	it('the second waits for the first, and does nothing twice', async () => {
		write('hold-npm', '');
		const first = start(['build']);
		await until(() => called().length === 1);
		const second = start(['build']);
		let printed = '';
		second.child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
		await until(() => printed.includes('another command is preparing this folder'));
		rmSync(join(root, 'hold-npm'));
		expect(await first.done).toMatchObject({ code: 0 });
		expect(await second.done).toMatchObject({ code: 0 });
		expect(called()).toEqual(['npm', 'build']);
	});
});
