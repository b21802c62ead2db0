/** One file of code with everything it needs, beside the data: what goes into PLUGINS_DIR. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

const root = import.meta.dirname;
const outDir = join(root, 'dist/acme');

await build({
	root,
	configFile: false,
	logLevel: 'warn',
	ssr: { noExternal: true },
	build: {
		ssr: 'index.server.ts',
		outDir,
		target: 'node22',
		rolldownOptions: { output: { entryFileNames: 'index.server.js' } },
	},
});
for (const file of ['manifest.json', 'icon.svg', 'README.md']) cpSync(join(root, file), join(outDir, file));
