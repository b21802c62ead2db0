import { describe, expect, it } from 'vitest';
import { definePlugin } from '../../plugin-kit';
import { StartRefused } from '../config/environment';
import { folderOf, manifestOf } from './host-under-test';
import { builtIn, buildRegistry, type PluginFolders } from './registry';

const parts = { secret: { enrol: () => 's', check: () => ({ ok: true }) } };
const folder = (change: Record<string, unknown> = {}): PluginFolders => folderOf(manifestOf(change), parts);
const startOf = (...folders: PluginFolders[]) => {
	try {
		buildRegistry(...folders);
	} catch (error) {
		expect(error).toBeInstanceOf(StartRefused);
		return String(error);
	}
	return 'started';
};

describe('the plugins of the build', () => {
	it('are found automatically, each with manifest, code and icon', async () => {
		const { entries } = buildRegistry(builtIn);
		expect([...entries.keys()]).toEqual(expect.arrayContaining(['outbox', 'password', 'smtp']));
		for (const entry of entries.values()) {
			expect((await entry.load()).manifest).toEqual(entry.manifest);
			expect(Buffer.from(entry.icon.split(',')[1] ?? '', 'base64').toString()).toMatch(
				/^<svg[^>]*viewBox[^]*<\/svg>\s*$/,
			);
		}
	});

	it('have icons that run nothing and load nothing', () => {
		for (const svg of Object.values(builtIn.icons))
			expect(svg).not.toMatch(/<script|on\w+=|href|url\(|<foreignObject/i);
	});
});

describe('a start that must not go on says why in one line', () => {
	it.each<[string, PluginFolders[], string[]]>([
		['two of one id', [folder(), folder()], ['two plugins', 'sample']],
		[
			'an id that is not the folder',
			[{ ...folder(), manifests: { '/plugins/other/manifest.json': manifestOf() } }],
			['plugins/other', 'sample'],
		],
		['a missing name', [folder({ name: { en: 'only' } })], ['plugins/sample/manifest.json', 'name']],
		['an unknown kind', [folder({ kinds: ['magic'] })], ['kinds']],
		['another kit', [folder({ kit: 2 })], ['kit']],
		['no code', [{ ...folder(), modules: {} }], ['plugins/sample', 'index.server.ts']],
		[
			'no manifest at all',
			[{ ...folder(), manifests: { '/plugins/sample/manifest.json': 'text' } }],
			['plugins/sample'],
		],
	])('%s', (_, folders, named) => {
		const line = startOf(...folders);
		for (const each of named) expect(line).toContain(each);
		expect(line).not.toContain('\n');
	});
});

describe('the code of a plugin', () => {
	const load = (module: unknown) =>
		buildRegistry(folderOf(manifestOf(), async () => module))
			.find('sample')
			?.load();

	it('is loaded once, when it is first asked for', async () => {
		let times = 0;
		const registry = buildRegistry(
			folderOf(manifestOf(), async () => {
				times += 1;
				return { default: definePlugin({ manifest: manifestOf(), ...parts }) };
			}),
		);
		expect(times).toBe(0);
		await registry.find('sample')?.load();
		await registry.find('sample')?.load();
		expect(times).toBe(1);
	});

	it.each([
		undefined,
		{},
		{ default: {} },
		{ default: definePlugin({ manifest: manifestOf({ id: 'other' }), ...parts }) },
		{ default: { manifest: manifestOf() } },
	])('that is not the plugin of this folder is refused (%#)', async (module) => {
		await expect(load(module)).rejects.toThrow(/plugin sample/);
	});
});
