/** The lock: complete on every platform, tied to no registry, and nothing below a version with a known hole. */
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { readJson } from './repository';

interface Entry {
	version?: string;
	resolved?: string;
	integrity?: string;
	link?: boolean;
	optionalDependencies?: Record<string, string>;
	dependencies?: Record<string, string>;
}

const { packages, lockfileVersion } = readJson('package-lock.json') as {
	packages: Record<string, Entry>;
	lockfileVersion: number;
};
const manifest = readJson('package.json') as {
	dependencies: Record<string, string>;
	devDependencies: Record<string, string>;
};
const installed = Object.entries(packages).filter(([path]) => path !== '');
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** Numbers only: a floor is a release. */
function isBelow(version: string, floor: string): boolean {
	const [a, b] = [version, floor].map((text) => text.split(/[.-]/).slice(0, 3).map(Number));
	for (const index of [0, 1, 2]) {
		const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
		if (difference !== 0) return difference < 0;
	}
	return false;
}

/** Looks a package up as Node does, from the place that asks for it. */
function findFrom(path: string, name: string): string | undefined {
	for (let place = path; ; place = place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/')))) {
		const candidate = place ? `${place}/node_modules/${name}` : `node_modules/${name}`;
		if (packages[candidate]) return candidate;
		if (!place) return undefined;
	}
}

describe('the lock', () => {
	it('has what every package needs, those for other platforms too', () => {
		const missing = Object.entries(packages).flatMap(
			([path, { optionalDependencies = {}, dependencies = {} }]) =>
				Object.keys({ ...dependencies, ...optionalDependencies }).flatMap((name) =>
					findFrom(path, name) ? [] : [`${path || 'menshen'} → ${name}`],
				),
		);
		expect(missing).toEqual([]);
	});

	it('names no registry', () => {
		expect(installed.filter(([, { resolved }]) => resolved).map(([path]) => path)).toEqual([]);
	});

	it('pins the content of every package', () => {
		expect(installed.filter(([, { integrity, link }]) => !integrity && !link).map(([path]) => path)).toEqual(
			[],
		);
		expect(lockfileVersion).toBe(3);
	});

	it('is asked for exact versions only', () => {
		const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
		expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
	});
});

describe('floors', () => {
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

	it.each(Object.entries(floors))('%s is at least %s, wherever it is installed', (name, floor) => {
		const copies = installed.filter(([path]) => nameOf(path) === name);
		// Not everything with a floor is used yet; what is there counts.
		if (name !== 'sveltekit-superforms') expect(copies.length).toBeGreaterThan(0);
		expect(
			copies
				.filter(([, { version = '0' }]) => isBelow(version, floor))
				.map(([path, { version }]) => `${path} ${version}`),
		).toEqual([]);
	});

	it('SQLite is at least 3.50.2', () => {
		const database = new Sqlite(':memory:');
		const { version } = database.prepare('select sqlite_version() as version').get() as { version: string };
		database.close();
		expect(isBelow(version, '3.50.2')).toBe(false);
	});

	it('knows what is below', () => {
		expect([
			isBelow('2.70.3', '2.70.4'),
			isBelow('2.70.4', '2.70.4'),
			isBelow('3.0.0', '2.70.4'),
			isBelow('2.9.9', '2.70.4'),
		]).toEqual([true, false, false, true]);
	});
});

it('runs on a supported Node', () => {
	const [major = 0] = process.versions.node.split('.').map(Number);
	expect([22, 24]).toContain(major);
});
