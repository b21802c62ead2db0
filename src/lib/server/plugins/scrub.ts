/** Removes an operator's secrets from every text of a plugin, before it reaches a log or an answer. */
import type { ConfigValues, Manifest } from '../../plugin-kit';

const mark = '[secret]';
/** A shorter text would match in every sentence, and is too weak for a secret. */
const shortest = 4;

export interface Scrubber {
	text(value: string): string;
	fields(value: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

/** Secrets also travel encoded, e.g. in the query of an address or in an SMTP or Basic authentication line. */
function spellings(secret: string): string[] {
	return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')];
}

export function createScrubber(manifest: Manifest, values: ConfigValues): Scrubber {
	const secrets = manifest.config
		.filter((field) => field.secret)
		.map((field) => String(values[field.key] ?? ''))
		.filter((secret) => secret.length >= shortest)
		.flatMap(spellings)
		// The longest first, so that replacing a secret inside another does not leave the rest readable.
		.sort((a, b) => b.length - a.length);
	const text = (value: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, mark), value);
	const scrub = (value: unknown, depth: number): unknown => {
		if (typeof value === 'string') return text(value);
		if (value instanceof Error) return text(value.message);
		if (typeof value !== 'object' || value === null) return value;
		if (depth > 4) return '…';
		if (Array.isArray(value)) return value.map((each) => scrub(each, depth + 1));
		return Object.fromEntries(
			Object.entries(value).map(([key, each]) => [text(key), scrub(each, depth + 1)]),
		);
	};
	return { text, fields: (value) => scrub(value, 0) as Record<string, unknown> };
}
