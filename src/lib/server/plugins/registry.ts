/// <reference types="vite/client" />
/**
 * The list of plugins. A folder under `plugins/` is found automatically; only this file looks for them.
 * Manifests are read at the start, code only when it is first called.
 */
import {
	kinds,
	manifestSchema,
	type Locale,
	type Manifest,
	type Plugin,
	type PluginContext,
} from '../../plugin-kit';
import { StartRefused } from '../config/environment';

/** A plugin before its code is loaded. */
export interface PluginEntry {
	readonly manifest: Manifest;
	/** A `data:` URL. */
	readonly icon: string;
	/**
	 * Set for an operator's plugin, which runs in a process of its own: the digest of its files, and whether an owner
	 * approved them.
	 */
	readonly external?: { readonly state: 'found' | 'approved' | 'changed'; readonly digest: string };
	/** @throws whatever the module throws; a later call tries again. */
	load(): Promise<Plugin>;
	/**
	 * For code in another process, whose `config` schema is not available here: which fields of the settings it
	 * refuses.
	 */
	judge?(context: PluginContext<unknown>): Promise<unknown>;
	/** How to set it up, in Markdown; in English where there is no other. */
	readme?(locale: Locale): Promise<string>;
}

/** By path, as the bundler returns them: `/plugins/<folder>/<file>`. */
export interface PluginFolders {
	manifests: Readonly<Record<string, unknown>>;
	modules: Readonly<Record<string, () => Promise<unknown>>>;
	icons: Readonly<Record<string, string>>;
	readmes?: Readonly<Record<string, () => Promise<string>>>;
}

export interface PluginRegistry {
	readonly entries: ReadonlyMap<string, PluginEntry>;
	find(id: string): PluginEntry | undefined;
	/** Looks for operators' plugins again. */
	refresh(): Promise<void>;
}

const folderOf = (path: string): string => path.split('/').at(-2) ?? path;

const fallbackIcon =
	'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="9" fill="#888"/></svg>';

export const iconOf = (svg: string = fallbackIcon): string =>
	`data:image/svg+xml;base64,${Buffer.from(svg || fallbackIcon).toString('base64')}`;

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
	const { readmes = {} } = folders;
	const english = readmes[`${base}/README.md`];
	let loaded: Plugin | undefined;
	return {
		manifest,
		icon: iconOf(folders.icons[`${base}/icon.svg`]),
		...(english ? { readme: (locale) => (readmes[`${base}/README.${locale}.md`] ?? english)() } : {}),
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
	return { entries, find: (id) => entries.get(id), refresh: () => Promise.resolve() };
}

/** The plugins of the build, and after them those of operators; an id of a built-in plugin is reserved. */
export function withExternal(
	registry: PluginRegistry,
	external: { entries(): ReadonlyMap<string, PluginEntry>; refresh(): Promise<void> },
): PluginRegistry {
	return {
		get entries() {
			return new Map([...external.entries(), ...registry.entries]);
		},
		find: (id) => registry.find(id) ?? external.entries().get(id),
		refresh: () => external.refresh(),
	};
}

/** The authority of an operator's plugin; with a colon, so that no manifest can claim it. */
export const externalAuthority = (id: string): string => `external:${id}`;

/**
 * The name under which a plugin's settings are stored. Settings of an operator's plugin are never given to a
 * built-in one that gets the same id later, nor the other way round.
 */
export const settingsNameOf = ({ id, authority }: Manifest): string =>
	authority === externalAuthority(id) ? authority : id;

/** The plugins that are part of the build. */
export const builtIn: PluginFolders = {
	manifests: import.meta.glob('/plugins/*/manifest.json', { eager: true, import: 'default' }),
	modules: import.meta.glob('/plugins/*/index.server.ts'),
	icons: import.meta.glob('/plugins/*/icon.svg', { eager: true, query: '?raw', import: 'default' }),
	readmes: import.meta.glob<string>(['/plugins/*/README.md', '/plugins/*/README.*.md'], {
		query: '?raw',
		import: 'default',
	}),
};

/** Ids that no other plugin may have. */
export const builtInIds: ReadonlySet<string> = new Set(Object.keys(builtIn.manifests).map(folderOf));
