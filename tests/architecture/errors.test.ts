/** Every refusal has a text in both languages, a line in the documentation and a test that raises it. */
import { describe, expect, it } from 'vitest';
import { errors, messageKeyOf, type ErrorCode } from '../../src/lib/contract/errors';
import { filesUnder, read, readJson } from './repository';

const codes = Object.keys(errors) as ErrorCode[];
const documented = [...read('docs/errors.md').matchAll(/^\| `([a-z-]+\/[a-z-]+)` +\|/gm)].map(
	([, code]) => code,
);
const tests = ['src', 'plugins', 'tests']
	.flatMap(filesUnder)
	.filter((path) => /\.(test|spec)\.ts$/.test(path) && !path.startsWith('tests/architecture/'))
	.map((path) => read(path))
	.join('\n');

describe.each(codes)('%s', (code) => {
	it.each(['en', 'zh-CN'])('has a text in %s', (locale) => {
		const texts = readJson(`messages/errors/${locale}.json`) as Record<string, string | undefined>;
		expect(texts[messageKeyOf(code)]?.trim()).toBeTruthy();
	});

	it('has a line in docs/errors.md', () => {
		expect(documented).toContain(code);
	});

	it('is raised by a test', () => {
		expect(new RegExp(`['"\`\\s[]${code}['"\`\\s\\],\\\\]`).test(tests)).toBe(true);
	});
});

it('docs/errors.md has no line for a code that is gone, and none twice', () => {
	expect([...documented].sort()).toEqual([...codes].sort());
});

it('docs/errors.md gives the status that travels', () => {
	const statuses = [...read('docs/errors.md').matchAll(/^\| `([a-z-]+\/[a-z-]+)` +\| (\d{3}) +\|/gm)].map(
		([, code, status]) => [code, Number(status)],
	);
	expect(Object.fromEntries(statuses)).toEqual(
		Object.fromEntries(codes.map((code) => [code, errors[code].status])),
	);
});

it('messages has no text for a removed code', () => {
	const known = new Set(codes.map(messageKeyOf));
	const texts = Object.keys(readJson('messages/errors/en.json') as object);
	expect(texts.filter((key) => key !== '$schema' && !known.has(key))).toEqual([]);
});
