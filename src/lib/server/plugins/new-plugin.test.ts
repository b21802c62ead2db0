/** The scaffold of `npm run new:plugin`: it fits the kit, and its tests fail until the plugin is written. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { kinds, PluginFailure, type Plugin } from '@menshen/plugin-kit';

const root = mkdtempSync(join(tmpdir(), 'new-plugin-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const script = join(import.meta.dirname, '../../../../scripts/new-plugin.mjs');

describe.each(kinds)('a new plugin of kind %s', (kind) => {
	const id = `sample-${kind}`;
	const folder = join(root, id);
	const said = execFileSync(process.execPath, [script, id, kind, root], { encoding: 'utf8' });

	it('outside of the repository is a project with seven files, and says what to do next', () => {
		expect(readdirSync(folder).sort()).toEqual([
			'README.md',
			'build.mjs',
			'icon.svg',
			'index.server.ts',
			'manifest.json',
			'package.json',
			`${id}.test.ts`,
		]);
		expect(said).toContain('npm run build:kit');
	});

	it('loads, and its functions are not implemented yet', async () => {
		const { default: plugin } = (await import(join(folder, 'index.server.ts'))) as { default: Plugin };
		expect(plugin.manifest.kinds).toContain(kind);
		const functions = Object.values(plugin[kind] ?? {}) as (() => unknown)[];
		expect(functions.length).toBeGreaterThan(0);
		for (const each of functions) expect(each).toThrow(PluginFailure);
	});

	it('is tested by the contract suite', () => {
		const test = readFileSync(join(folder, `${id}.test.ts`), 'utf8');
		expect(test).toContain('contractCases');
		expect(test).toContain(`from 'node:test'`);
	});
});

describe('refused', () => {
	it.each([
		['a bad id', ['Bad_Id', 'secret']],
		['a way out', ['../evil', 'secret']],
		['an unknown kind', ['fine', 'magic']],
		['nothing at all', []],
		['a folder that is there', ['sample-secret', 'secret', root]],
	])('%s', (_, args) => {
		const { status, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
		expect(status).toBe(2);
		expect(stderr).not.toBe('');
	});
});
