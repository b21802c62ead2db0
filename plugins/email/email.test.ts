import { describe, expect, it } from 'vitest';
import { composedMessageSchema, type PluginContext } from '@menshen/plugin-kit';
import { contextFor } from '@menshen/plugin-kit/context-under-test';
import { contractCases } from '@menshen/plugin-kit/contract-suite';
import { emailSchema, keyOf } from '../../src/lib/contract/identifiers';
import plugin from './index.server';

const link = 'https://id.example.com/apps/1/code?token=a&b="c"';
const facts = { code: '123456', purpose: 'sign-in', appName: 'Acme', minutes: 10 };

describe('email', () => {
	for (const { name, run } of contractCases({
		plugin,
		config: {},
		call: (each, context) => each.code?.normalise({ typed: ' An.Li@Example.COM ' }, context),
		accept: (answer) => expect(answer).toBe('an.li@example.com'),
		secrets: ['an.li@example.com'],
	}))
		it(name, run);
});

const contextOf = (locale: 'en' | 'zh-CN', config = { link: true }) =>
	contextFor(plugin, { locale, config }) as unknown as PluginContext<never>;
const normalise = (typed: string) => plugin.code?.normalise({ typed }, contextOf('en')) as string | undefined;
const compose = async (
	change: Partial<typeof facts> & { link?: string } = {},
	locale: 'en' | 'zh-CN' = 'en',
) => composedMessageSchema.parse(await plugin.code?.compose({ ...facts, ...change }, contextOf(locale)));

describe('an address', () => {
	it.each([
		['a@example.com', 'a@example.com'],
		['A+b@Example.com', 'a+b@example.com'],
		['ａｎ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'an@example.com'],
		['用户@例子.中国', '用户@例子.中国'],
		["o'neil@example.com", "o'neil@example.com"],
		['a@example.com, eve@example.com', undefined],
		['a@example.com;eve@example.com', undefined],
		['An <a@example.com>', undefined],
		['"a b"@example.com', undefined],
		['a@b@example.com', undefined],
		['a@localhost', undefined],
		['a@example.com\r\nBcc: eve@example.com', undefined],
		['@example.com', undefined],
		['', undefined],
	])('%j is %s', (typed, address) => {
		expect(normalise(typed)).toBe(address);
	});

	const locals = [
		'a',
		'An.Li',
		'x+tag',
		'ÄÖ',
		'ﬁ',
		'用户',
		'a b',
		'a"b',
		'a<b',
		'a,b',
		'',
		'a'.repeat(64),
		'a'.repeat(65),
		'a\u200bb',
		'a\u0000',
		'..',
		"o'neil",
		'１２３',
	];
	const domains = [
		'example.com',
		'EXAMPLE.com',
		'a.b.example.co',
		'localhost',
		'example.c',
		'例子.中国',
		'example..com',
		'-x.com',
		'exa mple.com',
		'[127.0.0.1]',
		'example.com.',
		'x'.repeat(191) + '.com',
		'x'.repeat(190) + '.com',
		'ex，ample.com',
		'İ.example',
	];
	const around = [
		(each: string) => each,
		(each: string) => ` ${each}\t`,
		(each: string) => `${each},${each}`,
	];
	const corpus = locals.flatMap((local) =>
		domains.flatMap((domain) => around.map((way) => way(`${local}@${domain}`))),
	);

	it('is the same as that of the account', () => {
		expect(corpus.length).toBeGreaterThan(700);
		for (const typed of corpus) {
			const account = emailSchema.safeParse(typed);
			const key = account.success ? keyOf(account.data) : undefined;
			expect([typed, normalise(typed)]).toEqual([typed, key]);
		}
		expect(corpus.filter((typed) => normalise(typed)).length).toBeGreaterThan(100);
	});

	it('is invalid when it grows beyond the longest mailbox', () => {
		const sign = '\ufdfa';
		expect(normalise(`a@${sign.repeat(14)}.com`)).toBeUndefined();
		expect(normalise(`${sign.repeat(3)}@${'x'.repeat(185)}.${'y'.repeat(60)}`)).toBeUndefined();
	});
});

describe('the mail', () => {
	it('says who, what for, the code, how long, and not to share it', async () => {
		expect(await compose()).toMatchObject({
			subject: 'Acme: 123456 is your code to sign in',
			text: [
				'Somebody wants to sign in to Acme with this email.',
				'Code: 123456',
				'Valid once, for 10 minutes. Do not share it: nobody at Acme will ask for it. If this was not you, ignore this mail.',
			].join('\n\n'),
			params: { code: '123456', minutes: '10', app: 'Acme' },
		});
		expect(await compose({ link }, 'zh-CN')).toMatchObject({
			subject: 'Acme：登录验证码 123456',
			text: [
				'有人正在使用此邮箱登录 Acme。',
				'验证码：123456',
				`也可以打开下面的链接：\n${link}`,
				'仅可使用一次，10 分钟内有效。请勿告诉他人，Acme 的工作人员不会向您索取。如非本人操作，请忽略此邮件。',
			].join('\n\n'),
		});
	});

	const purposes = [
		'sign-in',
		'register',
		'recover',
		'verify-email',
		'change-email',
		'other-purpose',
		'toString',
	];
	it.each(purposes)('for %s is complete in both languages', async (purpose) => {
		for (const locale of ['en', 'zh-CN'] as const) {
			const { subject, text, html = '' } = await compose({ purpose, link }, locale);
			expect(subject).toContain('123456');
			for (const part of ['Acme', '123456', '10', locale === 'en' ? 'Do not share' : '请勿告诉他人']) {
				expect(text).toContain(part);
				expect(html).toContain(part);
			}
			expect(subject + text + html).not.toMatch(/undefined|function/);
		}
	});

	it('differs by purpose, in subject and opening', async () => {
		for (const locale of ['en', 'zh-CN'] as const) {
			const mails = await Promise.all(
				['sign-in', 'register', 'recover', 'verify-email', 'change-email', 'x'].map((purpose) =>
					compose({ purpose }, locale),
				),
			);
			expect(new Set(mails.map(({ subject }) => subject)).size).toBe(6);
			expect(new Set(mails.map(({ text }) => text.split('\n')[0])).size).toBe(6);
		}
	});

	it('has a link that leads where it says, and none where none is given', async () => {
		const { html = '' } = await compose({ link });
		const [, href = '', shown] = /<a href="([^"]*)"[^>]*>([^<]*)<\/a>/.exec(html) ?? [];
		const unescape = (text: string) =>
			text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
		expect(unescape(href)).toBe(link);
		expect(shown).toBe(href);
		expect((await compose()).html).not.toContain('<a');
	});

	it('as HTML has the same words as the text, in the right language', async () => {
		const { text, html = '' } = await compose({ link }, 'zh-CN');
		expect(html).toContain('<html lang="zh-CN">');
		const shown = html
			.replace(/<title>.*?<\/title>/, '')
			.replace(/<[^>]+>/g, '')
			.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
		expect(shown).toBe(text.replace(/\n/g, ''));
	});

	it('fetches nothing', async () => {
		expect((await compose({ link })).html).not.toMatch(/<img|<link|<script|src=|url\(|@import/i);
	});

	it('a name with markup and line breaks stays a name', async () => {
		const {
			subject,
			html = '',
			params,
		} = await compose({ appName: `<img src=x onerror=1>"&'\r\nBcc: eve@example.com\u202e` });
		expect(subject).not.toMatch(/[\r\n\u202e]/);
		expect(html).not.toContain('<img');
		expect(html).toContain('&#60;img');
		expect([...(params['app'] ?? '')].length).toBeLessThanOrEqual(60);
	});
});

it('sends no link unless the operator wants one', async () => {
	for (const config of [{}, { link: false }] as Record<string, boolean>[]) {
		const context = contextFor(plugin, { locale: 'en', config }) as unknown as PluginContext<never>;
		const { text, html, params } = composedMessageSchema.parse(
			await plugin.code?.compose({ ...facts, link }, context),
		);
		expect(JSON.stringify([text, html, params])).not.toContain('https://');
	}
});
