/** The checkout as the tests of this folder read it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
const skipped = new Set([
	'node_modules',
	'.git',
	'.svelte-kit',
	'.menshen',
	'build',
	'paraglide',
	'data',
	'test-results',
	'playwright-report',
]);

export const pathOf = (...parts: string[]): string => join(root, ...parts);
export const read = (...parts: string[]): string => readFileSync(pathOf(...parts), 'utf8');
export const readJson = (...parts: string[]): unknown => JSON.parse(read(...parts));
export const exists = (...parts: string[]): boolean => existsSync(pathOf(...parts));
export const foldersIn = (folder: string): string[] =>
	readdirSync(pathOf(folder), { withFileTypes: true }).flatMap((entry) =>
		entry.isDirectory() ? [entry.name] : [],
	);

/** Every file under a folder, as paths from the root. */
export function filesUnder(folder: string): string[] {
	return readdirSync(pathOf(folder), { withFileTypes: true }).flatMap((entry) => {
		const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
		if (skipped.has(entry.name)) return [];
		return entry.isDirectory() ? filesUnder(path) : [path];
	});
}
