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
	channel: 'sms',
	purpose: 'sign-in',
	to: '+8613800138000',
	subject: '',
	text: '验证码 123456',
	params: { code: '123456', minutes: '5' },
	locale: 'zh-CN',
};

const received = async () => (await (await fetch(`${emulator.url}/__messages`)).json()) as ReceivedMessage[];

const { later, never, settings, busy, unknown } = fates;
const answers: Readonly<Record<string, VendorFailure['expected']>> = {
	'isv.BUSINESS_LIMIT_CONTROL': later,
	'isv.DAY_LIMIT_CONTROL': later,
	'isv.MOBILE_NUMBER_ILLEGAL': never,
	'isv.SMS_SIGNATURE_ILLEGAL': settings,
	'isv.SMS_TEMPLATE_ILLEGAL': settings,
	'isv.TEMPLATE_MISSING_PARAMETERS': settings,
	'isv.INVALID_JSON_PARAM': settings,
	'isv.BLACK_KEY_CONTROL_LIMIT': settings,
	'isv.AMOUNT_NOT_ENOUGH': settings,
	'isv.OUT_OF_SERVICE': settings,
	'isv.DOMESTIC_NUMBER_NOT_SUPPORTED': never,
	'isp.RAM_PERMISSION_DENY': settings,
	'isp.SYSTEM_ERROR': unknown,
	SignatureDoesNotMatch: settings,
	'InvalidAccessKeyId.NotFound': settings,
	'InvalidAccessKeyId.Inactive': settings,
	'InvalidTimeStamp.Expired': settings,
	SignatureNonceUsed: unknown,
	'Throttling.User': busy,
	ServiceUnavailable: busy,
	InternalError: unknown,
	nonsense: unknown,
	down: unknown,
};

describe('aliyun-sms', () => {
	for (const { name, run } of contractCases({
		plugin,
		...emulatedBy(emulator, answers),
		call: (each, context) => each.sender?.deliver(message, context),
		accept: async (answer) => {
			expect(answer).toEqual({ status: 'delivered', reference: '900619195836824701^0' });
			expect(await received()).toEqual([
				{
					channel: 'sms',
					to: '13800138000',
					text: '【门神】您的验证码为：123456，请勿告知他人。',
					params: { code: '123456' },
					facts: { template: 'SMS_100001', outId: 'm-1' },
				},
			]);
		},
		secrets: ['123456', '13800138000'],
	}))
		it(name, run);

	it('is tried with every failure of the emulator', () => {
		expect(Object.keys(answers).sort()).toEqual(emulator.failures.filter((name) => name !== 'hang').sort());
	});
});

const contextWith = (config: Record<string, string> = {}) => contextFor(plugin, { emulator, config, now });
const deliver = async (change: Partial<OutgoingMessage> = {}, context = contextWith()) =>
	plugin.sender?.deliver({ ...message, ...change }, context as never);
const failureOf = (work: Promise<unknown>) => thrownBy(() => work);
const selfTest = async (context: PluginContext) => plugin.selfTest?.(context as never);

describe('what is sent', () => {
	it('is one signed POST with these parameters and no others', async () => {
		await deliver();
		const [call] = emulator.calls;
		expect(Object.fromEntries(call?.url.searchParams ?? [])).toEqual({
			PhoneNumbers: '13800138000',
			SignName: '门神',
			TemplateCode: 'SMS_100001',
			TemplateParam: '{"code":"123456"}',
			OutId: 'm-1',
		});
		expect(call).toMatchObject({ method: 'POST', text: '' });
		expect(call?.headers.get('x-acs-action')).toBe('SendSms');
		expect(call?.headers.get('x-acs-version')).toBe('2017-05-25');
	});

	it.each([
		['+8613800138000', '13800138000'],
		['+85291234567', '85291234567'],
		['+12025550123', '12025550123'],
		// A landline is sent as it is, and the vendor refuses it.
		['+861012345678', undefined],
	])('%s goes to %s', async (to, number) => {
		const failure = await failureOf(deliver({ to }));
		expect((await received())[0]?.to).toBe(number);
		if (!number) expect(failure).toMatchObject(never);
	});

	it.each([
		'13800138000',
		'+8613800138000,+8613800138001',
		'+86138 0013',
		'+',
		'+0123456789',
		'an@example.com',
	])('%j is not one number: nothing is sent', async (to) => {
		expect(await failureOf(deliver({ to }))).toMatchObject(never);
		expect(emulator.calls).toEqual([]);
	});

	it('each purpose has its template', async () => {
		const context = contextWith({ templateRegister: 'SMS_100002', templateRecover: 'SMS_100003' });
		for (const purpose of ['register', 'recover', 'change-phone']) await deliver({ purpose }, context);
		expect((await received()).map(({ facts }) => facts?.['template'])).toEqual([
			'SMS_100002',
			'SMS_100003',
			'SMS_100001',
		]);
	});

	it('a notice has no template and is not sent', async () => {
		expect(await failureOf(deliver({ purpose: 'password-changed', params: {} }))).toMatchObject(never);
		expect(emulator.calls).toEqual([]);
	});
});

describe('settings at fault', () => {
	it.each([
		['secret', { accessKeySecret: 'canary-wrong' }, 'SignatureDoesNotMatch'],
		['key', { accessKeyId: 'LTAI5tOther' }, 'InvalidAccessKeyId.NotFound'],
		['signature', { signName: '别人' }, 'isv.SMS_SIGNATURE_ILLEGAL'],
		['template', { templateCode: 'SMS_1' }, 'isv.SMS_TEMPLATE_ILLEGAL'],
	])('a wrong %s is said to be so, by a message and by the self-test', async (_, change, code) => {
		const failures = [
			await failureOf(deliver({}, contextWith(change))),
			await failureOf(selfTest(contextWith(change))),
		];
		for (const failure of failures) {
			expect(failure).toMatchObject({ reason: 'config', message: expect.stringContaining(code) as string });
			// The gateway's message repeats the text to be signed.
			expect(failure?.message).not.toMatch(/canary|server string/);
		}
		expect(failures[0]).toMatchObject(settings);
		expect(await received()).toEqual([]);
	});
});

describe('the self-test', () => {
	it('asks for the signature and each template, and sends nothing', async () => {
		await selfTest(
			contextWith({ templateRegister: 'SMS_100002', templateVerify: 'SMS_100001', templateRecover: '' }),
		);
		expect(emulator.calls.map(({ headers }) => headers.get('x-acs-action'))).toEqual([
			'QuerySmsSign',
			'QuerySmsTemplate',
			'QuerySmsTemplate',
		]);
		expect(await received()).toEqual([]);
	});

	it('says which template is not approved yet', async () => {
		expect(await failureOf(selfTest(contextWith({ templateRecover: 'SMS_100009' })))).toMatchObject({
			reason: 'config',
			message: 'template SMS_100009 is not approved: status 0',
		});
	});

	it('reports that the vendor is down', async () => {
		emulator.fail('ServiceUnavailable');
		expect(await failureOf(selfTest(contextWith()))).toMatchObject({ reason: 'unavailable' });
	});
});

describe('an unknown code', () => {
	it.each([
		['isv.SOMETHING_NEW', 200, 'never'],
		['isp.SOMETHING_NEW', 200, 'unknown'],
		['Something.New', 400, 'never'],
		['Something.New', 500, 'unknown'],
	])('%s under %i: %s', (code, status, fate) => {
		expect(fateOfCode(code, status)).toBe(fate);
	});
});
