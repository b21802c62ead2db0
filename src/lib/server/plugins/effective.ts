/** What is in force for a plugin: the app's own settings over the appliance's over the manifest's defaults. */
import { Refusal, type ErrorCode } from '../../contract/errors';
import { isShown, parseConfigValue, readConfig, type ConfigField, type ConfigReading, type Manifest } from '../../plugin-kit';
import type { PluginChange } from './app-plugins';
import type { Layer } from './settings';

/** The appliance is a scope of its own that inherits from nobody. */
export interface Layers {
	own: Layer;
	appliance: Layer | undefined;
}

export interface Effective extends ConfigReading {
	enabled: boolean;
	damaged: boolean;
	/** Field keys whose value in force the environment or the apply file gave. */
	trusted: ReadonlySet<string>;
	/** Field keys whose value in force is the appliance's. */
	inherited: readonly string[];
	/** Changes whenever a value does. */
	version: string;
}

type Values = Readonly<Record<string, unknown>>;

/** Connectors that a new app has switched on. Others are switched on by an operator's act only. */
const onByDefault = new Set(['password']);

export function isEnabledByDefault(manifest: Manifest): boolean {
	return onByDefault.has(manifest.id) || manifest.kinds.every((kind) => kind === 'sender');
}

/** Values of fields that a newer manifest no longer has are left aside. */
function known(fields: readonly ConfigField[], values: Values): Values {
	return Object.fromEntries(Object.entries(values).filter(([key]) => fields.some((field) => field.key === key)));
}

export function effectiveOf(manifest: Manifest, { own, appliance }: Layers): Effective {
	const fields = manifest.config;
	const mine = known(fields, own.values);
	const theirs = known(fields, appliance?.values ?? {});
	const inherited = Object.keys(theirs).filter((key) => !(key in mine));
	return {
		...readConfig(fields, { ...theirs, ...mine }),
		// Switching is per app; the appliance's own use of a plugin needs no switch.
		enabled: appliance ? (own.enabled ?? isEnabledByDefault(manifest)) : (own.enabled || isEnabledByDefault(manifest)),
		damaged: own.damaged || Boolean(appliance?.damaged),
		trusted: new Set([
			...own.trusted.filter((key) => key in mine),
			...(appliance?.trusted ?? []).filter((key) => inherited.includes(key)),
		]),
		inherited,
		version: `${own.version}|${appliance?.version ?? ''}`,
	};
}

type Fields = Record<string, ErrorCode>;

/** What a save leaves of one scope's values. Faults go into `faults`. */
function mergeValues(manifest: Manifest, layer: Layer, change: PluginChange, faults: Fields): Pick<Layer, 'values' | 'trusted'> {
	const values = { ...layer.values };
	const trusted = new Set(layer.trusted);
	const take = (key: string) => {
		delete values[key];
		trusted.delete(key);
	};
	for (const [key, given] of Object.entries(change.values ?? {})) {
		const field = manifest.config.find((each) => each.key === key);
		if (!field) faults[key] = 'input/invalid';
		else if (given === undefined || (given === '' && field.secret)) continue;
		else if (given === null || given === '') take(key);
		else {
			const value = parseConfigValue(field, given);
			if (value === undefined) {
				faults[key] = 'input/invalid';
				continue;
			}
			// Typing the same value again takes no trust away; another value does.
			if (change.trusted) trusted.add(key);
			else if (values[key] !== value) trusted.delete(key);
			values[key] = value;
		}
	}
	return { values, trusted: [...trusted] };
}

export interface Proposal {
	manifest: Manifest;
	appliance: Layer | undefined;
	change: PluginChange;
	/** Judges the finished set beyond single fields. @returns faults by field */
	judge(effective: Effective): Fields;
}

/**
 * The layer after a change.
 * A plugin that is off may be saved half-filled; one that is on must be complete.
 * @throws {Refusal} `plugin/config-invalid` with the fields at fault.
 */
export function applyChange(layer: Layer, proposal: Proposal): Layer {
	const { manifest, change, appliance } = proposal;
	const faults: Fields = {};
	const merged = mergeValues(manifest, layer, change, faults);
	const enabled = change.enabled ?? layer.enabled ?? isEnabledByDefault(manifest);
	const next: Layer = { ...layer, ...merged, enabled, position: change.position ?? layer.position, damaged: false };
	const effective = effectiveOf(manifest, { own: next, appliance });
	if (enabled) {
		for (const key of Object.keys(effective.problems)) faults[key] ??= 'input/invalid';
		if (effective.damaged) throw new Refusal('plugin/config-invalid', { detail: 'the inherited settings cannot be unsealed' });
	}
	for (const [key, code] of Object.entries(proposal.judge(effective))) faults[key] ??= code;
	if (Object.keys(faults).length > 0) throw new Refusal('plugin/config-invalid', { fields: faults });
	return next;
}

/** Fields that are asked for now. */
export function shownFields(manifest: Manifest, effective: Effective): readonly ConfigField[] {
	return manifest.config.filter((field) => isShown(field, effective.values));
}
