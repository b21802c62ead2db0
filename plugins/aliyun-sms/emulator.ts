/** Aliyun SMS on this machine: the gateway's signature, the parameters of SendSms, and its refusals under HTTP 200. */
import { Acs3Gateway, acs3Error } from '@menshen/plugin-kit/acs3-gateway';
import { startVendor, type EmulatedFailure, type Emulator } from '@menshen/plugin-kit/emulator';
import { Inbox, realTime } from '@menshen/plugin-kit/inbox';

const account = {
	accessKeyId: 'LTAI5tEmulatorKey',
	accessKeySecret: 'emulated-access-key-secret',
	version: '2017-05-25',
};
const signName = '门神';
/** Approved, except the last. */
const templates: Readonly<Record<string, string>> = {
	SMS_100001: '您的验证码为：${code}，请勿告知他人。',
	SMS_100002: '您正在注册账号，验证码 ${code}。',
	SMS_100003: '您正在找回密码，验证码 ${code}。',
	SMS_100009: '审核中 ${code}',
};
const pending = 'SMS_100009';

const RequestId = '0A974B78-0000-4000-8000-000000000001';
const refusal = (Code: string, Message = Code): Response => Response.json({ RequestId, Code, Message });

const isNumber = (text: string): boolean => /^(?:\+86|86|0086)?1[3-9]\d{9}$/.test(text);
/** Of other countries: the code of the country and the number, no plus. */
const isForeign = (text: string): boolean => /^(?!86|0)[1-9]\d{7,14}$/.test(text);

/** The values of TemplateParam: a JSON text of an object with texts only. */
function valuesOf(text: string): Record<string, string> | undefined {
	try {
		const value: unknown = JSON.parse(text);
		if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
		const texts = Object.values(value).every((each) => typeof each === 'string');
		return texts ? (value as Record<string, string>) : undefined;
	} catch {
		return undefined;
	}
}

/** The rules of the parameters, each with what the vendor says when it is broken. */
const rules: readonly [(params: URLSearchParams) => boolean, string][] = [
	[
		(params) => !isNumber(paramOf(params, 'PhoneNumbers')) && !isForeign(paramOf(params, 'PhoneNumbers')),
		'isv.MOBILE_NUMBER_ILLEGAL',
	],
	[(params) => params.get('SignName') !== signName, 'isv.SMS_SIGNATURE_ILLEGAL'],
	[(params) => !Object.hasOwn(templates, paramOf(params, 'TemplateCode')), 'isv.SMS_TEMPLATE_ILLEGAL'],
	[(params) => params.get('TemplateCode') === pending, 'isv.SMS_TEMPLATE_ILLEGAL'],
	[(params) => !valuesOf(paramOf(params, 'TemplateParam')), 'isv.INVALID_JSON_PARAM'],
	[(params) => !valuesOf(paramOf(params, 'TemplateParam'))?.['code'], 'isv.TEMPLATE_MISSING_PARAMETERS'],
];
const paramOf = (params: URLSearchParams, name: string): string => params.get(name) ?? '';

function receive(params: URLSearchParams, inbox: Inbox): Response {
	const missing = ['PhoneNumbers', 'SignName', 'TemplateCode'].find((name) => !params.get(name));
	if (missing) return acs3Error(400, `Missing${missing}`, `${missing} is mandatory for this action.`);
	const broken = rules.find(([isBroken]) => isBroken(params));
	if (broken) return refusal(broken[1]);
	const template = paramOf(params, 'TemplateCode');
	const values = valuesOf(paramOf(params, 'TemplateParam')) ?? {};
	const text = templates[template]?.replace('${code}', values['code'] ?? '');
	const number = inbox.add({
		channel: 'sms',
		to: paramOf(params, 'PhoneNumbers'),
		text: `【${signName}】${text}`,
		params: values,
		facts: { template, outId: paramOf(params, 'OutId') },
	});
	return Response.json({ RequestId, Code: 'OK', Message: 'OK', BizId: `90061919583682470${number}^0` });
}

const querySign = (params: URLSearchParams): Response =>
	params.get('SignName') === signName
		? Response.json({ RequestId, Code: 'OK', Message: 'OK', SignName: signName, SignStatus: 1, Reason: '' })
		: refusal('isv.SMS_SIGNATURE_ILLEGAL');

function queryTemplate(params: URLSearchParams): Response {
	const TemplateCode = params.get('TemplateCode') ?? '';
	if (!Object.hasOwn(templates, TemplateCode)) return refusal('isv.SMS_TEMPLATE_ILLEGAL');
	const TemplateStatus = TemplateCode === pending ? 0 : 1;
	return Response.json({ RequestId, Code: 'OK', Message: 'OK', TemplateCode, TemplateStatus });
}

const business = [
	'isv.BUSINESS_LIMIT_CONTROL',
	'isv.DAY_LIMIT_CONTROL',
	'isv.MOBILE_NUMBER_ILLEGAL',
	'isv.SMS_SIGNATURE_ILLEGAL',
	'isv.SMS_TEMPLATE_ILLEGAL',
	'isv.TEMPLATE_MISSING_PARAMETERS',
	'isv.INVALID_JSON_PARAM',
	'isv.BLACK_KEY_CONTROL_LIMIT',
	'isv.AMOUNT_NOT_ENOUGH',
	'isv.OUT_OF_SERVICE',
	'isv.DOMESTIC_NUMBER_NOT_SUPPORTED',
	'isp.RAM_PERMISSION_DENY',
	'isp.SYSTEM_ERROR',
];
const gateway: [number, string][] = [
	[400, 'SignatureDoesNotMatch'],
	[404, 'InvalidAccessKeyId.NotFound'],
	[400, 'InvalidAccessKeyId.Inactive'],
	[400, 'InvalidTimeStamp.Expired'],
	[400, 'SignatureNonceUsed'],
	[400, 'Throttling.User'],
	[503, 'ServiceUnavailable'],
	[500, 'InternalError'],
];

const failures: Readonly<Record<string, EmulatedFailure>> = Object.fromEntries([
	...business.map((code): [string, EmulatedFailure] => [code, { answer: () => refusal(code) }]),
	...gateway.map(([status, code]): [string, EmulatedFailure] => [
		code,
		{ answer: () => acs3Error(status, code, code) },
	]),
]);

/** @param now milliseconds since 1970, which the timestamps of requests are held against */
export async function startEmulator(port = 0, now = realTime): Promise<Emulator> {
	const inbox = new Inbox();
	const actions = {
		SendSms: (params: URLSearchParams) => receive(params, inbox),
		QuerySmsSign: querySign,
		QuerySmsTemplate: queryTemplate,
	};
	const api = new Acs3Gateway(account, actions, now);
	const parts = {
		routes: { ...inbox.routes, 'POST /': api.answer },
		pages: inbox.pages,
		failures,
		endpoints: { api: '/' },
		config: {
			accessKeyId: account.accessKeyId,
			accessKeySecret: account.accessKeySecret,
			signName,
			templateCode: 'SMS_100001',
		},
		forget() {
			inbox.forget();
			api.forget();
		},
	};
	return startVendor(parts, port);
}
