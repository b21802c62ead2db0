import { describe, expect, it } from 'vitest';
import { newId, randomDigits, randomToken, randomWords } from './random';

const many = <T>(make: () => T, count = 2000): T[] => Array.from({ length: count }, make);

describe('random values', () => {
	it('have the length and letters they promise', () => {
		expect(randomToken()).toMatch(/^[\w-]{43}$/);
		expect(randomToken(16)).toMatch(/^[\w-]{22}$/);
		expect(newId()).toMatch(/^[\w-]{22}$/);
		expect(randomDigits()).toMatch(/^\d{6}$/);
		expect(randomDigits(8)).toMatch(/^\d{8}$/);
		expect(randomWords()).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
	});

	it('do not repeat', () => {
		expect(new Set(many(newId)).size).toBe(2000);
		expect(new Set(many(randomWords)).size).toBe(2000);
	});

	it('give every digit its share, the first one too', () => {
		const first = many(() => randomDigits(1), 10_000);
		for (const digit of '0123456789') {
			const share = first.filter((value) => value === digit).length;
			// 10,000 throws: 1,000 expected, 30 the standard deviation; ten of them never happen.
			expect(Math.abs(share - 1000)).toBeLessThan(300);
		}
	});
});
