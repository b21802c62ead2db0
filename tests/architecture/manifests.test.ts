/** Every plugin folder is whole. */
import { describe, expect, it } from 'vitest';
import { builtIn, buildRegistry } from '../../src/lib/server/plugins/registry';
import { exists, foldersIn, read, readJson } from './repository';

interface Manifest {
	id: string;
	name: Record<string, string>;
	description: Record<string, string>;
	config?: { key: string; label: Record<string, string>; help?: Record<string, string> }[];
}

describe.each(foldersIn('plugins'))('plugins/%s', (folder) => {
	const manifest = readJson('plugins', folder, 'manifest.json') as Manifest;

	it('has a manifest that the host takes, under its own id', () => {
		const entry = buildRegistry(builtIn).find(folder);
		expect(entry?.manifest.id).toBe(folder);
		expect(manifest.id).toBe(folder);
	});

	it.each(['index.server.ts', 'icon.svg', `${folder}.test.ts`, 'README.md', 'README.zh-CN.md'])(
		'has %s',
		(file) => {
			expect(exists('plugins', folder, file)).toBe(true);
		},
	);

	it('speaks both languages', () => {
		const texts = [
			manifest.name,
			manifest.description,
			...(manifest.config ?? []).flatMap(({ label, help }) => [label, ...(help ? [help] : [])]),
		];
		for (const text of texts)
			expect(
				Object.entries(text)
					.filter(([, words]) => words.trim())
					.map(([locale]) => locale)
					.sort(),
			).toEqual(['en', 'zh-CN']);
	});

	it('draws its icon without running or fetching anything', () => {
		expect(read('plugins', folder, 'icon.svg')).not.toMatch(
			/<script|\son\w+=|href=|url\(|<image|<foreignObject/i,
		);
	});
});
