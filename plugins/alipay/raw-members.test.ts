import { describe, expect, it } from 'vitest';
import { rawMembers } from './raw-members';

const read = (text: string) => Object.fromEntries(rawMembers(text) ?? [['twice', 'yes']]);

describe('the members of an object as they are written', () => {
	it.each([
		['{}', {}],
		['{"a":1}', { a: '1' }],
		['{"a":{"b": 1},"sign":"x"}', { a: '{"b": 1}', sign: '"x"' }],
		[
			'{ "a" : { "b" : [ 1 , {"c":","} ] } , "d" : [ "}" ] }',
			{ a: '{ "b" : [ 1 , {"c":","} ] }', d: '[ "}" ]' },
		],
		[
			'{"a":{"url":"http:\\/\\/x\\/","q":"\\"}{","s":"\\\\"},"b":null}',
			{ a: '{"url":"http:\\/\\/x\\/","q":"\\"}{","s":"\\\\"}', b: 'null' },
		],
		['{"\\u0061":"中文","b":"a\\"b"}', { a: '"中文"', b: '"a\\"b"' }],
		['{"a":{"sign":"inner"},"sign":"outer"}', { a: '{"sign":"inner"}', sign: '"outer"' }],
	])('%s', (text, members) => {
		JSON.parse(text);
		expect(read(text)).toEqual(members);
	});

	it.each(['{"a":1,"a":2}', '{"a":1,"b":2,"\\u0061":3}'])('refuses a name that occurs twice: %s', (text) => {
		expect(rawMembers(text)).toBeUndefined();
	});

	it('reads what JSON.parse reads, for large parts as well', () => {
		const value = {
			list: Array.from({ length: 2000 }, (_, n) => ({ n, text: `"{${n}}"\\,:` })),
			long: 'x'.repeat(500_000),
		};
		const text = JSON.stringify({ node: value, sign: 's' }, null, 2);
		expect(JSON.parse(read(text)['node'] ?? '')).toEqual(value);
	});
});
