/**
 * Tencent Cloud SMS on this machine. The signature is computed from what arrived, with code of its own; every
 * answer has HTTP 200 as the vendor's has.
 */
import { createHash, createHmac } from 'node:crypto';
import {
	startVendor,
	type EmulatedCall,
	type EmulatedFailure,
	type Emulator,
} from '@menshen/plugin-kit/emulator';
import { Freshness, Inbox, realTime } from '@menshen/plugin-kit/inbox';

const account = {
	secretId: 'AKIDEmulated',
	secretKey: 'emulated-secret-key',
	sdkAppId: '1400006666',
	signName: '门神',
};
/** Text and whether it is approved. */
const templates: Readonly<Record<string, { text: string; status: number }>> = {
	'110000': { text: '{1}为您的验证码，请勿告知他人。', status: 0 },
	'110001': { text: '您的注册验证码：{1}，{2}分钟内有效。', status: 0 },
	'110009': { text: '审核中 {1}', status: 1 },
};
const RequestId = 'a0aabda6-0000-4000-8000-000000000001';

const refusal = (Code: string): Response =>
	Response.json({ Response: { Error: { Code, Message: Code }, RequestId } });
const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
const mac = (key: Buffer, text: string) => createHmac('sha256', key).update(text, 'utf8').digest();

const shape =
	/^TC3-HMAC-SHA256 Credential=([^/\s]+)\/(\d{4}-\d\d-\d\d)\/sms\/tc3_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;

function signatureOf({ headers, text }: EmulatedCall, date: string, names: string): string {
	let canonical = 'POST\n/\n\n';
	for (const name of names.split(';'))
		canonical += `${name}:${(headers.get(name) ?? '').trim().toLowerCase()}\n`;
	canonical += `\n${names}\n${sha256(text)}`;
	const toSign = `TC3-HMAC-SHA256\n${headers.get('x-tc-timestamp')}\n${date}/sms/tc3_request\n${sha256(canonical)}`;
	const dated = mac(Buffer.from(`TC3${account.secretKey}`), date);
	return mac(mac(mac(dated, 'sms'), 'tc3_request'), toSign).toString('hex');
}

interface Judged {
	call: EmulatedCall;
	freshness: Freshness;
	secretId: string;
	date: string;
	names: string;
	signature: string;
	/** The timestamp in milliseconds. */
	at: number;
}

/** The checks before the body is read, each with its error code. */
const faults: readonly [(judged: Judged) => boolean, string][] = [
	[({ names }) => !/(^|;)content-type;(.*;)?host(;|$)/.test(names), 'AuthFailure.InvalidAuthorization'],
	[({ at, freshness }) => !freshness.isFresh(at), 'AuthFailure.SignatureExpire'],
	[({ secretId }) => secretId !== account.secretId, 'AuthFailure.SecretIdNotFound'],
	[({ at, date }) => !new Date(at).toISOString().startsWith(date), 'AuthFailure.SignatureFailure'],
	[
		({ call, date, names, signature }) => signature !== signatureOf(call, date, names),
		'AuthFailure.SignatureFailure',
	],
	[({ call }) => call.headers.get('x-tc-version') !== '2021-01-11', 'NoSuchVersion'],
	[({ call }) => !call.headers.get('x-tc-region'), 'MissingParameter'],
];

function faultOf(call: EmulatedCall, freshness: Freshness): string | undefined {
	const match = shape.exec(call.headers.get('authorization') ?? '');
	const seconds = call.headers.get('x-tc-timestamp') ?? '';
	if (!match || !/^\d{1,12}$/.test(seconds)) return 'AuthFailure.InvalidAuthorization';
	const [, secretId = '', date = '', names = '', signature = ''] = match;
	const judged = { call, freshness, secretId, date, names, signature, at: Number(seconds) * 1000 };
	return faults.find(([isFault]) => isFault(judged))?.[1];
}

interface SendBody {
	PhoneNumberSet: string[];
	SmsSdkAppId: string;
	TemplateId: string;
	SignName?: string;
	TemplateParamSet?: string[];
	SessionContext?: string;
}
const textsOf = (value: unknown): value is string[] =>
	Array.isArray(value) && value.every((each) => typeof each === 'string');
const variables = (text: string): number => text.match(/\{\d\}/g)?.length ?? 0;
const templateOf = ({ TemplateId }: SendBody) =>
	Object.hasOwn(templates, TemplateId) ? templates[TemplateId] : undefined;

/** The rules for each number, each with what the vendor says of it when it is broken. */
const rules: readonly [(body: SendBody, number: string) => boolean, string][] = [
	[(_, number) => !/^\+[1-9]\d{6,14}$/.test(number), 'InvalidParameterValue.IncorrectPhoneNumber'],
	[
		(_, number) => number.startsWith('+86') && !/^\+861[3-9]\d{9}$/.test(number),
		'InvalidParameterValue.IncorrectPhoneNumber',
	],
	[(body) => body.SmsSdkAppId !== account.sdkAppId, 'UnauthorizedOperation.SmsSdkAppIdVerifyFail'],
	[
		(body, number) => number.startsWith('+86') && body.SignName !== account.signName,
		'FailedOperation.SignatureIncorrectOrUnapproved',
	],
	[(body) => templateOf(body)?.status !== 0, 'FailedOperation.TemplateIncorrectOrUnapproved'],
	[(body) => !textsOf(body.TemplateParamSet ?? []), 'InvalidParameter'],
	[
		(body) => variables(templateOf(body)?.text ?? '') !== (body.TemplateParamSet ?? []).length,
		'FailedOperation.TemplateParamSetNotMatchApprovedTemplate',
	],
	[
		(body) => !/^\d{1,6}$/.test(body.TemplateParamSet?.[0] ?? ''),
		'InvalidParameterValue.TemplateParameterFormatError',
	],
];

function sendTo(body: SendBody, number: string, inbox: Inbox) {
	const session = { SessionContext: body.SessionContext ?? '', PhoneNumber: number };
	const broken = rules.find(([isBroken]) => isBroken(body, number));
	if (broken) return { ...session, SerialNo: '', Fee: 0, Code: broken[1], Message: broken[1], IsoCode: '' };
	const values = body.TemplateParamSet ?? [];
	const text = (templateOf(body)?.text ?? '').replace(
		/\{(\d)\}/g,
		(_, at: string) => values[Number(at) - 1] ?? '',
	);
	const count = inbox.add({
		channel: 'sms',
		to: number,
		text: `【${account.signName}】${text}`,
		params: Object.fromEntries(values.map((value, at) => [String(at + 1), value])),
		facts: { template: body.TemplateId, session: session.SessionContext },
	});
	return {
		...session,
		SerialNo: `2019:${count}`,
		Fee: 1,
		Code: 'Ok',
		Message: 'send success',
		IsoCode: 'CN',
	};
}

function send(json: unknown, inbox: Inbox): Response {
	const body = json as SendBody;
	if (
		!textsOf(body.PhoneNumberSet) ||
		typeof body.TemplateId !== 'string' ||
		typeof body.SmsSdkAppId !== 'string'
	)
		return refusal('MissingParameter');
	if (body.PhoneNumberSet.length === 0) return refusal('MissingParameter.EmptyPhoneNumberSet');
	const SendStatusSet = body.PhoneNumberSet.map((number) => sendTo(body, number, inbox));
	return Response.json({ Response: { SendStatusSet, RequestId } });
}

function listTemplates(json: unknown): Response {
	const { International, TemplateIdSet } = json as { International?: unknown; TemplateIdSet?: unknown };
	if (International !== 0 || !Array.isArray(TemplateIdSet)) return refusal('MissingParameter');
	const DescribeTemplateStatusSet = (TemplateIdSet as unknown[]).flatMap((TemplateId) => {
		const found = templates[String(TemplateId)];
		return found
			? [{ TemplateId, International, StatusCode: found.status, TemplateContent: found.text }]
			: [];
	});
	return Response.json({ Response: { DescribeTemplateStatusSet, RequestId } });
}

const requestCodes = [
	'AuthFailure.SignatureFailure',
	'AuthFailure.SecretIdNotFound',
	'AuthFailure.SignatureExpire',
	'UnauthorizedOperation.SmsSdkAppIdVerifyFail',
	'UnauthorizedOperation.SerivceSuspendDueToArrears',
	'RequestLimitExceeded',
	'InternalError.Timeout',
	'InternalError.SendAndRecvFail',
];
const numberCodes = [
	'FailedOperation.SignatureIncorrectOrUnapproved',
	'FailedOperation.TemplateIncorrectOrUnapproved',
	'FailedOperation.TemplateParamSetNotMatchApprovedTemplate',
	'FailedOperation.InsufficientBalanceInSmsPackage',
	'FailedOperation.ContainSensitiveWord',
	'FailedOperation.PhoneNumberInBlacklist',
	'FailedOperation.FailResolvePacket',
	'InvalidParameterValue.IncorrectPhoneNumber',
	'LimitExceeded.PhoneNumberThirtySecondLimit',
	'LimitExceeded.PhoneNumberOneHourLimit',
	'LimitExceeded.PhoneNumberDailyLimit',
	'LimitExceeded.PhoneNumberSameContentDailyLimit',
	'LimitExceeded.DeliveryFrequencyLimit',
	'LimitExceeded.AppCountryOrRegionInBlacklist',
];

/** A refused number has its own status, in a request that succeeded. */
function refuseNumber(Code: string, { json }: EmulatedCall): Response {
	const [PhoneNumber] = (json as SendBody).PhoneNumberSet;
	const status = { SerialNo: '', PhoneNumber, Fee: 0, SessionContext: '', Code, Message: Code, IsoCode: '' };
	return Response.json({ Response: { SendStatusSet: [status], RequestId } });
}

const failures: Readonly<Record<string, EmulatedFailure>> = Object.fromEntries([
	...requestCodes.map((code): [string, EmulatedFailure] => [code, { answer: () => refusal(code) }]),
	...numberCodes.map((code): [string, EmulatedFailure] => [
		code,
		{ answer: (call) => refuseNumber(code, call) },
	]),
]);

/** @param now milliseconds since 1970, which the timestamps of requests are held against */
export async function startEmulator(port = 0, now = realTime): Promise<Emulator> {
	const inbox = new Inbox();
	const freshness = new Freshness(now, 300_000);
	const { secretId, secretKey, sdkAppId, signName } = account;
	const parts = {
		routes: {
			...inbox.routes,
			'POST /': (call: EmulatedCall) => {
				const fault = faultOf(call, freshness);
				if (fault) return refusal(fault);
				const action = call.headers.get('x-tc-action');
				if (typeof call.json !== 'object' || call.json === null) return refusal('InvalidParameter');
				if (action === 'SendSms') return send(call.json, inbox);
				return action === 'DescribeSmsTemplateList' ? listTemplates(call.json) : refusal('InvalidAction');
			},
		},
		pages: inbox.pages,
		failures,
		endpoints: { api: '/' },
		config: { secretId, secretKey, sdkAppId, signName, templateCode: '110000' },
		forget: () => inbox.forget(),
	};
	return startVendor(parts, port);
}
