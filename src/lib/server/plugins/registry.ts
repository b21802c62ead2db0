/// <reference types="vite/client" />
/**
 * Which plugins there are. A folder under `plugins/` is found by itself; this is the only place that looks.
 * Manifests are read at the start, code only when it is first called.
 */
import { kinds, manifestSchema, type Manifest, type Plugin } from '../../plugin-kit';
import { StartRefused } from '../config/environment';

/** A plugin before its code is loaded. */
export interface PluginEntry {
	readonly manifest: Manifest;
	/** A `data:` URL. */
	readonly icon: string;
	/** @throws whatever the module throws; a later call tries again. */
	load(): Promise<Plugin>;
}

/** By path, as the bundler hands them over: `/plugins/<folder>/<file>`. */
export interface PluginFolders {
	manifests: Readonly<Record<string, unknown>>;
	modules: Readonly<Record<string, () => Promise<unknown>>>;
	icons: Readonly<Record<string, string>>;
}

export interface PluginRegistry {
	readonly entries: ReadonlyMap<string, PluginEntry>;
	find(id: string): PluginEntry | undefined;
}

const folderOf = (path: string): string => path.split('/').at(-2) ?? path;

const fallbackIcon =
	'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="9" fill="#888"/></svg>';

function readManifest(folder: string, value: unknown): Manifest {
	const result = manifestSchema.safeParse(value);
	if (!result.success) {
		const issue = result.error.issues[0];
		throw new StartRefused(
			`plugins/${folder}/manifest.json: ${issue?.path.join('.') || 'manifest'}: ${issue?.message ?? 'not valid'}`,
		);
	}
	if (result.data.id !== folder)
		throw new StartRefused(
			`plugins/${folder}/manifest.json: the id is ${result.data.id}, the folder ${folder}: they must be the same.`,
		);
	return result.data;
}

function readModule(manifest: Manifest, module: unknown): Plugin {
	const plugin = (module as { default?: Plugin } | undefined)?.default;
	if (plugin?.manifest?.id !== manifest.id)
		throw new Error(`plugin ${manifest.id}: index.server.ts has no default export built by definePlugin`);
	for (const kind of kinds)
		if (manifest.kinds.includes(kind) && !plugin[kind])
			throw new Error(`plugin ${manifest.id}: ${kind} is missing`);
	return plugin;
}

function entryOf(folder: string, manifest: Manifest, folders: PluginFolders): PluginEntry {
	const base = `/plugins/${folder}`;
	const load = folders.modules[`${base}/index.server.ts`];
	if (!load) throw new StartRefused(`plugins/${folder}: index.server.ts is missing.`);
	const svg = folders.icons[`${base}/icon.svg`] ?? fallbackIcon;
	let loaded: Plugin | undefined;
	return {
		manifest,
		icon: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`,
		load: async () => (loaded ??= readModule(manifest, await load())),
	};
}

/** @throws {StartRefused} one line that names the folder and what is wrong with it. */
export function buildRegistry(...sources: PluginFolders[]): PluginRegistry {
	const entries = new Map<string, PluginEntry>();
	for (const folders of sources) {
		for (const [path, value] of Object.entries(folders.manifests).sort()) {
			const folder = folderOf(path);
			const manifest = readManifest(folder, value);
			if (entries.has(manifest.id))
				throw new StartRefused(`There are two plugins with the id ${manifest.id}: remove one of them.`);
			entries.set(manifest.id, entryOf(folder, manifest, folders));
		}
	}
	return { entries, find: (id) => entries.get(id) };
}

/** The plugins that are part of the build. */
export const builtIn: PluginFolders = {
	manifests: import.meta.glob('/plugins/*/manifest.json', { eager: true, import: 'default' }),
	modules: import.meta.glob('/plugins/*/index.server.ts'),
	icons: import.meta.glob('/plugins/*/icon.svg', { eager: true, query: '?raw', import: 'default' }),
};
