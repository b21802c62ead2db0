/**
 * E10: what the image runs, as the image runs it, where no container engine is at hand: the files that the last
 * stage of the Dockerfile copies, in a folder that cannot be written, for an ordinary user, with one data folder.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
	chmodSync,
	chownSync,
	copyFileSync,
	cpSync,
	linkSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi } from '../api';
import { freePort } from '../appliance';

const root = resolve(import.meta.dirname, '../..');
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
const user = isRoot ? { uid: nobody, gid: nobody } : {};

const stage =
	readFileSync(join(root, 'Dockerfile'), 'utf8')
		.split(/^FROM /m)
		.at(-1) ?? '';
const wordsAfter = (instruction: string) =>
	[...stage.matchAll(new RegExp(`^${instruction} (.+)$`, 'gm'))].map(([, words = '']) => words.split(/\s+/));
const commandOf = (line: RegExp) => JSON.parse(line.exec(stage)?.[1] ?? '[]') as string[];
const copies = wordsAfter('COPY --from=build').map((words) => ({
	from: words.slice(0, -1).map((path) => path.replace(/^\/menshen\//, '')),
	to: words.at(-1) ?? '',
}));
const command = commandOf(/^CMD (\[.+\])$/m);
const healthcheck = commandOf(/^\s+CMD (\[.+\])$/m);

let base: string;
let image: string;
let data: string;
let node: string;

/** A second name costs no space and no time; where that is not to be had, a copy. */
function link(from: string, to: string): void {
	try {
		linkSync(from, to);
	} catch {
		copyFileSync(from, to);
	}
}

/** One package, without those that lie within it: each is named for itself. */
function linkFolder(from: string, to: string): void {
	mkdirSync(to, { recursive: true });
	for (const entry of readdirSync(from, { withFileTypes: true })) {
		const [source, target] = [join(from, entry.name), join(to, entry.name)];
		if (entry.isFile()) link(source, target);
		else if (entry.isDirectory() && entry.name !== 'node_modules') linkFolder(source, target);
	}
}

/** What `npm prune --omit=dev` leaves, without the Node that npm brought. */
function linkPackages(to: string): void {
	const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
		packages: Record<string, { dev?: boolean }>;
	};
	const kept = Object.entries(lock.packages).filter(
		([path, { dev }]) => path && !dev && !/^node_modules\/node-/.test(path),
	);
	for (const [path] of kept)
		if (lstatSync(join(root, path), { throwIfNoEntry: false }))
			linkFolder(join(root, path), join(to, path.replace(/^node_modules\//, '')));
}

function copyAsImage({ from, to }: (typeof copies)[number]): void {
	for (const path of from) {
		const target = to === './' ? join(image, basename(path)) : join(image, to);
		if (path === 'node_modules') linkPackages(target);
		else cpSync(join(root, path), target, { recursive: true });
	}
}

const foldersBelow = (folder: string): string[] => [
	folder,
	...readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
		entry.isDirectory() ? foldersBelow(join(folder, entry.name)) : [],
	),
];

/** Every path with what would tell that it was written. */
const state = () =>
	readdirSync(image, { recursive: true, encoding: 'utf8' })
		.map((path) => `${path} ${lstatSync(join(image, path)).size} ${lstatSync(join(image, path)).mtimeMs}`)
		.sort();

const environment = (): Record<string, string> => ({
	...Object.fromEntries(
		wordsAfter('ENV')
			.flat()
			.map((pair) => pair.split('=') as [string, string]),
	),
	PATH: dirname(node),
	DATA_DIR: data,
	TMPDIR: image,
	HOME: image,
});

beforeAll(() => {
	base = mkdtempSync(join(tmpdir(), 'menshen-image-'));
	[image, data] = [join(base, 'menshen'), join(base, 'data')];
	for (const folder of [image, data]) mkdirSync(folder);
	copies.forEach(copyAsImage);
	// Its own Node may lie where an ordinary user sees nothing.
	node = isRoot ? join(base, 'node') : process.execPath;
	if (isRoot) link(process.execPath, node);
	// What the build of a checkout keeps from its own starts is in no image.
	rmSync(join(image, 'build', 'compiled'), { recursive: true, force: true });
	for (const folder of foldersBelow(image)) chmodSync(folder, 0o555);
	chmodSync(base, 0o755);
	chmodSync(data, 0o700);
	if (isRoot) chownSync(data, nobody, nobody);
}, 120_000);
afterAll(() => {
	for (const folder of foldersBelow(image)) chmodSync(folder, 0o755);
	rmSync(base, { recursive: true, force: true });
});

describe('the image (E10)', () => {
	it('is made of what is there, and of nothing that is for making it', () => {
		const made = copies.flatMap(({ from }) => from);
		expect(made).toEqual(expect.arrayContaining(['server.js', 'bin', 'build', 'node_modules']));
		expect(made.filter((path) => !lstatSync(join(root, path), { throwIfNoEntry: false }))).toEqual([]);
		expect(readdirSync(image).sort()).toEqual(
			[...new Set(copies.flatMap(({ from, to }) => (to === './' ? from : [to.split('/')[0]])))].sort(),
		);
		expect(wordsAfter('USER')).toEqual([['node']]);
		expect(wordsAfter('VOLUME')).toEqual([['/data']]);
	});

	it('serves as an ordinary user who can write one folder only, and writes nowhere else', async () => {
		const env = environment();
		const tried = spawnSync(node, ['-e', "fs.writeFileSync('mine', '')"], { cwd: image, env, ...user });
		expect(tried.stderr.toString()).toMatch(/EACCES|EPERM|EROFS/);
		const before = state();
		const port = String(await freePort());
		const apply = join(base, 'apply.yaml');
		writeFileSync(apply, 'apps:\n  - id: 4\n    name: Demo\n');
		const settings = { ...env, PORT: port, HOST: '127.0.0.1', MENSHEN_APPLY: apply };
		const [program, ...options] = command;
		expect(program).toBe('node');
		const child = spawn(node, options, { cwd: image, env: settings, ...user });
		let printed = '';
		for (const stream of [child.stdout, child.stderr])
			stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
		const gone = once(child, 'exit');
		try {
			const origin = `http://localhost:${port}`;
			const deadline = Date.now() + 30_000;
			while (!(await fetch(`${origin}/readyz`).catch(() => undefined))?.ok) {
				if (child.exitCode !== null || Date.now() > deadline) throw new Error(`not ready:\n${printed}`);
				await new Promise((again) => setTimeout(again, 50));
			}
			const account = { username: 'alice', password: 'correct-horse-battery' };
			const registered = await callApi({ origin, app: 4 }, 'auth.register', account);
			expect(registered.status).toBe(200);
			const signIn = { identifier: account.username, password: account.password };
			expect((await callApi({ origin, app: 4 }, 'auth.signIn', signIn)).status).toBe(200);
			const page = await fetch(`${origin}/apps/4/sign-in`, { headers: { accept: 'text/html' } });
			expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<form')]);
			const healthy = spawnSync(node, healthcheck.slice(1), { cwd: image, env: settings, ...user });
			expect([healthcheck[0], healthy.status]).toEqual(['node', 0]);
		} finally {
			child.kill('SIGTERM');
			await gone;
		}
		expect(child.exitCode, printed).toBe(0);
		expect(printed).not.toMatch(/EACCES|EPERM|EROFS/);
		expect(state()).toEqual(before);
		expect(lstatSync(join(data, 'control.db')).uid).toBe(isRoot ? nobody : process.getuid?.());
	}, 180_000);
});
