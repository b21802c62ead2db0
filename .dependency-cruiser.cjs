/**
 * Who may import whom (docs/architecture.md, "Rooms"). Imports point inward; there is no list of exceptions.
 * Aliases resolve through tsconfig.imports.json only: `unresolvable` fails if that ever stops working.
 */
const server = '^src/lib/server';
const tests = '\\.(test|spec)\\.ts$|-under-test\\.ts$|^tests/|^src/lib/plugin-kit/contract-suite\\.ts$';
const doors = `^src/(routes/|hooks)|${server}/(trpc|compat|edge|cli)/`;
const inner = `${server}/(storage|sessions|oidc|backup|plugins|limits|runtime|config|domain)/`;

/** An npm package that one place alone may import, so that it can be replaced there. */
const home = (packages, place) => ({
	name: `home-of-${packages.split('|')[0].replace(/[@/]/g, '')}`,
	severity: 'error',
	comment: `${packages} is imported in ${place} only`,
	from: { path: '^(src|plugins|bin)/|^server\\.js$', pathNot: [place, tests] },
	to: { path: `(^|/)node_modules/(${packages})/` },
});

const forbid = (name, comment, { from, to }) => ({ name, severity: 'error', comment, from, to });

const rooms = [
	forbid('no-cycles', 'types included', { from: {}, to: { circular: true } }),
	forbid('unresolvable', 'every import is found, or the rules below would pass on nothing', {
		from: { path: '^(src|plugins|bin)/|^server\\.js$' },
		to: {
			couldNotResolve: true,
			pathNot: ['^\\$(app|env)/', '/\\$types(\\.js)?$', 'i18n/paraglide/', '^build/|/build/'],
		},
	}),
	forbid('contract-is-innermost', 'contract imports nothing of ours', {
		from: { path: '^src/lib/contract/', pathNot: tests },
		to: { path: '^(src|plugins)/', pathNot: '^src/lib/contract/' },
	}),
	forbid('kit-stands-alone', 'plugin-kit imports nothing of ours', {
		from: { path: '^src/lib/plugin-kit/', pathNot: '\\.test\\.ts$' },
		to: { path: '^(src|plugins)/', pathNot: '^src/lib/plugin-kit/' },
	}),
	forbid('domain-is-pure', 'domain imports contract only', {
		from: { path: `${server}/domain/`, pathNot: tests },
		to: { path: '^(src|plugins)/', pathNot: `^src/lib/contract/|${server}/domain/` },
	}),
	forbid('domain-does-no-io', 'domain touches no outside', {
		from: { path: `${server}/domain/`, pathNot: tests },
		to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
	}),
	forbid(
		'inner-rooms-know-no-flows',
		'storage, sessions, the engine and the plugin host are called, they do not call',
		{ from: { path: inner, pathNot: tests }, to: { path: `${server}/(flows|jobs)/|${doors}` } },
	),
	forbid('storage-knows-no-siblings', 'storage is the innermost room of the server', {
		from: { path: `${server}/storage/`, pathNot: tests },
		to: { path: `${server}/(sessions|oidc|backup|plugins|limits|domain)/` },
	}),
	forbid('flows-know-no-doors', 'the same flow stands behind every door', {
		from: { path: `${server}/(flows|jobs)/`, pathNot: tests },
		to: { path: doors },
	}),
	forbid('doors-call-flows', 'a door parses, calls one flow and maps the outcome', {
		from: { path: `^src/routes/|${server}/(trpc|compat|edge|cli)/`, pathNot: tests },
		to: {
			path: `${server}/(storage|sessions|backup|plugins|domain|limits|jobs)/|^plugins/`,
			dependencyTypesNot: ['type-only'],
		},
	}),
	forbid('pages-do-not-use-trpc', 'form actions call flows, never tRPC', {
		from: { path: '^src/routes/', pathNot: '^src/routes/trpc/' },
		to: { path: `${server}/(trpc|compat)/` },
	}),
	forbid('one-composition', 'only the root of the process composes', {
		from: { path: '^(src|plugins)/', pathNot: ['^src/hooks\\.server\\.ts$', tests] },
		to: { path: `${server}/compose\\.ts$`, dependencyTypesNot: ['type-only'] },
	}),
	forbid('browser-code-stays-out', 'what reaches browsers imports no server code', {
		from: { path: '^src/lib/(ui|forms|i18n|client)/', pathNot: tests },
		to: { path: `${server}/`, dependencyTypesNot: ['type-only'] },
	}),
	forbid('ui-is-presentation', 'components know neither types of the server nor plugins', {
		from: { path: '^src/lib/(ui|forms|i18n)/', pathNot: tests },
		to: { path: `${server}/|^src/routes/|^plugins/` },
	}),
	forbid('no-tests-in-the-product', 'the product imports no test code', {
		from: { path: '^(src|plugins|bin)/|^server\\.js$', pathNot: [tests, '/emulator\\.ts$'] },
		to: { path: '^tests/|\\.(test|spec)\\.ts$' },
	}),
	forbid('no-development-packages', 'what runs is in dependencies', {
		from: {
			path: '^(src|plugins|bin)/|^server\\.js$',
			pathNot: [tests, '/emulator\\.ts$', '\\.svelte$', '\\.d\\.ts$'],
		},
		to: {
			dependencyTypes: ['npm-dev'],
			dependencyTypesNot: ['type-only'],
			pathNot: '(^|/)node_modules/(@sveltejs/kit|svelte|vite|@types|@inlang)/',
		},
	}),
];

const plugins = [
	forbid('plugins-use-the-kit', 'of ours a plugin imports plugin-kit and its own folder', {
		from: { path: '^plugins/([^/]+)/', pathNot: ['\\.test\\.ts$', '/emulator\\.ts$'] },
		to: { path: '^(src|plugins|scripts|bin)/', pathNot: ['^src/lib/plugin-kit/', '^plugins/$1/'] },
	}),
	forbid('plugins-allow-list', 'npm packages that plugins may use', {
		from: { path: '^plugins/', pathNot: ['\\.test\\.ts$', '/emulator\\.ts$'] },
		to: {
			dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
			pathNot:
				'(^|/)node_modules/(@node-rs/argon2|@simplewebauthn/server|@types/n3|@types/nodemailer|jose|libphonenumber-js|n3|nodemailer|zod)/',
		},
	}),
	forbid('plugins-go-through-the-host', 'no sockets, files or processes of their own', {
		from: { path: '^plugins/', pathNot: ['\\.test\\.ts$', '/emulator\\.ts$'] },
		to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer|os|stream|util)$' },
	}),
];

const homes = [
	home('kysely|better-sqlite3|pg', `${server}/storage/`),
	home('lucia|@lucia-auth/[^/]+', `${server}/sessions/`),
	home('oidc-provider', `${server}/oidc/`),
	home('@aws-sdk/[^/]+|@smithy/[^/]+', `${server}/backup/`),
	home('undici', `${server}/plugins/egress/`),
	home('rate-limiter-flexible', `${server}/limits/`),
	home('@trpc/server', `${server}/trpc/|^src/lib/client/`),
	home('@trpc/client', '^src/lib/client/'),
	home('pino|pino-pretty', `${server}/runtime/`),
	home('croner', `${server}/jobs/`),
	home('yaml', `${server}/flows/apply/`),
	home('commander', '^bin/'),
	home('@node-rs/argon2', '^plugins/password/'),
	home('nodemailer', '^plugins/smtp/'),
	home('arctic', '^src/lib/plugin-kit/oauth2\\.ts$'),
	home('n3', '^plugins/webid/'),
	home('@simplewebauthn/server', '^plugins/passkey/'),
];

module.exports = {
	forbidden: [...rooms, ...plugins, ...homes],
	options: {
		doNotFollow: { path: 'node_modules' },
		exclude: { path: '^(build|\\.svelte-kit|src/lib/i18n/paraglide)/' },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.imports.json' },
		enhancedResolveOptions: {
			exportsFields: ['exports'],
			conditionNames: ['svelte', 'import', 'require', 'node', 'default', 'types'],
			mainFields: ['svelte', 'module', 'main', 'types'],
		},
	},
};
