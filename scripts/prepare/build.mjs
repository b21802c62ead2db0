/** The built server, made anew when a source that it is made of has changed. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installKey } from './install.mjs';
import { oneAtATime } from './one-at-a-time.mjs';
import { act, cleanEnvironment, nodeForTools, run } from './run.mjs';

const folders = ['src', 'plugins', 'messages', 'static'];
const files = [
	'svelte.config.js',
	'vite.config.ts',
	'tsconfig.json',
	'project.inlang/settings.json',
	'scripts/build.mjs',
];
/** Made by the build, or of no use to it. */
const skipped = /(^|\/)(paraglide|node_modules)$|\.(test|spec)\.ts$|\.md$/;

function* filesUnder(root, path) {
	for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
		const inside = `${path}/${entry.name}`;
		if (skipped.test(inside)) continue;
		if (entry.isDirectory()) yield* filesUnder(root, inside);
		else yield inside;
	}
}

/** By content: a checkout of the same sources is not built again because its files are newer. */
function buildKey(root) {
	const hash = createHash('sha256').update(installKey(root));
	const present = folders.filter((folder) => existsSync(join(root, folder)));
	const all = [...present.flatMap((folder) => [...filesUnder(root, folder)]), ...files].sort();
	for (const file of all) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
	return hash.digest('hex');
}

const stampOf = (root) => join(root, 'build', '.menshen-build');

function isBuilt(root) {
	// What SvelteKit writes for editors and checks is part of it.
	if (!existsSync(join(root, '.svelte-kit', 'tsconfig.json'))) return false;
	return existsSync(stampOf(root)) && readFileSync(stampOf(root), 'utf8') === buildKey(root);
}

export async function prepareBuild(root) {
	await oneAtATime(
		root,
		() => isBuilt(root),
		async () => {
			// Before the build: what is changed while it runs must count as changed.
			const key = buildKey(root);
			const node = nodeForTools(root);
			const words = { doing: 'building', done: 'built', failed: 'The build failed:' };
			await act(words, () => run(node, ['scripts/build.mjs'], { cwd: root, env: cleanEnvironment() }));
			writeFileSync(stampOf(root), key);
		},
	);
}
