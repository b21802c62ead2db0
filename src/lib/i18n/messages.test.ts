/** Both languages are complete: same keys, same values in the texts, nothing empty, nothing left behind. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import settings from '../../../project.inlang/settings.json' with { type: 'json' };
import { locales } from './locale';

const root = new URL('../../../messages/', import.meta.url);
const areas = readdirSync(root, { withFileTypes: true })
	.filter((entry) => entry.isDirectory())
	.map(({ name }) => name);

type Texts = Readonly<Record<string, unknown>>;
const read = (area: string, locale: string): Texts =>
	JSON.parse(readFileSync(new URL(`${area}/${locale}.json`, root), 'utf8')) as Texts;

/** The names of the values a text takes, plain or with plural forms. */
const valuesIn = (text: unknown): string[] =>
	[...new Set(JSON.stringify(text).match(/\{(\w+)\}/g) ?? [])].sort();

const prefixes: Readonly<Record<string, RegExp>> = {
	common: /^(common|action|product)_/,
	errors: /^error_/,
	pages: /^pages_/,
	console: /^console_/,
	mail: /^mail_/,
};

describe.each(areas)('messages/%s', (area) => {
	const [first, ...others] = locales.map((locale) => ({ locale, texts: read(area, locale) }));
	const keys = Object.keys(first?.texts ?? {});

	it('is compiled', () => {
		expect(settings['plugin.inlang.messageFormat'].pathPattern).toContain(`./messages/${area}/{locale}.json`);
	});

	it('has the same keys in every language', () => {
		for (const { texts } of others) expect(Object.keys(texts).sort()).toEqual([...keys].sort());
	});

	it('takes the same values in every language', () => {
		for (const { texts } of others)
			for (const key of keys)
				expect([key, ...valuesIn(texts[key])]).toEqual([key, ...valuesIn(first?.texts[key])]);
	});

	it('has no empty text and no stray spaces', () => {
		for (const { texts } of [...(first ? [first] : []), ...others])
			for (const [key, text] of Object.entries(texts))
				if (typeof text === 'string') expect([key, text.trim()]).toEqual([key, text || '(a text)']);
	});

	it('names its keys by its area, in snake_case', () => {
		for (const key of keys) {
			expect(key).toMatch(/^[a-z0-9]+(_[a-z0-9]+)*$/);
			expect(key).toMatch(prefixes[area] ?? /^$/);
		}
	});
});

it('uses no key in two areas: the compiled messages share one namespace', () => {
	const all = areas.flatMap((area) => Object.keys(read(area, 'en')).filter((key) => key !== '$schema'));
	expect(all.length).toBe(new Set(all).size);
});
