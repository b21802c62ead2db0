import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingMessage, PluginContext } from '@menshen/plugin-kit';
import { contextFor, thrownBy } from '@menshen/plugin-kit/context-under-test';
import { contractCases, emulatedBy, fates, type VendorFailure } from '@menshen/plugin-kit/contract-suite';
import type { ReceivedMessage } from '@menshen/plugin-kit/inbox';
import { startEmulator } from './emulator';
import { fateOfCode } from './failures';
import plugin from './index.server';
import { signTc3, tc3Request } from './tc3';

const now = Date.UTC(2026, 0, 1);
const emulator = await startEmulator(0, () => now);
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const message: OutgoingMessage = {
	id: 'm-1',
	channel: 'sms',
	purpose: 'register',
	to: '+8613800138000',
	subject: '',
	text: '验证码 123456',
	params: { code: '123456', minutes: '10' },
	locale: 'zh-CN',
};

const received = async () => (await (await fetch(`${emulator.url}/__messages`)).json()) as ReceivedMessage[];

const { later, never, settings, busy, unknown } = fates;
const answers: Readonly<Record<string, VendorFailure['expected']>> = {
	'AuthFailure.SignatureFailure': settings,
	'AuthFailure.SecretIdNotFound': settings,
	'AuthFailure.SignatureExpire': settings,
	'UnauthorizedOperation.SmsSdkAppIdVerifyFail': settings,
	'UnauthorizedOperation.SerivceSuspendDueToArrears': settings,
	RequestLimitExceeded: busy,
	'InternalError.Timeout': unknown,
	'InternalError.SendAndRecvFail': unknown,
	'FailedOperation.SignatureIncorrectOrUnapproved': settings,
	'FailedOperation.TemplateIncorrectOrUnapproved': settings,
	'FailedOperation.TemplateParamSetNotMatchApprovedTemplate': settings,
	'FailedOperation.InsufficientBalanceInSmsPackage': settings,
	'FailedOperation.ContainSensitiveWord': never,
	'FailedOperation.PhoneNumberInBlacklist': never,
	'FailedOperation.FailResolvePacket': unknown,
	'InvalidParameterValue.IncorrectPhoneNumber': never,
	'LimitExceeded.PhoneNumberThirtySecondLimit': later,
	'LimitExceeded.PhoneNumberOneHourLimit': later,
	'LimitExceeded.PhoneNumberDailyLimit': later,
	'LimitExceeded.PhoneNumberSameContentDailyLimit': never,
	'LimitExceeded.DeliveryFrequencyLimit': later,
	'LimitExceeded.AppCountryOrRegionInBlacklist': never,
	nonsense: unknown,
	down: unknown,
};

describe('the signature', () => {
	it('is the published one for the published request', () => {
		const authorization = signTc3({
			secretId: 'AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE',
			secretKey: 'Gu5t9xGARNpq86cd98joQYCN3EXAMPLE',
			host: 'cvm.tencentcloudapi.com',
			service: 'cvm',
			timestamp: 1_551_113_065,
			payload: String.raw`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`,
			headers: { 'content-type': 'application/json; charset=utf-8' },
		});
		expect(authorization).toBe(
			'TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, ' +
				'SignedHeaders=content-type;host, ' +
				'Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168',
		);
	});
});

describe('tencent-sms', () => {
	for (const { name, run } of contractCases({
		plugin,
		...emulatedBy(emulator, answers),
		refused: {
			'a template that is not a number': { ...emulator.config, templateCode: 'SMS_1' },
			'an invalid app id': { ...emulator.config, sdkAppId: 'app' },
			'an invalid region': { ...emulator.config, region: 'moon' },
		},
		call: (each, context) => each.sender?.deliver(message, context),
		accept: async (answer) => {
			expect(answer).toEqual({ status: 'delivered', reference: '2019:1' });
			expect(await received()).toEqual([
				{
					channel: 'sms',
					to: '+8613800138000',
					text: '【门神】123456为您的验证码，请勿告知他人。',
					params: { 1: '123456' },
					facts: { template: '110000', session: 'm-1' },
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

const contextWith = (config: Record<string, string> = {}, at = now) =>
	contextFor(plugin, { emulator, config, now: at });
const deliver = async (change: Partial<OutgoingMessage> = {}, context: PluginContext = contextWith()) =>
	plugin.sender?.deliver({ ...message, ...change }, context as never);
const selfTest = async (context: PluginContext) => plugin.selfTest?.(context as never);

describe('what is sent', () => {
	it('is one signed POST with these parameters and no others', async () => {
		await deliver();
		const [call] = emulator.calls;
		expect(call?.json).toEqual({
			PhoneNumberSet: ['+8613800138000'],
			SmsSdkAppId: '1400006666',
			SignName: '门神',
			TemplateId: '110000',
			TemplateParamSet: ['123456'],
			SessionContext: 'm-1',
		});
		expect(call?.url.search).toBe('');
		expect(Object.fromEntries(call?.headers ?? [])).toMatchObject({
			'x-tc-action': 'SendSms',
			'x-tc-version': '2021-01-11',
			'x-tc-region': 'ap-guangzhou',
			'x-tc-timestamp': '1767225600',
			'content-type': 'application/json; charset=utf-8',
		});
	});

	it('the minutes go along where the templates have them', async () => {
		const context = contextWith({ variables: 'code-minutes', templateRegister: '110001' });
		await deliver({}, context);
		expect((await received())[0]?.text).toBe('【门神】您的注册验证码：123456，10分钟内有效。');
		expect(await thrownBy(() => deliver({ purpose: 'sign-in' }, context))).toMatchObject({
			...settings,
			message: 'FailedOperation.TemplateParamSetNotMatchApprovedTemplate',
		});
	});

	it('a number abroad needs no signature, a Chinese one does', async () => {
		const context = contextWith({ signName: '' });
		await deliver({ to: '+85291234567' }, context);
		expect(await thrownBy(() => deliver({}, context))).toMatchObject(settings);
		expect((await received()).map(({ to }) => to)).toEqual(['+85291234567']);
	});

	it.each(['13800138000', '+8613800138000,+8613800138001', '+0123456789', ''])(
		'%j is not one number: nothing is sent',
		async (to) => {
			expect(await thrownBy(() => deliver({ to }))).toMatchObject(never);
			expect(emulator.calls).toEqual([]);
		},
	);

	it('is refused by its own status for an unassigned number', async () => {
		expect(await thrownBy(() => deliver({ to: '+861012345678' }))).toMatchObject({
			...never,
			message: 'InvalidParameterValue.IncorrectPhoneNumber',
		});
	});

	it('a notice has no template and is not sent', async () => {
		expect(await thrownBy(() => deliver({ purpose: 'password-changed', params: {} }))).toMatchObject(never);
		expect(emulator.calls).toEqual([]);
	});
});

describe('the status of the requested number', () => {
	const answering = (statuses: unknown[]): PluginContext => ({
		...contextWith(),
		http: () =>
			Promise.resolve({
				status: 200,
				headers: {},
				body: new TextEncoder().encode(JSON.stringify({ Response: { SendStatusSet: statuses } })),
			}),
	});

	it('means that the message may have arrived when it is missing', async () => {
		expect(await thrownBy(() => deliver({}, answering([])))).toMatchObject(unknown);
	});

	it('is not that of another number', async () => {
		const other = { Code: 'Ok', SerialNo: '1', PhoneNumber: '+8613800138001' };
		expect(await thrownBy(() => deliver({}, answering([other])))).toMatchObject(unknown);
	});
});

describe('the emulator takes only', () => {
	const request = (change: Partial<Parameters<typeof tc3Request>[0]> = {}) =>
		tc3Request({
			action: 'SendSms',
			version: '2021-01-11',
			region: 'ap-guangzhou',
			body: { PhoneNumberSet: [] },
			address: emulator.url,
			now,
			key: { secretId: 'AKIDEmulated', secretKey: 'emulated-secret-key' },
			...change,
		});
	const codeOf = async ({ headers = {}, body = '' }: ReturnType<typeof request>) => {
		const reply = await fetch(emulator.url, { method: 'POST', headers, body: String(body) });
		return ((await reply.json()) as { Response: { Error: { Code: string } } }).Response.Error.Code;
	};

	it('fully signed requests', async () => {
		const { headers, ...rest } = request();
		expect(await codeOf(request())).toBe('MissingParameter');
		expect(await codeOf({ ...rest, headers: {} })).toBe('AuthFailure.InvalidAuthorization');
		expect(await codeOf({ ...rest, headers: { ...headers, 'x-tc-action': 'Other' } })).toBe(
			'AuthFailure.SignatureFailure',
		);
		expect(await codeOf({ headers: headers ?? {}, body: '{"PhoneNumberSet": []}' })).toBe(
			'AuthFailure.SignatureFailure',
		);
		expect(await codeOf(request({ address: 'https://sms.tencentcloudapi.com' }))).toBe(
			'AuthFailure.SignatureFailure',
		);
		expect(await codeOf(request({ version: '2019-07-11' }))).toBe('NoSuchVersion');
	});

	it.each([
		[-301_000, 'AuthFailure.SignatureExpire'],
		[-299_000, 'MissingParameter'],
		[299_000, 'MissingParameter'],
		[301_000, 'AuthFailure.SignatureExpire'],
	])('what was signed %i ms from now: %s', async (away, code) => {
		expect(await codeOf(request({ now: now + away }))).toBe(code);
	});
});

describe('settings at fault', () => {
	it.each([
		['secret', { secretKey: 'canary-wrong' }, 'AuthFailure.SignatureFailure'],
		['id', { secretId: 'AKIDOther' }, 'AuthFailure.SecretIdNotFound'],
	])('a wrong %s is said to be so, by a message and by the self-test', async (_, change, code) => {
		expect(await thrownBy(() => deliver({}, contextWith(change)))).toMatchObject({
			...settings,
			message: code,
		});
		expect(await thrownBy(() => selfTest(contextWith(change)))).toMatchObject({
			reason: 'config',
			message: `DescribeSmsTemplateList: ${code}`,
		});
	});

	it('a clock that is wrong is the operator’s', async () => {
		expect(await thrownBy(() => deliver({}, contextWith({}, now + 3_600_000)))).toMatchObject({
			...settings,
			message: 'AuthFailure.SignatureExpire',
		});
	});

	it.each([
		['110009', 'status 1'],
		['999999', 'status none'],
	])('template %s is not approved: %s', async (templateRecover, text) => {
		expect(await thrownBy(() => selfTest(contextWith({ templateRecover })))).toMatchObject({
			reason: 'config',
			message: expect.stringContaining(text) as string,
		});
	});

	it('good ones pass the self-test, which sends nothing', async () => {
		await selfTest(contextWith({ templateRegister: '110001', templateVerify: '' }));
		expect(emulator.calls[0]?.json).toEqual({ International: 0, TemplateIdSet: [110000, 110001] });
		expect(await received()).toEqual([]);
	});
});

describe('an unknown code', () => {
	it.each([
		['Something.New', 200, 'never'],
		['Something.New', 502, 'unknown'],
		['LimitExceeded.New', 200, 'later'],
		['AuthFailure.New', 200, 'settings'],
	])('%s under %i: %s', (code, status, fate) => {
		expect(fateOfCode(code, status)).toBe(fate);
	});
});
