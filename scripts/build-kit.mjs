/**
 * `npm run build:kit`: packs `@menshen/plugin-kit` into dist/, for plugins that are made outside of this
 * repository. `node scripts/build-kit.mjs [folder]`
 */
import { packLibrary } from './pack-library.mjs';

const entries = [
	'index',
	'acs3',
	'acs3-gateway',
	'context-under-test',
	'contract-suite',
	'delivery',
	'emulator',
	'inbox',
	'loopback',
	'oauth2',
	'openid',
	'profile',
	'wechat',
];
const exportOf = (entry) => [
	entry === 'index' ? '.' : `./${entry}`,
	{ types: `./plugin-kit/${entry}.d.ts`, default: `./plugin-kit/${entry}.js` },
];

packLibrary({
	folder: 'plugin-kit',
	entries,
	dependencies: ['arctic', 'jose', 'zod'],
	readme: 'docs/plugins.md',
	dist: process.argv[2],
	manifest: {
		name: '@menshen/plugin-kit',
		description: 'What plugins of a Menshen identity appliance are made with.',
		engines: { node: '>=22.17' },
		exports: Object.fromEntries(entries.map(exportOf)),
		types: './plugin-kit/index.d.ts',
	},
});
