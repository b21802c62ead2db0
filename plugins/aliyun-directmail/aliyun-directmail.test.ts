import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingMessage, PluginContext } from '@menshen/plugin-kit';
import { contextFor, thrownBy } from '@menshen/plugin-kit/context-under-test';
import { contractCases, emulatedBy, fates, type VendorFailure } from '@menshen/plugin-kit/contract-suite';
import type { ReceivedMessage } from '@menshen/plugin-kit/inbox';
import { startEmulator } from './emulator';
import { fateOfCode } from './failures';
import plugin from './index.server';

const now = Date.UTC(2026, 0, 1);
const emulator = await startEmulator(0, () => now);
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const message: OutgoingMessage = {
	id: 'm-1',
	channel: 'email',
	purpose: 'recover',
	to: 'an.li@example.com',
	subject: '重设密码 & Reset (100%)',
	text: '验证码：123456\nhttps://id.example.com/recover?t=abc&x=1+1',
	html: '<p lang="zh-CN">验证码：<b>123456</b> ~*!</p>',
	params: { code: '123456' },
	locale: 'zh-CN',
};

const received = async () => (await (await fetch(`${emulator.url}/__messages`)).json()) as ReceivedMessage[];

const { never, settings, busy, unknown } = fates;
const answers: Readonly<Record<string, VendorFailure['expected']>> = {
	'InvalidMailAddress.NotFound': settings,
	'InvalidMailAddressStatus.Malformed': settings,
	'InvalidMailAddressSendType.Malformed': settings,
	'InvalidMailAddressDomain.Malformed': settings,
	'InvalidFromAlias.Malformed': settings,
	InvalidToAddress: never,
	'InvalidToAddress.Spam': never,
	'InvalidSubject.Malformed': never,
	InvalidBody: never,
	'InvalidSendMail.Spam': settings,
	SignatureDoesNotMatch: settings,
	'InvalidAccessKeyId.NotFound': settings,
	'InvalidTimeStamp.Expired': settings,
	SignatureNonceUsed: unknown,
	'Forbidden.RAM': settings,
	'Throttling.User': busy,
	ServiceUnavailable: busy,
	InternalError: unknown,
	nonsense: unknown,
	down: unknown,
};

describe('aliyun-directmail', () => {
	for (const { name, run } of contractCases({
		plugin,
		...emulatedBy(emulator, answers),
		refused: {
			'a sender that is not an address': { ...emulator.config, accountName: 'nobody' },
			'a name of 15 characters': { ...emulator.config, fromAlias: 'x'.repeat(15) },
		},
		call: (each, context) => each.sender?.deliver(message, context),
		accept: async (answer) => {
			expect(answer).toEqual({ status: 'delivered', reference: '600000000000000001' });
			expect(await received()).toEqual([
				{
					channel: 'email',
					to: message.to,
					subject: message.subject,
					text: message.text,
					html: message.html,
					facts: { from: 'id@mail.example.com', alias: '门神' },
				},
			]);
		},
		secrets: ['123456', 'an.li@example.com'],
	}))
		it(name, run);

	it('is tried with every failure of the emulator', () => {
		expect(Object.keys(answers).sort()).toEqual(emulator.failures.filter((name) => name !== 'hang').sort());
	});
});

const contextWith = (config: Record<string, string | boolean> = {}, signal?: AbortSignal) =>
	contextFor(plugin, { emulator, config, now, ...(signal ? { signal } : {}) });
const deliver = async (change: Partial<OutgoingMessage> = {}, context: PluginContext = contextWith()) =>
	plugin.sender?.deliver({ ...message, ...change }, context as never);
const selfTest = async (context: PluginContext) => plugin.selfTest?.(context as never);

describe('what is sent', () => {
	it('is one signed form with these parameters and no others, nothing in the address', async () => {
		await deliver({ html: undefined }, contextWith({ replyToAddress: true }));
		const [call] = emulator.calls;
		expect(call?.url.search).toBe('');
		expect(Object.fromEntries(call?.form ?? [])).toEqual({
			AccountName: 'id@mail.example.com',
			AddressType: '1',
			ReplyToAddress: 'true',
			ToAddress: 'an.li@example.com',
			Subject: message.subject,
			TextBody: message.text,
			FromAlias: '门神',
			ClickTrace: '0',
		});
		expect(call?.headers.get('x-acs-action')).toBe('SingleSendMail');
		expect(call?.headers.get('x-acs-version')).toBe('2015-11-23');
	});

	it('a subject is cut at 100 characters, never in the middle of one', async () => {
		await deliver({ subject: '𠮷'.repeat(120) });
		expect((await received())[0]?.subject).toBe('𠮷'.repeat(100));
	});

	it('a mail of 78 KB goes through', async () => {
		const html = `<p>${'字'.repeat(26_000)}</p>`;
		await deliver({ html });
		expect((await received())[0]?.html).toBe(html);
	});

	it.each([
		'an@example.com,eve@example.com',
		'an@example.com;eve@example.com',
		'An <an@example.com>',
		'an',
		'a@b@c',
	])('%j is not one mailbox: nothing is sent', async (to) => {
		expect(await thrownBy(() => deliver({ to }))).toMatchObject(never);
		expect(emulator.calls).toEqual([]);
	});

	it('is not sent again, as it may have arrived, when the vendor took it and never answers', async () => {
		emulator.fail('hang');
		const controller = new AbortController();
		const failure = thrownBy(() => deliver({}, contextWith({}, controller.signal)));
		await emulator.reached();
		controller.abort();
		expect(await failure).toMatchObject(unknown);
	});
});

describe('settings at fault', () => {
	it.each([
		['secret', { accessKeySecret: 'canary-wrong' }, 'SignatureDoesNotMatch'],
		['key', { accessKeyId: 'LTAI5tOther' }, 'InvalidAccessKeyId.NotFound'],
	])('a wrong %s is said to be so, by a message and by the self-test', async (_, change, code) => {
		const failures = [
			await thrownBy(() => deliver({}, contextWith(change))),
			await thrownBy(() => selfTest(contextWith(change))),
		];
		for (const failure of failures) {
			expect(failure).toMatchObject({ reason: 'config', message: expect.stringContaining(code) as string });
			expect(failure?.message).not.toMatch(/canary|server string/);
		}
		expect(await received()).toEqual([]);
	});

	it.each([
		['other@mail.example.com', 'InvalidMailAddress.NotFound', 'not set up'],
		['old@mail.example.com', 'InvalidMailAddressStatus.Malformed', 'not in use: status 1'],
		// Part of an existing address: the search finds that one, but it is not the same.
		['d@mail.example.com', 'InvalidMailAddress.NotFound', 'not set up'],
	])('the sender address %s', async (accountName, code, text) => {
		expect(await thrownBy(() => deliver({}, contextWith({ accountName })))).toMatchObject({
			...settings,
			message: code,
		});
		expect(await thrownBy(() => selfTest(contextWith({ accountName })))).toMatchObject({
			reason: 'config',
			message: expect.stringContaining(text) as string,
		});
	});

	it('good ones pass the self-test, which sends nothing', async () => {
		await selfTest(contextWith());
		expect(emulator.calls.map(({ headers }) => headers.get('x-acs-action'))).toEqual([
			'QueryMailAddressByParam',
		]);
		expect(await received()).toEqual([]);
	});

	it('are not blamed for a vendor that is down', async () => {
		emulator.fail('InternalError');
		expect(await thrownBy(() => selfTest(contextWith()))).toMatchObject({ reason: 'unavailable' });
	});
});

describe('an unknown code', () => {
	it.each([
		['Something.New', 400, 'never'],
		['Something.New', 500, 'unknown'],
		['InvalidMailAddress.New', 400, 'settings'],
	])('%s under %i: %s', (code, status, fate) => {
		expect(fateOfCode(code, status)).toBe(fate);
	});
});
