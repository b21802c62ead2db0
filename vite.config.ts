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
	worker: { format: 'es' },
	build: { target: 'es2022' },
	test: {
		include: ['{src,plugins,tests,scripts}/**/*.test.ts'],
		exclude: ['tests/stories/**', '**/node_modules/**'],
		setupFiles: ['tests/no-network.ts'],
		testTimeout: 20_000,
		hookTimeout: 60_000,
		pool: 'forks',
		maxWorkers: 2,
		sequence: { sequencer: LongestFirst },
	},
});
