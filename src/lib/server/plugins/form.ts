/** The operator's form and list, made from the manifest. Of a secret only whether it is set is shown. */
import { tidyPersonName } from '../../contract/person-name';
import { places, type ConfigField, type Locale, type Manifest } from '../../plugin-kit';
import type { FormField, PluginForm, PluginHealth, PluginSummary } from './app-plugins';
import type { Effective, Layers } from './effective';
import type { PluginEntry } from './registry';

export interface View {
	entry: PluginEntry;
	layers: Layers;
	effective: Effective;
	locale: Locale;
}

function sourceOf(field: ConfigField, { layers, effective }: View): FormField['source'] {
	if (field.key in layers.own.values) return 'own';
	if (effective.inherited.includes(field.key)) return 'appliance';
	return field.default === undefined ? 'unset' : 'default';
}

function fieldOf(field: ConfigField, view: View): FormField {
	const { locale, layers, effective } = view;
	const shown = (value: string | number | boolean | undefined) => (field.secret ? null : (value ?? null));
	return {
		key: field.key,
		type: field.type,
		label: field.label[locale],
		help: field.help?.[locale] ?? '',
		required: field.required,
		secret: field.secret,
		options: field.options.map((option) => ({ value: option.value, label: option.label[locale] })),
		...(field.showWhen ? { showWhen: field.showWhen } : {}),
		...(field.min === undefined ? {} : { min: field.min }),
		...(field.max === undefined ? {} : { max: field.max }),
		maxLength: field.maxLength,
		value: shown(layers.own.values[field.key]),
		effective: shown(effective.values[field.key]),
		source: sourceOf(field, view),
	};
}

export function formOf(view: View, reaches: readonly string[]): PluginForm {
	const { manifest } = view.entry;
	return {
		id: manifest.id,
		name: manifest.name[view.locale],
		description: manifest.description[view.locale],
		enabled: view.effective.enabled,
		fields: manifest.config.map((field) => fieldOf(field, view)),
		reaches,
	};
}

export function isConfigured(effective: Effective): boolean {
	return !effective.damaged && Object.keys(effective.problems).length === 0;
}

/** Where it cannot work as it is set up now. */
const unfitOf = ({ fitsWith }: Manifest, { values }: Effective): PluginSummary['unfit'] =>
	places.filter((place) => {
		const needed = fitsWith[place];
		return needed !== undefined && values[needed] === undefined;
	});

/** The name that users read: the operator's where there is one. */
function shownName({ entry: { manifest }, effective, locale }: View): string {
	const chosen = manifest.nameFrom === undefined ? undefined : effective.values[manifest.nameFrom];
	return (typeof chosen === 'string' && tidyPersonName(chosen)) || manifest.name[locale];
}

export function summaryOf(view: View, state: { health: PluginHealth; forbidden: boolean }): PluginSummary {
	const { entry, effective, layers, locale } = view;
	const manifest: Manifest = entry.manifest;
	return {
		id: manifest.id,
		manifest,
		icon: entry.icon,
		name: shownName(view),
		description: manifest.description[locale],
		enabled: effective.enabled,
		configured: isConfigured(effective),
		inherited: effective.inherited,
		position: layers.own.position,
		unfit: unfitOf(manifest, effective),
		...(entry.external ? { external: entry.external.state } : {}),
		...state,
	};
}
