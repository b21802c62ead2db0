/** Aliyun DirectMail on this machine: the gateway's signature, and the parameters of SingleSendMail. */
import { Acs3Gateway, acs3Error } from '@menshen/plugin-kit/acs3-gateway';
import { startVendor, type EmulatedFailure, type Emulator } from '@menshen/plugin-kit/emulator';
import { Inbox, realTime, type ReceivedMessage } from '@menshen/plugin-kit/inbox';

const account = {
	accessKeyId: 'LTAI5tEmulatorMail',
	accessKeySecret: 'emulated-mail-key-secret',
	version: '2015-11-23',
};
/** `0` is in use, `1` frozen. */
const addresses: Readonly<Record<string, string>> = {
	'id@mail.example.com': '0',
	'old@mail.example.com': '1',
};
const RequestId = '2D086F6-0000-4000-8000-000000000001';

const required = ['AccountName', 'AddressType', 'ReplyToAddress', 'ToAddress', 'Subject'];
const mailbox = /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/;
const tooLong = (text: string | null, most: number) => [...(text ?? '')].length > most;
const bodyBytes = (params: URLSearchParams) =>
	Math.max(...['TextBody', 'HtmlBody'].map((name) => Buffer.byteLength(params.get(name) ?? '')));

/** The rules of the parameters, each with what the vendor says when it is broken. */
const rules: readonly [(params: URLSearchParams) => boolean, string][] = [
	[(params) => !Object.hasOwn(addresses, params.get('AccountName') ?? ''), 'InvalidMailAddress.NotFound'],
	[(params) => addresses[params.get('AccountName') ?? ''] !== '0', 'InvalidMailAddressStatus.Malformed'],
	[(params) => !/^[01]$/.test(params.get('AddressType') ?? ''), 'InvalidAddressType.Malformed'],
	[(params) => !/^(true|false)$/.test(params.get('ReplyToAddress') ?? ''), 'InvalidReplyToAddress.Malformed'],
	[
		(params) => !(params.get('ToAddress') ?? '').split(',').every((to) => mailbox.test(to)),
		'InvalidToAddress',
	],
	[(params) => tooLong(params.get('Subject'), 100), 'InvalidSubject.Malformed'],
	[(params) => tooLong(params.get('FromAlias'), 14), 'InvalidFromAlias.Malformed'],
	[(params) => !params.get('TextBody') && !params.get('HtmlBody'), 'InvalidBody'],
	[(params) => bodyBytes(params) > 80 * 1024, 'InvalidBody'],
];

const textOf = (params: URLSearchParams, name: string): string => params.get(name) ?? '';

function mailOf(params: URLSearchParams): ReceivedMessage {
	const html = textOf(params, 'HtmlBody');
	return {
		channel: 'email',
		to: textOf(params, 'ToAddress'),
		subject: textOf(params, 'Subject'),
		text: textOf(params, 'TextBody'),
		...(html ? { html } : {}),
		facts: { from: textOf(params, 'AccountName'), alias: textOf(params, 'FromAlias') },
	};
}

function receive(params: URLSearchParams, inbox: Inbox): Response {
	const missing = required.find((name) => !params.get(name));
	if (missing) return acs3Error(400, `Missing${missing}`, `${missing} is mandatory for this action.`);
	const broken = rules.find(([isBroken]) => isBroken(params));
	if (broken) return acs3Error(broken[1].endsWith('NotFound') ? 404 : 400, broken[1], broken[1]);
	const number = inbox.add(mailOf(params));
	return Response.json({ EnvId: `60000000000000000${number}`, RequestId });
}

function query(params: URLSearchParams): Response {
	const word = params.get('KeyWord') ?? '';
	const mailAddress = Object.entries(addresses)
		.filter(([AccountName]) => AccountName.includes(word))
		.map(([AccountName, AccountStatus]) => ({ AccountName, AccountStatus, Sendtype: 'trigger' }));
	return Response.json({ RequestId, TotalCount: mailAddress.length, PageNumber: 1, data: { mailAddress } });
}

const codes: [number, string][] = [
	[404, 'InvalidMailAddress.NotFound'],
	[400, 'InvalidMailAddressStatus.Malformed'],
	[400, 'InvalidMailAddressSendType.Malformed'],
	[400, 'InvalidMailAddressDomain.Malformed'],
	[400, 'InvalidFromAlias.Malformed'],
	[400, 'InvalidToAddress'],
	[400, 'InvalidToAddress.Spam'],
	[400, 'InvalidSubject.Malformed'],
	[400, 'InvalidBody'],
	[400, 'InvalidSendMail.Spam'],
	[400, 'SignatureDoesNotMatch'],
	[404, 'InvalidAccessKeyId.NotFound'],
	[400, 'InvalidTimeStamp.Expired'],
	[400, 'SignatureNonceUsed'],
	[403, 'Forbidden.RAM'],
	[400, 'Throttling.User'],
	[503, 'ServiceUnavailable'],
	[500, 'InternalError'],
];
const failures: Readonly<Record<string, EmulatedFailure>> = Object.fromEntries(
	codes.map(([status, code]) => [code, { answer: () => acs3Error(status, code, code) }]),
);

/** @param now milliseconds since 1970, which the timestamps of requests are held against */
export async function startEmulator(port = 0, now = realTime): Promise<Emulator> {
	const inbox = new Inbox();
	const api = new Acs3Gateway(
		account,
		{ SingleSendMail: (params) => receive(params, inbox), QueryMailAddressByParam: query },
		now,
	);
	const { accessKeyId, accessKeySecret } = account;
	const parts = {
		routes: { ...inbox.routes, 'POST /': api.answer },
		pages: inbox.pages,
		failures,
		endpoints: { api: '/' },
		config: { accessKeyId, accessKeySecret, accountName: 'id@mail.example.com', fromAlias: '门神' },
		forget() {
			inbox.forget();
			api.forget();
		},
	};
	return startVendor(parts, port);
}
