import { availableParallelism } from 'node:os';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/longest-first.js';
import { dispatchInDev } from './scripts/dispatch-in-dev.js';

export default defineConfig({
	plugins: [
		tailwindcss(),
		paraglideVitePlugin({
			project: './project.inlang',
			outdir: './src/lib/i18n/paraglide',
			strategy: ['globalVariable', 'baseLocale'],
		}),
		sveltekit(),
		dispatchInDev(),
	],
	// Packages of hundreds of files, of which we use a part: built in, they load in a third less time and memory.
	ssr: { noExternal: ['kysely', 'libphonenumber-js', 'oidc-provider', 'zod'] },
	worker: { format: 'es' },
	build: { target: 'es2022' },
	test: {
		setupFiles: ['tests/no-network.ts'],
		// Several times what the slowest takes on a quiet machine: a busy one is no reason to fail.
		testTimeout: 60_000,
		hookTimeout: 180_000,
		pool: 'forks',
		// The modules of a worker are loaded once for all its files: half the time, and no test may rely on fresh ones.
		isolate: false,
		// More than there are cores: many a test waits.
		maxWorkers: availableParallelism() + 2,
		sequence: { sequencer: LongestFirst },
		projects: [
			{
				extends: true,
				test: {
					name: 'units',
					include: ['{src,plugins,tests,scripts}/**/*.test.ts'],
					exclude: ['tests/{stories,speed}/**', '**/node_modules/**'],
				},
			},
			{
				extends: true,
				// What measures runs last and alone; the best of three tries counts (tests/measured.ts).
				test: {
					name: 'speed',
					include: ['tests/speed/**/*.test.ts'],
					maxWorkers: 1,
					retry: 2,
					sequence: { groupOrder: 1 },
				},
			},
		],
	},
});
