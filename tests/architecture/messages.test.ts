/** Both languages say the same things, and say all that the code names. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { missingMessages, unusedMessages } from '../../scripts/check-messages.mjs';
import { foldersIn, readJson, root } from './repository';

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

it('no key is in two areas', () => {
	const all = areas.flatMap((area) => Object.keys(textsOf(area, 'en')));
	expect(all.filter((key, index) => all.indexOf(key) !== index)).toEqual([]);
});

describe('texts that the code names', () => {
	it('are there, in each language', () => expect(missingMessages(root)).toEqual([]));

	it('are all there are: refusals alone are looked up by name', () =>
		expect(unusedMessages(root, (key) => key.startsWith('error_'))).toEqual([]));

	it('are missed where one language, or each, lacks them, and the build then stops', () => {
		const copy = mkdtempSync(join(tmpdir(), 'menshen-texts-'));
		const write = (path: string, text: string) => {
			mkdirSync(dirname(join(copy, path)), { recursive: true });
			writeFileSync(join(copy, path), text);
		};
		const head = "import { m } from '$lib/i18n/paraglide/messages';\n";
		try {
			write('project.inlang/settings.json', '{ "locales": ["en", "zh-CN"] }');
			write('messages/pages/en.json', '{ "there": "x", "english": "x", "idle": "x" }');
			write('messages/pages/zh-CN.json', '{ "there": "x", "idle": "x" }');
			write('src/a.ts', `${head}\nexport const a = [m.there({}), m.english({}, say), m\n\t.nowhere];\n`);
			write('src/b.svelte', "<script>const m = { other: 1 };</script>{m.other} <p title='a.m.else'>");
			expect(missingMessages(copy)).toEqual([
				'src/a.ts:3: no text "english" in zh-CN',
				'src/a.ts:3: no text "nowhere" in en',
				'src/a.ts:3: no text "nowhere" in zh-CN',
			]);
			expect(unusedMessages(copy, () => false)).toEqual(['idle']);
		} finally {
			rmSync(copy, { recursive: true, force: true });
		}
	});
});
