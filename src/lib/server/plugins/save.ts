/** Saving what an operator or the apply file set for a plugin. */
import type { ErrorCode } from '../../contract/errors';
import { configKeysOf, type ConfigValues, type Plugin } from '../../plugin-kit';
import type { PluginChange } from './app-plugins';
import { applyChange, type Effective } from './effective';
import { isConfigured } from './form';
import type { HostParts, Preparer, ScopeSettings } from './prepare';
import type { PluginEntry } from './registry';

type Fields = Record<string, ErrorCode>;

/** Fields that hold an address the plugin calls. */
function addressKeys({ manifest }: PluginEntry): string[] {
	return Object.values(manifest.endpoints).flatMap((declared) => configKeysOf(declared).slice(0, 1));
}

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).hostname : address);

/** An address off limits is said at the field, before anybody waits for a call that is refused. */
function judgeAddresses(parts: HostParts, effective: Effective, keys: readonly string[]): Fields {
	const refused = keys.filter((key) => {
		const value = effective.values[key];
		return (
			value !== undefined &&
			!effective.trusted.has(key) &&
			parts.outgoing.isRefusedLiteral(hostOf(String(value)))
		);
	});
	return Object.fromEntries(refused.map((key) => [key, 'plugin/egress-refused']));
}

function judgeWhole(plugin: Plugin | undefined, values: ConfigValues): Fields {
	const result = plugin?.config?.safeParse(values);
	if (!result || result.success) return {};
	return Object.fromEntries(
		result.error.issues.map((issue) => [String(issue.path[0] ?? ''), 'input/invalid']),
	);
}

/** @throws {Refusal} `plugin/config-invalid` with fields. */
export function createSave(parts: HostParts, settings: ScopeSettings, preparer: Preparer) {
	return async (id: string, change: PluginChange): Promise<void> => {
		const entry = preparer.entry(id);
		const plugin = change.values ? await entry.load() : undefined;
		const { appliance } = await preparer.layers(id);
		const changed = addressKeys(entry).filter((key) => change.values?.[key]);
		const judge = (effective: Effective): Fields => ({
			...judgeAddresses(parts, effective, changed),
			...(effective.enabled && isConfigured(effective) ? judgeWhole(plugin, effective.values) : {}),
		});
		const { manifest } = entry;
		await settings.own.update(
			id,
			(layer) => applyChange(layer, { manifest, appliance, change, judge }),
			parts.clock.now(),
		);
	};
}
