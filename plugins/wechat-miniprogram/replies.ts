/**
 * What WeChat answers: HTTP 200 with JSON as `text/plain`, errors as `errcode` in it. Only the fields named here
 * leave this file; the session_key that comes with an openid is dropped where it is read.
 */
import { z } from 'zod';
import { jsonOf, PluginFailure, type FailureReason, type HttpReply } from '@menshen/plugin-kit';

/** One of WeChat's numbers, kept because a stale access token is renewed by it. */
export class WechatRefusal extends PluginFailure {
	readonly errcode: number;

	constructor(reason: FailureReason, call: string, errcode: number) {
		const text = texts[errcode];
		super(reason, `${call}: errcode ${errcode}${text ? `, ${text}` : ''}`);
		this.name = 'WechatRefusal';
		this.errcode = errcode;
	}
}

/** For operators: what to look at. WeChat's own errmsg may repeat what it was sent, so it stays here. */
const texts: Readonly<Record<number, string>> = {
	[-1]: 'WeChat is busy',
	40013: 'WeChat does not know this AppID, or the code is another mini program’s',
	40029: 'the code is invalid or expired',
	40125: 'the AppSecret is wrong',
	40163: 'the code was used before',
	40164: 'the address of this server is not in the IP whitelist of the mini program',
	40226: 'WeChat blocks this person',
	41030: 'the page is not in the published mini program',
	45009: 'the daily quota is used up',
	45011: 'too many calls in this minute',
	45029: 'the 100,000 codes of the path form are used up',
	48001: 'the mini program has no permission for this call',
	50002: 'the account of this person is restricted',
};

/** Numbers that mean the same at every call. Any other is WeChat's own failure: `unavailable`. */
const everywhere: Readonly<Record<number, FailureReason>> = {
	40002: 'config',
	40013: 'config',
	40125: 'config',
	40164: 'config',
	41002: 'config',
	41004: 'config',
	48001: 'config',
	48004: 'config',
	61004: 'config',
};

/** One kind of call: its name in the log, and the numbers that mean something special there. */
interface Call {
	name: string;
	here: Readonly<Record<number, FailureReason>>;
}

export const calls = {
	// 45011 counts the logins of one person here: that person's rush must not look like an outage.
	session: {
		name: 'jscode2session',
		here: {
			40029: 'refused',
			40163: 'refused',
			40226: 'refused',
			41008: 'refused',
			45011: 'refused',
			50002: 'refused',
		},
	},
	token: { name: 'stable_token', here: { 40001: 'config' } },
	// Here 40013 says that the code came from another mini program.
	phone: {
		name: 'getuserphonenumber',
		here: { 40013: 'refused', 40029: 'refused', 40163: 'refused', 41008: 'refused' },
	},
	scene: { name: 'getwxacodeunlimit', here: { 40097: 'config', 40169: 'config', 41030: 'config' } },
	path: { name: 'getwxacode', here: { 40097: 'config', 40159: 'config', 41030: 'config', 45029: 'config' } },
} as const satisfies Record<string, Call>;

const errorShape = z.object({ errcode: z.number().optional() });

function answerOf<T>({ name, here }: Call, reply: HttpReply, schema: z.ZodType<T>): T {
	if (reply.status !== 200) throw new PluginFailure('unavailable', `${name}: HTTP ${reply.status}`);
	const { errcode } = jsonOf(reply, errorShape);
	if (errcode) throw new WechatRefusal(here[errcode] ?? everywhere[errcode] ?? 'unavailable', name, errcode);
	return jsonOf(reply, schema);
}

const id = z.string().min(1).max(128);
/** A person without a unionid may have it absent, null or empty. */
const optionalId = z
	.union([id, z.literal(''), z.null()])
	.optional()
	.transform((value) => value || undefined);

const session = z.object({ openid: id, unionid: optionalId });

/** code2Session. The session_key in the reply is not in the schema, so it goes nowhere. */
export const sessionOf = (reply: HttpReply) => answerOf(calls.session, reply, session);

const token = z.object({ access_token: z.string().min(1).max(2048), expires_in: z.number().positive() });

/** getStableAccessToken. `expires_in` in seconds. */
export const tokenOf = (reply: HttpReply) => answerOf(calls.token, reply, token);

const phone = z.object({
	phone_info: z.object({
		purePhoneNumber: z.string().regex(/^\d{4,15}$/),
		/** A number in the example of the documentation, a text in reality. */
		countryCode: z
			.union([z.number(), z.string()])
			.transform(String)
			.pipe(z.string().regex(/^[1-9]\d{0,3}$/)),
		watermark: z.object({ appid: z.string() }),
	}),
});

/** getPhoneNumber. @returns E.164, and the mini program that the person gave it to */
export function phoneOf(reply: HttpReply): { phone: string; appid: string } {
	const { phone_info: info } = answerOf(calls.phone, reply, phone);
	return { phone: `+${info.countryCode}${info.purePhoneNumber}`, appid: info.watermark.appid };
}

const begins = (bytes: Uint8Array, ...start: number[]) => start.every((byte, at) => bytes[at] === byte);

/** Both drawing calls answer the bare picture, or JSON when they cannot. */
export function pictureOf(
	call: Call,
	reply: HttpReply,
): { image: Uint8Array; type: 'image/jpeg' | 'image/png' } {
	const { body: image, status } = reply;
	if (status === 200 && begins(image, 0xff, 0xd8, 0xff)) return { image, type: 'image/jpeg' };
	if (status === 200 && begins(image, 0x89, 0x50, 0x4e, 0x47)) return { image, type: 'image/png' };
	answerOf(call, reply, z.object({}));
	throw new PluginFailure('unavailable', `${call.name}: no picture in the answer`);
}
