/** The content of PLUGINS_DIR: checked at each call, read again only where something changed. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BadFolder, readPluginFolder, stampOf, type PluginFolder } from './folder';

/** A folder that can be a plugin, or one line with the reason why it is not. */
export type Found = { name: string } & (
	{ folder: Omit<PluginFolder, 'code'>; problem?: never } | { problem: string; folder?: never }
);

export interface Catalog {
	/** In order of name. Never throws, whatever the folder contains. */
	scan(): Promise<readonly Found[]>;
	/** Everything in one folder, as it is now. @throws {BadFolder} */
	read(name: string): Promise<PluginFolder>;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown';
const problemOf = (error: unknown): string =>
	error instanceof BadFolder ? error.message : `cannot be read (${codeOf(error)})`;

/** @param taken ids of the built-in plugins, which no other may have */
export function createCatalog(parent: string, taken: ReadonlySet<string>): Catalog {
	let known = new Map<string, { stamp: string; found: Found }>();

	async function look(name: string): Promise<{ stamp: string; found: Found }> {
		try {
			const stamp = await stampOf(join(parent, name));
			const before = known.get(name);
			if (before?.stamp === stamp) return before;
			if (taken.has(name)) throw new BadFolder(`${name} is the id of a built-in plugin`);
			const { code: _, ...folder } = await readPluginFolder(parent, name);
			return { stamp, found: { name, folder } };
		} catch (error) {
			return { stamp: '', found: { name, problem: problemOf(error) } };
		}
	}

	async function names(): Promise<string[]> {
		const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
		return entries
			.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
			.map(({ name }) => name)
			.sort();
	}

	return {
		async scan() {
			const seen = await Promise.all((await names()).map(look));
			known = new Map(seen.map((each) => [each.found.name, each]));
			return seen.map(({ found }) => found);
		},
		read: (name) => readPluginFolder(parent, name),
	};
}
