/**
 * `npm run build:client`: packs `@menshen/client` into dist/, the typed client and nothing else of this
 * repository. `node scripts/build-client.mjs [folder]`
 */
import { packLibrary } from './pack-library.mjs';

packLibrary({
	folder: 'client',
	entries: ['index'],
	dependencies: ['@trpc/client', '@trpc/server'],
	readme: 'src/lib/client/README.md',
	dist: process.argv[2],
	manifest: {
		name: '@menshen/client',
		description: 'Typed client of a Menshen identity appliance.',
		engines: { node: '>=20' },
		exports: { '.': { types: './client/index.d.ts', default: './client/index.js' } },
		types: './client/index.d.ts',
	},
});
