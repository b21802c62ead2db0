import { expect, it } from 'vitest';
import { plainCode } from './plain-code';

it.each([
	['123456', '123456'],
	[' 123 456 ', '123456'],
	['123-456', '123456'],
	['123–456', '123456'],
	['１２３４５６', '123456'],
	['12a456', '12a456'],
])('%s is the code %s', (typed, code) => expect(plainCode(typed)).toBe(code));
