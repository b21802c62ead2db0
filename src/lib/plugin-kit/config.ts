/** Validates the values of config fields, for the host, its forms and plugins' own tests. */
import type { ConfigValues } from './context';
import type { ConfigField } from './manifest';

type ConfigProblem = 'required' | 'invalid';
type Value = string | number | boolean;

export interface ConfigReading {
	/** The valid values, defaults filled in. */
	values: ConfigValues;
	/** What is wrong, by field key; empty when the plugin can run. */
	problems: Readonly<Record<string, ConfigProblem>>;
}

const hostShape = /^(?:\[[0-9a-f:.]+\]|[\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}.])?|[0-9a-f:.]+)$/iu;
const tests: Partial<Record<ConfigField['type'], (text: string, field: ConfigField) => boolean>> = {
	select: (text, field) => field.options.some((option) => option.value === text),
	url: (text) =>
		URL.canParse(text) && ['https:', 'http:'].includes(new URL(text).protocol) && !new URL(text).username,
	email: (text) => /^[^\s@<>"]+@[^\s@<>"]+$/.test(text),
	host: (text) => hostShape.test(text),
};

function parseInteger(value: unknown, field: ConfigField): number | undefined {
	const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value.trim()) ? Number(value) : value;
	if (typeof number !== 'number' || !Number.isSafeInteger(number)) return undefined;
	return number >= (field.min ?? -Infinity) && number <= (field.max ?? Infinity) ? number : undefined;
}

const truths: Readonly<Record<string, boolean>> = {
	true: true,
	on: true,
	'1': true,
	false: false,
	off: false,
	'0': false,
};

const isText = (value: unknown): value is string | number => ['string', 'number'].includes(typeof value);

function parseText(value: unknown, field: ConfigField): string | undefined {
	if (!isText(value)) return undefined;
	const lines = field.type === 'textarea';
	const text = field.secret || lines ? String(value) : String(value).trim();
	if (text.length > field.maxLength || (!lines && /[\r\n]/.test(text))) return undefined;
	return (tests[field.type]?.(text, field) ?? true) ? text : undefined;
}

/**
 * One value as its field's type, from a form (text) or from YAML (typed). @returns undefined when it is not valid.
 */
export function parseConfigValue(field: ConfigField, value: unknown): Value | undefined {
	if (field.type === 'integer') return parseInteger(value, field);
	if (field.type === 'boolean') return typeof value === 'boolean' ? value : truths[String(value)];
	return parseText(value, field);
}

/** Whether a field is asked for, given the values of the others. */
export function isShown(field: ConfigField, values: ConfigValues): boolean {
	return !field.showWhen || values[field.showWhen.key] === field.showWhen.equals;
}

/** Reads a whole set of values. Unknown names are problems too. */
export function readConfig(
	fields: readonly ConfigField[],
	given: Readonly<Record<string, unknown>>,
): ConfigReading {
	const problems: Record<string, ConfigProblem> = {};
	for (const key of Object.keys(given))
		if (!fields.some((field) => field.key === key)) problems[key] = 'invalid';
	const read = fields.flatMap((field): [string, Value][] => {
		const value = given[field.key] ?? field.default ?? '';
		const parsed = value === '' ? undefined : parseConfigValue(field, value);
		if (value !== '' && parsed === undefined) problems[field.key] = 'invalid';
		return parsed === undefined ? [] : [[field.key, parsed]];
	});
	const values = Object.fromEntries(read);
	for (const field of fields)
		if (field.required && !(field.key in values) && isShown(field, values))
			problems[field.key] ??= 'required';
	return { values, problems };
}
