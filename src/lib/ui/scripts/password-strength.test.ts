import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { strengthOf } from './password-strength';

describe('strengthOf', () => {
	it.each([
		['', 0],
		['a', 1],
		['12345678', 1],
		['aaaaaaaaaaaaaaaa', 1],
		['abcdefghijkl', 1],
		['tealedger', 1],
		['correct horse battery staple', 4],
		['茶树 山路 小满 晨雾 听雨', 4],
	])('%s is %d', (password, level) => {
		expect(strengthOf(password, ['Tea Ledger', 'tealedger'])).toBe(level);
	});

	it('a longer phrase is never weaker', () => {
		expect(strengthOf('mossy')).toBeLessThan(strengthOf('mossy kettle'));
		expect(strengthOf('mossy kettle')).toBeLessThan(strengthOf('mossy kettle under rain'));
	});

	it('does not count the names an attacker knows', () => {
		expect(strengthOf('wanderingotter', ['wanderingotter'])).toBe(1);
		expect(strengthOf('wanderingotter')).toBeGreaterThan(1);
		expect(strengthOf('WanderingOtter', ['wanderingotter'])).toBe(1);
	});

	it('is not tripped by two-letter names', () => {
		expect(strengthOf('lively rowan path', ['ro'])).toBe(strengthOf('lively rowan path'));
	});

	it('answers anything with a level', () => {
		fc.assert(
			fc.property(fc.string(), fc.array(fc.string()), (password, names) => {
				expect([0, 1, 2, 3, 4]).toContain(strengthOf(password, names));
				expect(strengthOf(password) === 0).toBe(password === '');
			}),
		);
	});
});
