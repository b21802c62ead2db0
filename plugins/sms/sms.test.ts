import { describe, expect, it } from 'vitest';
import { composedMessageSchema, PluginFailure, type PluginContext } from '@menshen/plugin-kit';
import { contextFor, thrownBy } from '@menshen/plugin-kit/context-under-test';
import { contractCases } from '@menshen/plugin-kit/contract-suite';
import { phoneKey } from '../../src/lib/contract/identifiers';
import plugin from './index.server';

const facts = { code: '123456', purpose: 'sign-in', appName: '门神', minutes: 5 };

describe('sms', () => {
	for (const { name, run } of contractCases({
		plugin,
		config: { defaultRegion: 'CN' },
		refused: {
			'an invalid country': { defaultRegion: 'XX' },
			'a name instead of letters': { defaultRegion: 'China' },
			'small letters': { defaultRegion: 'cn' },
			'no country': { defaultRegion: '0' },
			'an invalid list with a country': { defaultRegion: 'CN', countries: 'CN, Hongkong' },
			'an invalid list with a calling code': { defaultRegion: 'CN', countries: '+86, +999' },
		},
		call: (each, context) => each.code?.normalise({ typed: '138 0013 8000' }, context),
		accept: (answer) => expect(answer).toBe('+8613800138000'),
		secrets: ['13800138000'],
	}))
		it(name, run);
});

const contextOf = (locale: 'en' | 'zh-CN', defaultRegion = 'CN') =>
	contextFor(plugin, {
		locale,
		config: { defaultRegion, countries: [] } as never,
	}) as unknown as PluginContext<never>;
const normalise = (typed: string, region = 'CN') =>
	plugin.code?.normalise({ typed }, contextOf('en', region)) as string | undefined;
const compose = async (
	change: Partial<typeof facts> & { link?: string } = {},
	locale: 'en' | 'zh-CN' = 'zh-CN',
) => composedMessageSchema.parse(await plugin.code?.compose({ ...facts, ...change }, contextOf(locale)));

describe('a number', () => {
	it.each([
		['13800138000', '+8613800138000'],
		['138-0013-8000', '+8613800138000'],
		['+86 138 0013 8000', '+8613800138000'],
		['008613800138000', '+8613800138000'],
		['8613800138000', '+8613800138000'],
		['１３８００１３８０００', '+8613800138000'],
		['＋８６13800138000', '+8613800138000'],
		['+852 9123 4567', '+85291234567'],
		['+1 (202) 555-0123', '+12025550123'],
		['', undefined],
		['12345', undefined],
		['an@example.com', undefined],
		['+', undefined],
		['+999 123456789', undefined],
		['1'.repeat(33), undefined],
	])('%j is %s', (typed, number) => {
		expect(normalise(typed)).toBe(number);
	});

	it.each([
		['US', '(202) 555-0123', '+12025550123'],
		['HK', '9123 4567', '+85291234567'],
		['DE', '030 123456', '+4930123456'],
		['US', '+86 138 0013 8000', '+8613800138000'],
	])('in %s %j is %s', (region, typed, number) => {
		expect(normalise(typed, region)).toBe(number);
	});

	/** Typed forms of numbers; the result must be the key by which accounts are searched. */
	const ways = [
		(digits: string) => digits,
		(digits: string) => `+${digits}`,
		(digits: string) => `+86${digits}`,
		(digits: string) => `0086 ${digits}`,
		(digits: string) => ` ${digits} `,
		(digits: string) => digits.replace(/(\d{3})(\d{4})/, '$1 $2-'),
		(digits: string) => digits.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)),
		(digits: string) => `tel:${digits}`,
		(digits: string) => `${digits}x12`,
		(digits: string) => `(${digits})`,
		(digits: string) => `${digits}\u200b`,
		(digits: string) => `a${digits}`,
	];
	const digits = [
		'13800138000',
		'19912345678',
		'8613800138000',
		'85291234567',
		'12025550123',
		'4915112345678',
		'0',
		'110',
		'123456',
		'01012345678',
		'4008001234',
		'999999999999999',
		'1234567890123456',
	];
	const corpus = [
		...digits.flatMap((each) => ways.map((way) => way(each))),
		'',
		' ',
		'+',
		'++86',
		'١٣٨٠٠١٣٨٠٠٠',
		'x'.repeat(40),
		'+86 138 0013 8000 ext. 5',
	];

	it.each(['CN', 'US', 'HK'] as const)('is the same as that of the account, in %s', (region) => {
		expect(corpus.length).toBeGreaterThan(150);
		for (const typed of corpus)
			expect([typed, normalise(typed, region)]).toEqual([typed, phoneKey(typed, region)]);
		expect(corpus.filter((typed) => normalise(typed, region)).length).toBeGreaterThan(50);
	});
});

describe('the text', () => {
	it('says who, what for, the code, how long, and not to share it', async () => {
		expect(await compose()).toEqual({
			subject: '',
			text: '门神：登录验证码 123456，5 分钟内有效，请勿告诉他人。',
			params: { code: '123456', minutes: '5', app: '门神' },
		});
		expect((await compose({}, 'en')).text).toBe(
			'门神: 123456 is your code to sign in. Valid for 5 min. Do not share it.',
		);
	});

	const purposes = [
		'sign-in',
		'register',
		'recover',
		'verify-email',
		'change-phone',
		'other-purpose',
		'toString',
	];
	it.each(purposes)('for %s is complete in both languages, and fits one SMS', async (purpose) => {
		for (const locale of ['en', 'zh-CN'] as const) {
			const { text } = await compose({ purpose, appName: locale === 'en' ? 'Acme' : '示例应用' }, locale);
			for (const part of ['123456', '5', locale === 'en' ? 'Do not share' : '请勿告诉他人'])
				expect(text).toContain(part);
			expect(text).not.toMatch(/undefined|\s\s|function|\s[.，]/);
			// 160 signs of the GSM alphabet, 70 of any other.
			expect(text.length).toBeLessThanOrEqual(locale === 'en' ? 160 : 70);
		}
	});

	it('differs by purpose', async () => {
		const texts = await Promise.all(
			['sign-in', 'register', 'recover', 'verify-email', 'change-phone', 'x'].map((purpose) =>
				compose({ purpose }),
			),
		);
		expect(new Set(texts.map(({ text }) => text)).size).toBe(6);
	});

	it('has the link where one is given', async () => {
		expect((await compose({ link: 'https://id.example.com/c?t=1' })).text).toMatch(
			/。 https:\/\/id\.example\.com\/c\?t=1$/,
		);
		expect((await compose()).text).not.toContain('http');
	});

	it('has the app’s name as one short line, whatever it contains', async () => {
		const { text, params } = await compose({ appName: `  A\r\nB\u202e\u0000 ${'长'.repeat(100)}` });
		expect(text).not.toMatch(/[\r\n\0\u202e]/);
		expect([...(params['app'] ?? '')]).toHaveLength(30);
		expect(text.startsWith('A B 长')).toBe(true);
	});
});

describe('the countries that codes are sent to', () => {
	const isServed = async (to: string | undefined, countries?: string) => {
		const config = plugin.config?.parse({ defaultRegion: 'CN', ...(countries ? { countries } : {}) });
		const context = { ...contextFor(plugin), config } as unknown as PluginContext<never>;
		const failure = await thrownBy(async () =>
			plugin.code?.compose({ ...facts, ...(to ? { to } : {}) }, context),
		);
		if (failure instanceof PluginFailure) expect(failure.reason).toBe('unserved');
		return failure === undefined;
	};

	it.each([
		['+8613800138000', undefined],
		['+18765551234', undefined],
		['+8613800138000', 'CN'],
		['+85291234567', 'CN,HK'],
		['+85291234567', ' CN ， +852 '],
		['+12025550123', 'US'],
		['+18765551234', '+1'],
		['+19995550123', '+1'],
		['+447911123456', '+44'],
	])('%s is served where the list is %j', async (to, countries) => {
		expect(await isServed(to, countries)).toBe(true);
	});

	it.each([
		['+85291234567', 'CN'],
		['+18765551234', 'US'],
		['+14165550123', 'US CN'],
		['+19995550123', 'US'],
		['+77011234567', 'RU'],
		['+8613800138000', '+852'],
		['+999123', 'CN'],
	])('%s is not where it is %j', async (to, countries) => {
		expect(await isServed(to, countries)).toBe(false);
	});

	it('do not stop a sample from being shown', async () => expect(await isServed(undefined, 'HK')).toBe(true));
});
