/** An operator's plugin as the host sees any other: an object whose functions happen to run elsewhere. */
import type { Kind, Manifest, Plugin, PluginContext } from '../../../plugin-kit';
import type { Runner } from './runner';

const functions: Readonly<Record<Kind, readonly string[]>> = {
	secret: ['enrol', 'check'],
	code: ['normalise', 'compose'],
	redirect: ['begin', 'finish'],
	ticket: ['redeem'],
	scan: ['draw'],
	ceremony: ['options', 'verify'],
	sender: ['deliver'],
};

type Forwarded = (input: unknown, context: PluginContext<unknown>) => Promise<unknown>;

export interface ForwardedPlugin extends Plugin {
	/**
	 * Which fields of the context's settings its own schema refuses; the answer has to be checked like every other.
	 */
	judge(context: PluginContext<unknown>): Promise<unknown>;
}

type Called = Pick<Runner, 'call'>;

export function forwardingPlugin(
	manifest: Manifest,
	{ runner, judge }: { runner: Called; judge: Called },
): ForwardedPlugin {
	const kindOf = (kind: Kind): Record<string, Forwarded> =>
		Object.fromEntries(
			functions[kind].map((name) => [name, (input, context) => runner.call({ kind, name, input }, context)]),
		);
	const kinds = Object.fromEntries(manifest.kinds.map((kind) => [kind, kindOf(kind)]));
	return {
		// What the functions return is checked by call.ts, as for every plugin.
		...(kinds as Partial<Plugin>),
		manifest,
		async selfTest(context) {
			await runner.call({ kind: 'selfTest', name: 'selfTest', input: undefined }, context);
		},
		judge: (context) => judge.call({ kind: 'config', name: 'judge', input: undefined }, context),
	};
}
