/** G01, G02, G04: what the product runs on and is made of. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const isBelow = (version: string, floor: string): boolean => {
	const [ours, theirs] = [version, floor].map((text) => text.split(/[.+-]/).map(Number));
	for (let index = 0; index < 3; index++) {
		const difference = (ours?.[index] ?? 0) - (theirs?.[index] ?? 0);
		if (difference !== 0) return difference < 0;
	}
	return false;
};

const runs = { timeout: 20_000, encoding: 'utf8' } as const;
const linesOf = (text: string) => text.trim().split('\n');

/** How to start Node so that it says it was another version. */
const pretending = (version: string) => [
	'--import',
	`data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`,
];

describe('G01: the runtime', () => {
	const installed = ['/usr/bin/node', '/usr/local/bin/node', '/bin/node']
		.map((path) => ({ path, version: spawnSync(path, ['--version'], runs).stdout?.trim().slice(1) ?? '' }))
		.filter(({ version }) => version !== '' && isBelow(version, '22.17.0'))
		.map(({ path, version }) => [version, [path]] as const);
	const told = ['18.20.8', '20.19.5', '21.7.3', '22.16.0', '23.11.1', '25.2.0', '26.0.0'].map(
		(version) => [version, [process.execPath, ...pretending(version)]] as const,
	);
	const unsupported = [...told, ...installed];

	it.each(unsupported)(
		'%s is not supported: one line tells what to do, before anything is opened',
		(version, [node = '', ...options]) => {
			const { status, stderr, stdout } = spawnSync(node, [...options, 'server.js'], {
				...runs,
				cwd: root,
				env: { DATA_DIR: '/nowhere/at/all', PATH: '/nowhere' },
			});
			expect(status).toBe(1);
			expect(linesOf(stderr)).toHaveLength(1);
			for (const word of [version, '22.17', 'Node 24', 'npm start']) expect(stderr).toContain(word);
			expect(stdout).toBe('');
		},
	);

	it.each(unsupported)(
		'%s is exchanged for the one that npm brought, where the command line is asked for',
		(version, [node = '', ...options]) => {
			const brought = existsSync(join(root, 'node_modules/.bin/node'));
			const help = spawnSync(node, [...options, 'bin/menshen.js', '--help'], { ...runs, cwd: root });
			if (brought) expect([help.status, help.stdout]).toEqual([0, expect.stringContaining('menshen')]);
			const bare = mkdtempSync(join(tmpdir(), 'menshen-bare-'));
			onTestFinished(() => rmSync(bare, { recursive: true }));
			for (const part of ['bin', 'package.json'])
				cpSync(join(root, part), join(bare, part), { recursive: true });
			const alone = spawnSync(node, [...options, 'bin/menshen.js', '--help'], { ...runs, cwd: bare });
			expect([alone.status, alone.stdout]).toEqual([1, '']);
			expect(linesOf(alone.stderr)).toHaveLength(1);
			for (const word of [version, '22.17', 'Node 24']) expect(alone.stderr).toContain(word);
		},
	);

	it.each(['22.17.0', '22.23.1', '24.0.0', '24.21.0'])('%s is', (version) => {
		// Neither gets further than the port, which is none.
		const env = { PORT: 'eighty', DATA_DIR: '/nowhere/at/all' };
		const { stderr } = spawnSync(process.execPath, [...pretending(version), 'server.js'], {
			...runs,
			cwd: root,
			env,
		});
		expect(linesOf(stderr)).toHaveLength(1);
		expect(stderr).toContain('PORT');
		const args = [...pretending(version), 'bin/menshen.js', '--help'];
		expect(spawnSync(process.execPath, args, { ...runs, cwd: root }).stdout).toContain('menshen');
	});

	it('npm says the same to who installs', () => {
		const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
			engines: { node: string };
		};
		expect(packageJson.engines.node).toBe('^22.17.0 || ^24.0.0');
	});

	it('that is right says nothing about itself', () => {
		const { stderr } = spawnSync(process.execPath, ['server.js'], {
			cwd: root,
			env: { PORT: 'eighty', DATA_DIR: '/nowhere/at/all' },
			timeout: 20_000,
		});
		expect(stderr.toString()).not.toMatch(/unsupported|deprecat|experimental|warning/i);
	});
});

/** Versions below these have known advisories. */
const floors: Record<string, string> = {
	'@sveltejs/kit': '2.70.4',
	svelte: '5.46.4',
	devalue: '5.6.2',
	'@trpc/server': '11.8.0',
	'sveltekit-superforms': '2.27.4',
	zod: '3.22.3',
	'oidc-provider': '9.13.3',
	cookie: '0.7.0',
};

interface Lock {
	packages: Record<
		string,
		{ version?: string; resolved?: string; integrity?: string; link?: boolean; dev?: boolean }
	>;
}

describe('G02: packages', () => {
	const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
	const installed = (name: string) =>
		Object.entries(packages).filter(
			([path]) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`),
		);

	it.each(Object.entries(floors))('%s is not below %s, wherever it stands in the lock', (name, floor) => {
		for (const [path, { version = '0' }] of installed(name))
			expect(isBelow(version, floor), `${path} ${version}`).toBe(false);
		expect(
			installed(name).length + (name === 'cookie' || name === 'sveltekit-superforms' ? 1 : 0),
		).toBeGreaterThan(0);
	});

	it('each come with a digest', () => {
		const loose = Object.entries(packages).filter(
			([path, entry]) => path.startsWith('node_modules/') && !entry.link && !entry.integrity,
		);
		expect(loose.map(([path]) => path)).toEqual([]);
	});

	it.each(['lucia', 'arctic', 'oslo'])('%s, no longer developed, is imported by one file at most', (name) => {
		const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true }).filter(
			(entry) => entry.isFile() && /\.(ts|svelte|js)$/.test(entry.name),
		);
		const importing = files.filter((entry) =>
			new RegExp(`from '${name}(/[^']*)?'|import\\('${name}`).test(
				readFileSync(join(entry.parentPath, entry.name), 'utf8'),
			),
		);
		expect(importing.length).toBeLessThanOrEqual(1);
	});
});

it('G04: the bundled SQLite has no known advisory', () => {
	const db = new Database(':memory:');
	const version = db.prepare('select sqlite_version()').pluck().get() as string;
	db.close();
	expect(isBelow(version, '3.50.2'), version).toBe(false);
});
