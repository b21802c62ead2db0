/** G01, G02, G04: what the product runs on and is made of. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const isBelow = (version: string, floor: string): boolean => {
	const [ours, theirs] = [version, floor].map((text) => text.split(/[.+-]/).map(Number));
	for (let index = 0; index < 3; index++) {
		const difference = (ours?.[index] ?? 0) - (theirs?.[index] ?? 0);
		if (difference !== 0) return difference < 0;
	}
	return false;
};

describe('G01: the runtime', () => {
	const others = ['/usr/bin/node', '/usr/local/bin/node', '/bin/node']
		.map((path) => ({
			path,
			version: spawnSync(path, ['--version']).stdout?.toString().trim().slice(1) ?? '',
		}))
		.filter(({ version }) => version !== '' && isBelow(version, '22.17.0'));

	it('that is too old is told in one line what to do, before anything is opened', ({ skip }) => {
		const [old] = others;
		if (!old) return skip('needs a Node older than 22.17 on this machine');
		const { status, stderr, stdout } = spawnSync(old.path, ['server.js'], {
			cwd: root,
			env: { DATA_DIR: '/nowhere/at/all', PATH: '/nowhere' },
			timeout: 20_000,
		});
		expect(status).toBe(1);
		expect(stderr.toString().trim().split('\n')).toHaveLength(1);
		for (const word of [old.version, '22.17', 'npm start']) expect(stderr.toString()).toContain(word);
		expect(stdout.toString()).toBe('');
	});

	it('too old for the command line is exchanged for the one that npm brought, or told', ({ skip }) => {
		const [old] = others;
		if (!old) return skip('needs a Node older than 22.17 on this machine');
		const { status, stdout, stderr } = spawnSync(old.path, ['bin/menshen.js', '--help'], {
			cwd: root,
			timeout: 20_000,
		});
		if (status === 0) expect(stdout.toString()).toContain('menshen');
		else expect(stderr.toString().trim().split('\n')).toHaveLength(1);
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
