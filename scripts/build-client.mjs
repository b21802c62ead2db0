/**
 * Packs `@menshen/client` into dist/: the compiled client and the declarations that its types lead to, and
 * nothing else of this repository. Plain `tsc`; only the endings of relative imports are added, which a
 * consumer on Node's own module resolution needs.
 * `node scripts/build-client.mjs [folder]`
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
const entry = 'client/index';
const project = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What the client itself needs when it runs, in the versions that it was tested with. */
const dependencies = Object.fromEntries(
	['@trpc/client', '@trpc/server'].map((name) => [name, project.dependencies[name]]),
);

const settings = {
	extends: join(root, 'tsconfig.json'),
	compilerOptions: {
		noEmit: false,
		declaration: true,
		sourceMap: false,
		// `npm run check` has judged the types; this only writes them down.
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
	files: [join(root, `src/lib/${entry}.ts`)],
};

const specifiers = /(from\s+|import\s*\(\s*|^import\s+)(['"])(\.{1,2}\/[^'"]+)\2/gm;

/** Copies a declaration and all that it names, and returns every package that is named anywhere. */
function follow(from, to, start) {
	const packages = new Set();
	const waiting = [start];
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

const withEndings = (text) =>
	text.replace(specifiers, (found) => `${found.slice(0, -1)}.js${found.slice(-1)}`);

function write(path, text) {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
}

/** The compiled client itself. */
function copyCode(from, to) {
	const names = readdirSync(join(from, 'client')).filter((name) => name.endsWith('.js'));
	for (const name of names)
		write(join(to, 'client', name), withEndings(readFileSync(join(from, 'client', name), 'utf8')));
}

const manifest = {
	name: '@menshen/client',
	version: project.version,
	description: 'Typed client of a Menshen identity appliance.',
	license: project.license,
	type: 'module',
	sideEffects: false,
	engines: { node: '>=20' },
	exports: { '.': { types: `./${entry}.d.ts`, default: `./${entry}.js` } },
	types: `./${entry}.d.ts`,
	files: ['client', 'server', 'contract', 'LICENSE', 'README.md'],
	dependencies,
};

const work = mkdtempSync(join(tmpdir(), 'menshen-client-'));
try {
	const [compiled, packed] = [join(work, 'compiled'), join(work, 'package')];
	writeFileSync(join(work, 'tsconfig.json'), JSON.stringify(settings));
	execFileSync(
		process.execPath,
		[join(root, 'node_modules/typescript/bin/tsc'), '-p', work, '--outDir', compiled],
		{ stdio: 'inherit' },
	);
	const { files, packages } = follow(compiled, packed, `${entry}.d.ts`);
	const strangers = packages.filter(
		(name) => !Object.keys(dependencies).some((known) => name === known || name.startsWith(`${known}/`)),
	);
	if (strangers.length > 0) throw new Error(`the client's declarations lead to ${strangers.join(', ')}`);
	copyCode(compiled, packed);
	write(join(packed, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
	cpSync(join(root, 'src/lib/client/README.md'), join(packed, 'README.md'));
	if (existsSync(join(root, 'LICENSE'))) cpSync(join(root, 'LICENSE'), join(packed, 'LICENSE'));
	const dist = process.argv[2] ?? join(root, 'dist');
	mkdirSync(dist, { recursive: true });
	const [tarball] = JSON.parse(
		execFileSync(
			'npm',
			['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', dist],
			{ cwd: packed, encoding: 'utf8' },
		),
	);
	process.stdout.write(
		`${relative(process.cwd(), join(dist, tarball.filename))} (${files.length} declarations, ${tarball.size} bytes)\n`,
	);
} finally {
	rmSync(work, { recursive: true, force: true });
}
