/**
 * Packs a part of src/lib as an npm package: its compiled code, and the declarations that its types need.
 * Plain `tsc`; only the endings of relative imports are added, which a consumer on Node's own module
 * resolution needs.
 */
import { execFileSync } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const project = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const specifiers = /(from\s+|import\s*\(\s*|^import\s+)(['"])(\.{1,2}\/[^'"]+)\2/gm;

const settingsFor = (entries) => ({
	extends: join(root, 'tsconfig.json'),
	compilerOptions: {
		noEmit: false,
		declaration: true,
		sourceMap: false,
		// `npm run lint:types` checks the types; this only writes them down.
		noCheck: true,
		rootDir: join(root, 'src/lib'),
		rootDirs: [],
		typeRoots: [join(root, 'node_modules/@types')],
		target: 'es2022',
		allowImportingTsExtensions: false,
		paths: {
			$lib: [join(root, 'src/lib')],
			'$lib/*': [join(root, 'src/lib/*')],
			'@menshen/plugin-kit': [join(root, 'src/lib/plugin-kit')],
		},
	},
	include: [],
	files: entries.map((entry) => join(root, `src/lib/${entry}.ts`)),
});

const withEndings = (text) =>
	text.replace(specifiers, (found) => `${found.slice(0, -1)}.js${found.slice(-1)}`);

function write(path, text) {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
}

/** Copies declarations and all that they import, and returns every package that is named anywhere. */
function follow(from, to, starts) {
	const packages = new Set();
	const waiting = [...starts];
	const seen = new Set();
	for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
		if (seen.has(file)) continue;
		seen.add(file);
		const text = readFileSync(join(from, file), 'utf8');
		for (const [, , , specifier] of text.matchAll(specifiers))
			waiting.push(`${join(dirname(file), specifier)}.d.ts`);
		for (const [, name] of text.matchAll(/(?:from\s+|import\s*\(\s*)['"]([^.'"][^'"]*)['"]/g))
			packages.add(name);
		write(join(to, file), withEndings(text));
	}
	return { files: [...seen], packages: [...packages] };
}

/** The compiled code itself: what the entries import inside their folder. */
function copyCode(from, to, folder) {
	const names = readdirSync(join(from, folder)).filter((name) => name.endsWith('.js'));
	for (const name of names)
		write(join(to, folder, name), withEndings(readFileSync(join(from, folder, name), 'utf8')));
}

function requireKnown(name, packages, dependencies) {
	const strangers = packages.filter(
		(each) =>
			!each.startsWith('node:') &&
			!Object.keys(dependencies).some((known) => each === known || each.startsWith(`${known}/`)),
	);
	if (strangers.length > 0) throw new Error(`the declarations of ${name} lead to ${strangers.join(', ')}`);
}

function compile(work, entries, compiled) {
	writeFileSync(join(work, 'tsconfig.json'), JSON.stringify(settingsFor(entries)));
	execFileSync(
		process.execPath,
		[join(root, 'node_modules/typescript/bin/tsc'), '-p', work, '--outDir', compiled],
		{ stdio: 'inherit' },
	);
}

function pack(packed, dist) {
	mkdirSync(dist, { recursive: true });
	const [tarball] = JSON.parse(
		execFileSync(
			'npm',
			['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', dist],
			{ cwd: packed, encoding: 'utf8' },
		),
	);
	return tarball;
}

/**
 * @param {object} library
 * @param {string} library.folder under src/lib: where its own code is
 * @param {readonly string[]} library.entries modules of that folder
 * @param {readonly string[]} library.dependencies what it needs when it runs, in the versions it was tested with
 * @param {Record<string, unknown>} library.manifest further fields of its package.json
 * @param {string} library.readme relative to the repository
 * @param {string} [library.dist] where the archive goes
 */
export function packLibrary({
	folder,
	entries,
	dependencies: names,
	manifest,
	readme,
	dist = join(root, 'dist'),
}) {
	const dependencies = Object.fromEntries(names.map((name) => [name, project.dependencies[name]]));
	const modules = entries.map((entry) => `${folder}/${entry}`);
	const work = mkdtempSync(join(tmpdir(), 'menshen-pack-'));
	try {
		const [compiled, packed] = [join(work, 'compiled'), join(work, 'package')];
		compile(work, modules, compiled);
		const declarations = modules.map((module) => `${module}.d.ts`);
		const { files, packages } = follow(compiled, packed, declarations);
		requireKnown(manifest.name, packages, dependencies);
		copyCode(compiled, packed, folder);
		const described = {
			...manifest,
			version: project.version,
			license: project.license,
			type: 'module',
			sideEffects: false,
			files: [...new Set([...files.map((file) => file.split('/')[0]), 'LICENSE', 'README.md'])],
			dependencies,
		};
		write(join(packed, 'package.json'), `${JSON.stringify(described, null, 2)}\n`);
		cpSync(join(root, readme), join(packed, 'README.md'));
		if (existsSync(join(root, 'LICENSE'))) cpSync(join(root, 'LICENSE'), join(packed, 'LICENSE'));
		const tarball = pack(packed, dist);
		process.stdout.write(
			`${relative(process.cwd(), join(dist, tarball.filename))} (${files.length} declarations, ${tarball.size} bytes)\n`,
		);
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
}
