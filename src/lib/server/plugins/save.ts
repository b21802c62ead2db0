/** Saving what an operator or the apply file set for a plugin. */
import { Refusal, type ErrorCode } from '../../contract/errors';
import { configKeysOf, type Plugin } from '../../plugin-kit';
import type { AlsoWritten, PluginChange, PluginPlan } from './app-plugins';
import { applyChange, type Effective, type Proposal } from './effective';
import { isConfigured } from './form';
import { createJudgeElsewhere } from './judge-elsewhere';
import type { HostParts, Preparer, ScopeSettings } from './prepare';
import { settingsNameOf, type PluginEntry } from './registry';
import { createSettings, emptyLayer, type Layer, type Settings } from './settings';
import { loadToJudge, wholeProblems } from './whole';

type Fields = Record<string, ErrorCode>;

/** Fields that hold an address the plugin calls. */
function addressKeys({ manifest }: PluginEntry): string[] {
	return Object.values(manifest.endpoints).flatMap((declared) => configKeysOf(declared).slice(0, 1));
}

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).hostname : address);

/** An address that is not allowed is reported at the field, before a call to it is refused. */
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

function judgeWhole(plugin: Plugin | undefined, effective: Effective): Fields {
	if (!effective.enabled || !isConfigured(effective)) return {};
	const problems = wholeProblems(plugin, effective.values);
	return Object.fromEntries(Object.keys(problems).map((key) => [key, 'input/invalid']));
}

async function judgeFor(
	parts: HostParts,
	entry: PluginEntry,
	change: PluginChange,
): Promise<Pick<Proposal, 'manifest' | 'change' | 'judge'>> {
	const plugin = change.values || change.enabled ? await loadToJudge(entry) : undefined;
	const changed = addressKeys(entry).filter((key) => change.values?.[key]);
	return {
		manifest: entry.manifest,
		change,
		judge: (effective) => ({
			...judgeAddresses(parts, effective, changed),
			...judgeWhole(plugin, effective),
		}),
	};
}

/** Code that no owner approved cannot be switched on. @throws {Refusal} `plugin/not-enabled` */
function requireAllowed({ manifest, external }: PluginEntry): void {
	if (external && external.state !== 'approved')
		throw new Refusal('plugin/not-enabled', { detail: `${manifest.id} waits for an owner to allow it` });
}

/**
 * @throws {Refusal} `plugin/config-invalid` with fields, `plugin/not-enabled`; `plugin/settings-unjudged` when code
 * in a process of its own should validate them and does not.
 */
export function createSave(parts: HostParts, settings: ScopeSettings, preparer: Preparer) {
	const judgedElsewhere = createJudgeElsewhere(parts, preparer);
	return async (plugin: string, change: PluginChange, also?: AlsoWritten): Promise<void> => {
		await parts.registry.refresh();
		const entry = preparer.entry(plugin);
		// The apply file is the desired state: an upgraded plugin that waits for approval must not stop the start.
		if (change.enabled && !change.trusted) requireAllowed(entry);
		const { own, appliance } = await preparer.layers(entry);
		const ours = { ...(await judgeFor(parts, entry, change)), appliance };
		const proposal = await judgedElsewhere(entry, ours, own);
		const id = settingsNameOf(entry.manifest);
		await settings.own.update([{ id, change: (layer) => applyChange(layer, proposal) }], {
			now: parts.clock.now(),
			also,
		});
	};
}

/** Only the place in the list changes, so there is nothing to validate. @throws {Refusal} `plugin/not-found` */
export function createArrange(parts: HostParts, settings: ScopeSettings, preparer: Preparer) {
	return async (ids: readonly string[], also?: AlsoWritten): Promise<void> => {
		await parts.registry.refresh();
		const changes = ids.map((id, index) => {
			const { manifest } = preparer.entry(id);
			const position = index + 1;
			const proposal = { manifest, appliance: undefined, change: { position }, judge: () => ({}) };
			const change = (layer: Layer) => (layer.position === position ? layer : applyChange(layer, proposal));
			return { id: settingsNameOf(manifest), change };
		});
		await settings.own.update(changes, { now: parts.clock.now(), also });
	};
}

/** Refuses what saving would refuse, and stores nothing. @throws {Refusal} `plugin/config-invalid` */
export function createPlanner(parts: HostParts, inherited: Settings, preparer: Preparer) {
	const judgedElsewhere = createJudgeElsewhere(parts, preparer);
	return async ({ id, change, own, appliance: planned }: PluginPlan): Promise<void> => {
		const entry = parts.registry.find(id);
		if (!entry) throw new Refusal('plugin/not-found', { detail: id });
		const name = settingsNameOf(entry.manifest);
		const stored = (await inherited.read()).get(name) ?? emptyLayer;
		const appliance = planned
			? applyChange(stored, {
					manifest: entry.manifest,
					appliance: undefined,
					change: planned,
					judge: () => ({}),
				})
			: stored;
		const layer = (own && (await createSettings(own).read()).get(name)) ?? emptyLayer;
		const ours = { ...(await judgeFor(parts, entry, change)), appliance };
		applyChange(layer, await judgedElsewhere(entry, ours, layer));
	};
}
