import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locales as generated } from './paraglide/runtime';
import { localeNames, locales, pickLocale, withLocale } from './locale';

describe('locales', () => {
	it('are the ones the messages are compiled for', () => {
		expect([...locales]).toEqual([...generated]);
		expect(Object.keys(localeNames)).toEqual([...locales]);
	});
});

describe('pickLocale', () => {
	it.each([
		['zh', 'zh-CN'],
		['zh-CN', 'zh-CN'],
		['zh-TW', 'zh-CN'],
		['zh-HK', 'zh-CN'],
		['zh-Hant-TW', 'zh-CN'],
		['ZH-cn', 'zh-CN'],
		['en', 'en'],
		['en-GB', 'en'],
		['de', 'en'],
		['ja-JP', 'en'],
		['zha', 'en'],
	])('answers %s in %s', (tag, locale) => {
		expect(pickLocale({ ui_locales: tag })).toBe(locale);
		expect(pickLocale({ choice: tag })).toBe(locale);
		expect(pickLocale({ acceptLanguage: tag })).toBe(locale);
	});

	it('lets the address win over the choice, and the choice over the browser', () => {
		expect(pickLocale({ ui_locales: 'zh-CN', choice: 'en', acceptLanguage: 'en' })).toBe('zh-CN');
		expect(pickLocale({ choice: 'zh-CN', acceptLanguage: 'en' })).toBe('zh-CN');
	});

	it('takes the first of several languages in the address', () => {
		expect(pickLocale({ ui_locales: 'zh-TW en' })).toBe('zh-CN');
		expect(pickLocale({ ui_locales: 'fr zh' })).toBe('en');
	});

	it('weighs what a browser sends', () => {
		expect(pickLocale({ acceptLanguage: 'zh-CN,zh;q=0.9,en;q=0.8' })).toBe('zh-CN');
		expect(pickLocale({ acceptLanguage: 'en;q=0.5, zh;q=0.7' })).toBe('zh-CN');
		expect(pickLocale({ acceptLanguage: 'zh;q=0, en' })).toBe('en');
		expect(pickLocale({ acceptLanguage: '*' })).toBe('en');
	});

	it('falls back to English when no language is asked for', () => {
		expect(pickLocale({})).toBe('en');
		expect(pickLocale({ ui_locales: null, choice: '', acceptLanguage: undefined })).toBe('en');
	});

	it('ignores an invalid language tag, and takes the next', () => {
		expect(pickLocale({ ui_locales: '<script>', choice: '../../etc', acceptLanguage: 'zh' })).toBe('zh-CN');
	});

	it('always answers with a language that it has', () => {
		fc.assert(
			fc.property(fc.string(), fc.string(), fc.string(), (ui_locales, choice, acceptLanguage) => {
				expect(locales).toContain(pickLocale({ ui_locales, choice, acceptLanguage }));
			}),
		);
	});
});

describe('withLocale', () => {
	it('keeps the rest of the address and drops the name of a form action', () => {
		const url = new URL('https://id.example/apps/1/interaction/x?/password&from=mail&ui_locales=en');
		expect(withLocale(url, 'zh-CN')).toBe('?from=mail&ui_locales=zh-CN');
	});

	it('has one language only', () => {
		const url = new URL('https://id.example/?ui_locales=en&ui_locales=fr');
		expect(withLocale(url, 'zh-CN')).toBe('?ui_locales=zh-CN');
	});
});
