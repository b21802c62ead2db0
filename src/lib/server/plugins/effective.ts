/** The settings in force for a plugin: the app's own, else the appliance's, else the manifest's defaults. */
import { Refusal, type ErrorCode, type RefusalParams } from '../../contract/errors';
import {
	parseConfigValue,
	readConfig,
	type ConfigField,
	type ConfigReading,
	type Manifest,
} from '../../plugin-kit';
import type { PluginChange } from './app-plugins';
import { emptyLayer, type Layer } from './settings';

/** The appliance is a scope of its own that inherits nothing. */
export interface Layers {
	own: Layer;
	appliance: Layer | undefined;
}

export interface Effective extends ConfigReading {
	enabled: boolean;
	damaged: boolean;
	/** Keys of the fields whose value in force was set by the environment or the apply file. */
	trusted: ReadonlySet<string>;
	/** Keys of the fields whose value in force is the appliance's. */
	inherited: readonly string[];
	/** Changes whenever a value does. */
	version: string;
}

/** Connectors that a new app has switched on. Others are switched on by an operator only. */
const onByDefault = new Set(['password']);

function isEnabledByDefault(manifest: Manifest): boolean {
	return onByDefault.has(manifest.id) || manifest.kinds.every((kind) => kind === 'sender');
}

/** Values of fields that a newer manifest no longer has are ignored. */
function known(fields: readonly ConfigField[], values: Layer['values']): Layer['values'] {
	return Object.fromEntries(
		Object.entries(values).filter(([key]) => fields.some((field) => field.key === key)),
	);
}

/** Switching is per app; the appliance's own use of a connector needs no switch. */
function isEnabled(manifest: Manifest, { own, appliance }: Layers): boolean {
	const byDefault = isEnabledByDefault(manifest);
	return appliance ? (own.enabled ?? byDefault) : own.enabled === true || byDefault;
}

export function effectiveOf(manifest: Manifest, layers: Layers): Effective {
	const { own, appliance = emptyLayer } = layers;
	const mine = known(manifest.config, own.values);
	const theirs = known(manifest.config, appliance.values);
	const inherited = Object.keys(theirs).filter((key) => !(key in mine));
	const trusted = [
		...own.trusted.filter((key) => key in mine),
		...appliance.trusted.filter((key) => inherited.includes(key)),
	];
	return {
		...readConfig(manifest.config, { ...theirs, ...mine }),
		enabled: isEnabled(manifest, layers),
		damaged: own.damaged || appliance.damaged,
		trusted: new Set(trusted),
		inherited,
		version: `${own.version}|${appliance.version}`,
	};
}

type Fields = Record<string, ErrorCode>;
type Value = string | number | boolean;

/** One scope's values while a change is being made to them. */
interface Draft {
	values: Record<string, Value>;
	trusted: Set<string>;
	faults: Fields;
}

const isNothing = (given: unknown): boolean => given === null || given === '';

function changeValue(draft: Draft, field: ConfigField, change: { given: unknown; trusted: boolean }): void {
	const { given, trusted } = change;
	if (given === undefined || (given === '' && field.secret)) return;
	const value = isNothing(given) ? undefined : parseConfigValue(field, given);
	if (value === undefined && !isNothing(given)) draft.faults[field.key] = 'input/invalid';
	else setValue(draft, field.key, { value, trusted });
}

/** Typing the same value again keeps the field trusted; another value does not. */
function setValue(
	draft: Draft,
	key: string,
	{ value, trusted }: { value: Value | undefined; trusted: boolean },
): void {
	if (trusted) draft.trusted.add(key);
	else if (draft.values[key] !== value) draft.trusted.delete(key);
	if (value === undefined) delete draft.values[key];
	else draft.values[key] = value;
}

function changeValues(manifest: Manifest, layer: Layer, change: PluginChange): Draft {
	const draft: Draft = { values: { ...layer.values }, trusted: new Set(layer.trusted), faults: {} };
	for (const [key, given] of Object.entries(change.values ?? {})) {
		const field = manifest.config.find((each) => each.key === key);
		if (field) changeValue(draft, field, { given, trusted: change.trusted === true });
		else draft.faults[key] = 'input/invalid';
	}
	return draft;
}

export interface Proposal {
	manifest: Manifest;
	appliance: Layer | undefined;
	change: PluginChange;
	/** Validates the finished set beyond single fields. @returns faults by field */
	judge(effective: Effective): Fields;
}

function faultsOf(effective: Effective, proposal: Proposal): Fields {
	const judged = proposal.judge(effective);
	if (!effective.enabled) return judged;
	if (effective.damaged)
		throw new Refusal('plugin/config-invalid', { detail: 'the inherited settings cannot be unsealed' });
	const problems = Object.keys(effective.problems).map((key) => [key, 'input/invalid'] as const);
	return { ...judged, ...Object.fromEntries(problems) };
}

/**
 * Returns the layer after a change.
 * A plugin that is off may be saved half-filled; one that is on must be complete.
 * @throws {Refusal} `plugin/config-invalid` with the fields at fault.
 */
export function applyChange(layer: Layer, proposal: Proposal): Layer {
	const { manifest, change, appliance } = proposal;
	const { values, trusted, faults } = changeValues(manifest, layer, change);
	const enabled = change.enabled ?? layer.enabled ?? isEnabledByDefault(manifest);
	const position = change.position ?? layer.position;
	const next: Layer = { ...layer, values, trusted: [...trusted], enabled, position, damaged: false };
	// A new place in the list needs no validation.
	if (!change.values && change.enabled === undefined) return next;
	const effective = effectiveOf(manifest, { own: next, appliance });
	const fields = { ...faultsOf({ ...effective, enabled }, proposal), ...faults };
	if (Object.keys(fields).length === 0) return next;
	// The text of a refused address names it.
	const refused = Object.keys(fields).find((key) => fields[key] === 'plugin/egress-refused');
	const params: RefusalParams =
		refused === undefined ? {} : { host: String(effective.values[refused] ?? '') };
	throw new Refusal('plugin/config-invalid', { fields, params });
}
