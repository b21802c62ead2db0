/**
 * Texts that the code names and a language lacks. They would compile, and the page would fail when a user opens it;
 * so the build stops here instead. Texts that no code uses any more are reported by `npm run lint`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** @type {(path: string) => any} */
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const importsMessages = /import\s*\{[^}]*\bm\b[^}]*\}\s*from\s*'[^']*paraglide\/messages(?:\.js)?'/;
const usedKey = /(?<![\w$.'"`/-])m\s*\.\s*([a-z]\w*)/g;

/** @param {string} folder @returns {string[]} */
function filesUnder(folder) {
	return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) return entry.name === 'paraglide' ? [] : filesUnder(path);
		return /\.(?:ts|js|svelte)$/.test(entry.name) && !/\.d\.ts$/.test(entry.name) ? [path] : [];
	});
}

/**
 * Keys by language, of all areas together.
 * @param {string} root
 * @returns {Map<string, Set<string>>}
 */
function textsIn(root) {
	const { locales } = readJson(join(root, 'project.inlang', 'settings.json'));
	const areas = readdirSync(join(root, 'messages'));
	return new Map(
		locales.map((/** @type {string} */ locale) => [
			locale,
			new Set(areas.flatMap((area) => Object.keys(readJson(join(root, 'messages', area, `${locale}.json`))))),
		]),
	);
}

/**
 * Where each key is used first, as `file:line` from the root.
 * @param {string} root
 * @returns {Map<string, string>}
 */
function usesIn(root) {
	const uses = new Map();
	for (const path of filesUnder(join(root, 'src'))) {
		const source = readFileSync(path, 'utf8');
		if (!importsMessages.test(source)) continue;
		for (const match of source.matchAll(usedKey)) {
			const line = source.slice(0, match.index).split('\n').length;
			if (!uses.has(match[1])) uses.set(match[1], `${relative(root, path)}:${line}`);
		}
	}
	return uses;
}

/**
 * One line for each fault; none where every text that the code names exists in every language.
 * @param {string} root
 * @returns {string[]}
 */
export function missingMessages(root) {
	const [texts, uses] = [textsIn(root), usesIn(root)];
	return [...uses].flatMap(([key, place]) =>
		[...texts].flatMap(([locale, keys]) =>
			keys.has(key) ? [] : [`${place}: no text "${key}" in ${locale}`],
		),
	);
}

/**
 * Keys that no code names, apart from those that are looked up by name.
 * @param {string} root
 * @param {(key: string) => boolean} isLookedUp
 * @returns {string[]}
 */
export function unusedMessages(root, isLookedUp) {
	const uses = usesIn(root);
	const keys = new Set([...textsIn(root).values()].flatMap((ofLocale) => [...ofLocale]));
	return [...keys].filter((key) => key !== '$schema' && !uses.has(key) && !isLookedUp(key)).sort();
}
