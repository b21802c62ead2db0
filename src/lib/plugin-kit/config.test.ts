import { describe, expect, it } from 'vitest';
import { isShown, parseConfigValue, readConfig } from './config';
import { configFieldSchema, type ConfigField } from './manifest';

const label = { en: 'x', 'zh-CN': 'x' };
const field = (more: Record<string, unknown> = {}): ConfigField =>
	configFieldSchema.parse({ key: 'a', type: 'text', label, ...more });
const options = [{ value: 'cn', label }];

describe('a value', () => {
	it.each<[string, Record<string, unknown>, unknown, unknown]>([
		['text is trimmed', {}, '  a b ', 'a b'],
		['a number of YAML is text where text is asked', {}, 5, '5'],
		['a secret is left as it is', { secret: true }, ' a ', ' a '],
		['lines are kept in a text area', { type: 'textarea' }, 'a\nb ', 'a\nb '],
		['digits are an integer', { type: 'integer' }, ' 42 ', 42],
		['so is a number', { type: 'integer' }, -3, -3],
		['a checkbox that is on', { type: 'boolean' }, 'on', true],
		['a typed boolean', { type: 'boolean' }, false, false],
		['a choice', { type: 'select', options }, 'cn', 'cn'],
		['an address', { type: 'url' }, 'https://id.example/x', 'https://id.example/x'],
		['a mailbox', { type: 'email' }, 'id@example.com', 'id@example.com'],
		['a name', { type: 'host' }, 'smtp.例子.cn', 'smtp.例子.cn'],
		['an address in brackets', { type: 'host' }, '[::1]', '[::1]'],
		['a bare one', { type: 'host' }, '2001:db8::1', '2001:db8::1'],
	])('%s', (_, more, given, value) => {
		expect(parseConfigValue(field(more), given)).toEqual(value);
	});

	it.each<[string, Record<string, unknown>, unknown]>([
		['an object', {}, { a: 1 }],
		['a list', {}, ['a']],
		['a boolean as text', {}, true],
		['two lines', {}, 'a\nb'],
		['too much', { maxLength: 3 }, 'abcd'],
		['half a number', { type: 'integer' }, '1.5'],
		['half a typed number', { type: 'integer' }, 1.5],
		['hexadecimal', { type: 'integer' }, '0x10'],
		['too small', { type: 'integer', min: 1 }, 0],
		['too large', { type: 'integer', max: 65_535 }, '65536'],
		['perhaps', { type: 'boolean' }, 'perhaps'],
		['another choice', { type: 'select', options }, 'us'],
		['a script', { type: 'url' }, 'javascript:alert(1)'],
		['an address with a password', { type: 'url' }, 'https://u:p@id.example/'],
		['two mailboxes', { type: 'email' }, 'a@b.c, d@e.f'],
		['a header', { type: 'email' }, 'a@b.c\r\nBcc: d@e.f'],
		['a host with a port', { type: 'host' }, 'smtp.example:25x'],
		['a host with a path', { type: 'host' }, 'smtp.example/x'],
		['a host with a space', { type: 'host' }, 'smtp example'],
	])('%s is invalid', (_, more, given) => {
		expect(parseConfigValue(field(more), given)).toBeUndefined();
	});
});

describe('a set of values', () => {
	const fields = [
		field({ key: 'mode', type: 'select', options: [...options, { value: 'intl', label }], default: 'cn' }),
		field({ key: 'region', required: true, showWhen: { key: 'mode', equals: 'intl' } }),
		field({ key: 'id', required: true }),
	];

	it('is completed with the defaults', () => {
		expect(readConfig(fields, { id: 'x' })).toEqual({ values: { mode: 'cn', id: 'x' }, problems: {} });
	});

	it('reports missing required values, where they apply', () => {
		expect(readConfig(fields, {}).problems).toEqual({ id: 'required' });
		expect(readConfig(fields, { id: 'x', mode: 'intl' }).problems).toEqual({ region: 'required' });
	});

	it('counts an empty text as missing, and a wrong one as wrong', () => {
		expect(readConfig(fields, { id: '' }).problems).toEqual({ id: 'required' });
		expect(readConfig(fields, { id: {} }).problems).toEqual({ id: 'invalid' });
	});

	it('is refused with an unknown field', () => {
		expect(readConfig(fields, { id: 'x', role: 'admin' }).problems).toEqual({ role: 'invalid' });
	});

	it('may show a field by the value of another', () => {
		const [, region] = fields;
		expect(
			region && [isShown(region, { mode: 'intl' }), isShown(region, { mode: 'cn' }), isShown(region, {})],
		).toEqual([true, false, false]);
	});
});
