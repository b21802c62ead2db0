/**
 * `node --import ./tests/run-typescript.mjs file.ts` runs our sources as they are, for processes that tests
 * and benchmarks start: Node strips the types, this adds the endings that our imports leave out.
 */
import { registerHooks } from 'node:module';

const isRelative = (specifier) => /^\.{1,2}\//.test(specifier);
const kit = new URL('../src/lib/plugin-kit/', import.meta.url);
/** The one alias that tests' processes need: an emulator imports the kit. */
const inKit = (specifier) => {
	const [, part] = /^@menshen\/plugin-kit(?:\/(.+))?$/.exec(specifier) ?? [undefined, null];
	return part === null ? undefined : new URL(`${part ?? 'index'}.ts`, kit).href;
};
const hasEnding = (specifier) => /\.(ts|js|mjs|cjs|json)$/.test(specifier);

registerHooks({
	resolve(specifier, context, next) {
		const kitFile = inKit(specifier);
		if (kitFile) return next(kitFile, context);
		const ours = isRelative(specifier) && !hasEnding(specifier) && context.parentURL?.endsWith('.ts');
		return next(ours ? `${specifier}.ts` : specifier, context);
	},
});
