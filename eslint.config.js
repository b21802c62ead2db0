/** Habits that a machine can check (docs/architecture.md, "Style"). No rule is switched off for one file alone. */
import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import ours from './scripts/lint/own-rules.js';
import svelteConfig from './svelte.config.js';

const tests = [
	'**/*.test.ts',
	'**/*.spec.ts',
	'**/*-under-test.ts',
	'tests/**',
	'src/lib/plugin-kit/contract-suite.ts',
];
const server = [
	'src/lib/server/**/*.ts',
	'src/lib/contract/**/*.ts',
	'src/lib/plugin-kit/**/*.ts',
	'plugins/**/*.ts',
	'src/routes/**/*.server.ts',
	'src/hooks.server.ts',
];
/** Where time, chance, the environment and the network enter. */
const edges = [
	'src/lib/server/runtime/**',
	'src/lib/server/config/**',
	'src/lib/server/plugins/egress/**',
	'src/lib/server/compose.ts',
];
const kitFiles = [
	'*.config.{js,ts}',
	'**/*.d.ts',
	'scripts/lint/own-rules.js',
	'plugins/*/index.server.ts',
	'tests/external-plugin/*/index.server.ts',
	'**/*.svelte',
];

const sizes = {
	'max-lines': ['error', { max: 300 }],
	'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
	'max-params': ['error', 3],
	complexity: ['error', 10],
	'max-depth': ['error', 4],
	'max-nested-callbacks': ['error', 4],
};

const habits = {
	eqeqeq: 'error',
	'no-var': 'error',
	'prefer-const': 'error',
	'no-alert': 'error',
	'no-eval': 'error',
	'no-restricted-exports': [
		'error',
		{
			restrictDefaultExports: {
				direct: true,
				named: true,
				defaultFrom: true,
				namedFrom: true,
				namespaceFrom: true,
			},
		},
	],
	'ours/reason-for-suppression': 'error',
	'ours/issue-for-todo': 'error',
};

const typed = {
	'@typescript-eslint/no-explicit-any': 'error',
	'@typescript-eslint/no-non-null-assertion': 'error',
	'@typescript-eslint/no-floating-promises': 'error',
	'@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
	'@typescript-eslint/ban-ts-comment': ['error', { minimumDescriptionLength: 10 }],
	'@typescript-eslint/consistent-type-imports': 'error',
	'@typescript-eslint/no-unused-vars': [
		'error',
		{ argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
	],
	'@typescript-eslint/require-await': 'off',
	// Services are plain objects whose methods are handed on alone; SvelteKit's events are made for it.
	'@typescript-eslint/unbound-method': 'off',
	// What was caught is thrown on as it came.
	'@typescript-eslint/only-throw-error': ['error', { allowRethrowing: true, allowThrowingUnknown: true }],
	'@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
};

const outside = {
	'no-console': 'error',
	'no-restricted-globals': ['error', { name: 'fetch', message: 'Outgoing calls go through plugins/egress.' }],
	'no-restricted-properties': [
		'error',
		{ object: 'Date', property: 'now', message: 'Take a Clock.' },
		{ object: 'Math', property: 'random', message: 'Take runtime/random.' },
		{ object: 'process', property: 'env', message: 'Take the Config.' },
	],
	'no-restricted-syntax': [
		'error',
		{ selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Take a Clock.' },
	],
};

export default defineConfig(
	globalIgnores([
		'build',
		'.svelte-kit',
		'.menshen',
		'dist',
		'data',
		'coverage',
		'test-results',
		'playwright-report',
		'src/lib/i18n/paraglide',
		'tests/bench/floors',
	]),
	js.configs.recommended,
	...ts.configs.recommendedTypeChecked,
	...svelte.configs.recommended,
	prettier,
	...svelte.configs.prettier,
	{
		linterOptions: { reportUnusedDisableDirectives: 'error' },
		languageOptions: {
			globals: { ...globals.node, ...globals.browser },
			parserOptions: {
				projectService: true,
				tsconfigRootDir: fileURLToPath(new URL('.', import.meta.url)),
				extraFileExtensions: ['.svelte'],
			},
		},
		plugins: { ours },
		rules: { ...sizes, ...habits, ...typed },
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
		rules: {
			'max-lines': ['error', { max: 200 }],
			'max-lines-per-function': 'off',
			'svelte/no-at-html-tags': 'error',
			// $props() is destructured whole, and its rest carries what elements accept.
			'prefer-const': 'off',
			'svelte/prefer-const': 'error',
			// Here svelte-check sees the types; what eslint is shown of components is `any`.
			'@typescript-eslint/no-unsafe-assignment': 'off',
			'@typescript-eslint/no-unsafe-argument': 'off',
			'@typescript-eslint/no-unsafe-call': 'off',
			'@typescript-eslint/no-unsafe-member-access': 'off',
			'@typescript-eslint/no-unsafe-return': 'off',
			'@typescript-eslint/no-base-to-string': 'off',
		},
	},
	{ files: server, ignores: [...tests, ...edges], rules: outside },
	{ files: kitFiles, rules: { 'no-restricted-exports': 'off' } },
	{ files: ['plugins/**/*.ts'], ignores: tests, rules: { 'max-lines': ['error', { max: 350 }] } },
	{ files: ['src/routes/**/+*.ts'], rules: { 'max-lines': ['error', { max: 100 }] } },
	// The server has no base path, so a path is already resolved.
	{ files: ['src/**'], rules: { 'svelte/no-navigation-without-resolve': 'off' } },
	// A repository is one factory; its methods are what a reader takes for the functions.
	{ files: ['src/lib/server/storage/{app,control,shared}/*.ts'], rules: { 'max-lines-per-function': 'off' } },
	{
		files: ['src/lib/server/storage/migrate/{app,control}/*.ts'],
		rules: { 'max-lines': 'off', 'max-lines-per-function': 'off' },
	},
	{
		files: tests,
		rules: {
			'max-lines': ['error', { max: 600 }],
			'max-lines-per-function': 'off',
			'max-nested-callbacks': 'off',
			'max-params': ['error', 5],
			complexity: ['error', 15],
			'@typescript-eslint/no-unsafe-assignment': 'off',
		},
	},
	{ files: ['**/*.{js,mjs,cjs}'], extends: [ts.configs.disableTypeChecked] },
	{ files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
);
