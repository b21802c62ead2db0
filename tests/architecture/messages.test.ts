/** Both languages say the same things. */
import { describe, expect, it } from 'vitest';
import { foldersIn, readJson } from './repository';

type Texts = Record<string, unknown>;
const areas = foldersIn('messages');
const textsOf = (area: string, locale: string): Texts => {
	const { $schema: _, ...texts } = readJson('messages', area, `${locale}.json`) as Texts;
	return texts;
};
/** What a text is filled with: `{name}`. A text with variants is compared as a whole. */
const slotsOf = (text: unknown): string[] =>
	[...new Set(JSON.stringify(text).match(/\{[a-zA-Z]\w*\}/g) ?? [])].sort();

describe.each(areas)('%s', (area) => {
	const [en, zh] = [textsOf(area, 'en'), textsOf(area, 'zh-CN')];

	it('has the same keys', () => {
		expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
	});

	it('fills in the same values', () => {
		for (const key of Object.keys(en)) expect([key, slotsOf(zh[key])]).toEqual([key, slotsOf(en[key])]);
	});

	it('has a text for each key', () => {
		for (const [key, text] of [...Object.entries(en), ...Object.entries(zh)])
			expect([key, JSON.stringify(text).length > 2]).toEqual([key, true]);
	});

	it('names its keys alike', () => {
		for (const key of Object.keys(en)) expect(key).toMatch(/^[a-z][a-z0-9_]*$/);
	});
});

it('no key stands in two areas', () => {
	const all = areas.flatMap((area) => Object.keys(textsOf(area, 'en')));
	expect(all.filter((key, index) => all.indexOf(key) !== index)).toEqual([]);
});
