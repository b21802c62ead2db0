import { describe, expect, it } from 'vitest';
import { countriesIn, guessCountry } from './countries';

describe('countries', () => {
	it.each([
		['en', 'China'],
		['zh-CN', '中国'],
	] as const)('are named in %s, each with its calling code', (locale, name) => {
		const list = countriesIn(locale);
		expect(list.find(({ code }) => code === 'CN')).toEqual({ code: 'CN', calling: '+86', name });
		expect(list.length).toBeGreaterThan(200);
		expect(list.every(({ calling }) => /^\+\d{1,3}$/.test(calling))).toBe(true);
	});

	it('are in the order of their names', () => {
		const names = countriesIn('en').map(({ name }) => name);
		expect(names.indexOf('Austria')).toBeLessThan(names.indexOf('Belgium'));
		expect(names.indexOf('Åland Islands')).toBeLessThan(names.indexOf('Belgium'));
	});

	it.each([
		['en-GB,en;q=0.9', 'GB'],
		['en,de-AT;q=0.5', 'AT'],
		['zh-Hans-CN', 'CN'],
		['zh-TW', 'TW'],
		['en', 'CN'],
		['en-XX', 'CN'],
		['*', 'CN'],
		['', 'CN'],
		[null, 'CN'],
	])('of %s is %s', (header, country) => expect(guessCountry(header)).toBe(country));
});
