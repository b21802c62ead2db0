/** The builder of a plugin: its default export. */
import type { z } from 'zod';
import type { ConfigValues, PluginContext } from './context';
import type {
	CeremonyKind,
	CodeKind,
	RedirectKind,
	ScanKind,
	SecretKind,
	SenderKind,
	TicketKind,
} from './kinds';
import { PluginFailure } from './failures';
import { kinds, manifestSchema, type Manifest } from './manifest';

/** A plugin built elsewhere brings its own copy of the kit: failures passed to it must be of that copy. */
const brought = { [Symbol.for('menshen.kit')]: { PluginFailure } };

export interface PluginParts<Config> {
	/** The imported `manifest.json`. */
	manifest: unknown;
	/** Types the config, and may refuse combinations of fields. Without it: `ConfigValues`. */
	config?: z.ZodType<Config>;
	/**
	 * Runs for the operator's test button: resolves when the settings work. @throws {PluginFailure} with the fault
	 */
	selfTest?(context: PluginContext<Config>): Promise<void>;
	// One object for each kind that the manifest names.
	secret?: SecretKind<Config>;
	code?: CodeKind<Config>;
	redirect?: RedirectKind<Config>;
	ticket?: TicketKind<Config>;
	scan?: ScanKind<Config>;
	ceremony?: CeremonyKind<Config>;
	sender?: SenderKind<Config>;
}

export interface Plugin<Config = unknown> extends PluginParts<Config> {
	readonly manifest: Manifest;
}

/**
 * @example
 * export default definePlugin({
 *   manifest,
 *   sender: { deliver: async (message, { http }) => { … return { status: 'delivered' }; } },
 * });
 * @throws {ZodError} when the manifest is wrong; {Error} when kinds and functions do not match.
 */
export function definePlugin<Config = ConfigValues>(parts: PluginParts<Config>): Plugin<Config> {
	const manifest = manifestSchema.parse(parts.manifest);
	for (const kind of kinds) {
		if (manifest.kinds.includes(kind) !== Boolean(parts[kind]))
			throw new Error(
				`plugin ${manifest.id}: kind ${kind} is ${parts[kind] ? 'built but not named' : 'named but not built'}`,
			);
	}
	return { ...parts, manifest, ...brought };
}
