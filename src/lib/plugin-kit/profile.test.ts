import { describe, expect, it } from 'vitest';
import { nameReply, pictureReply } from './profile';

describe('a name', () => {
	it.each([
		['  Mei 梅 ', 'Mei 梅'],
		['   ', undefined],
		[undefined, undefined],
		[null, undefined],
		[7, undefined],
		['梅'.repeat(300), '梅'.repeat(100)],
		// A hundred characters of two units each: none is cut in half.
		['👩'.repeat(150), '👩'.repeat(100)],
	])('%j is %j', (value, name) => expect(nameReply.parse(value)).toBe(name));
});

describe('a picture', () => {
	it.each([
		['http://p.example/1', 'https://p.example/1'],
		['https://p.example/1', 'https://p.example/1'],
		['', undefined],
		[null, undefined],
		['javascript:alert(1)', undefined],
		['data:image/png;base64,AAAA', undefined],
		['//p.example/1', undefined],
		[`https://p.example/${'x'.repeat(2048)}`, undefined],
	])('%j is %j', (value, picture) => expect(pictureReply.parse(value)).toBe(picture));
});
