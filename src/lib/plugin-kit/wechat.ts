/**
 * WeChat's answers to a sign-in by a code, on the web and in apps: HTTP 200 with JSON as `text/plain`,
 * errors as `errcode` in it.
 */
import { z } from 'zod';
import type { HttpReply } from './context';
import { PluginFailure, type FailureReason } from './failures';
import { jsonOf, textOf } from './replies';

/** For operators: what to look at. WeChat's own errmsg may repeat what it was sent, so it stays here. */
const meanings: Readonly<Record<number, [FailureReason, string]>> = {
	[-1]: ['unavailable', 'WeChat is busy'],
	40001: ['unavailable', 'WeChat does not take the token it gave just now'],
	40002: ['config', 'the account is of another kind'],
	40013: ['config', 'WeChat does not know this AppID'],
	40029: ['refused', 'the code is invalid or expired'],
	40125: ['config', 'the AppSecret is wrong'],
	40163: ['refused', 'the code was used before'],
	40226: ['refused', 'WeChat blocks this person'],
	41002: ['config', 'the AppID is missing'],
	41004: ['config', 'the AppSecret is missing'],
	41008: ['refused', 'the code is missing'],
	42003: ['refused', 'the code is expired'],
	45011: ['unavailable', 'too many calls in this minute'],
	48001: ['config', 'the account has no permission to read profiles'],
	48004: ['config', 'WeChat has blocked the account'],
	50002: ['refused', 'the account of this person is restricted'],
};

/** @param call its name, for operators @throws {PluginFailure} for every errcode, and for an invalid answer */
export function wechatAnswerOf<T>(call: string, reply: HttpReply, schema: z.ZodType<T>): T {
	if (reply.status !== 200) throw new PluginFailure('unavailable', `${call}: HTTP ${reply.status}`);
	const { errcode } = jsonOf(reply, z.object({ errcode: z.number().optional() }));
	if (!errcode) return jsonOf(reply, schema);
	const [reason, text] = meanings[errcode] ?? ['unavailable', 'see the documentation of WeChat'];
	throw new PluginFailure(reason, `${call}: errcode ${errcode}, ${text}`);
}

const id = z.string().min(1).max(128);
/** A person without a unionid may have it absent, null or empty. */
const optionalId = z
	.union([id, z.literal(''), z.null()])
	.optional()
	.transform((value) => value || undefined);

/** What a code is exchanged for. */
export const wechatToken = z.object({
	access_token: z.string().min(1).max(2048),
	openid: id,
	unionid: optionalId,
	scope: z.string().max(200).default(''),
});

/** The nickname of all people who do not share theirs. */
const nobody = '微信用户';

const user = z.object({
	openid: id,
	unionid: optionalId,
	nickname: z.string().max(2000).nullish(),
	headimgurl: z.string().max(4000).nullish(),
});

export interface WechatUser {
	openid: string;
	unionid?: string;
	profile: { name?: string; avatar?: string };
}

function avatarOf(address: string): string | undefined {
	const url = address.replace(/^http:/, 'https:');
	return url.startsWith('https:') && URL.canParse(url) && url.length <= 2048 ? url : undefined;
}

/** Nicknames have been seen to hold bare control characters, which JSON forbids and people cannot see. */
function withoutControls(reply: HttpReply): HttpReply {
	return { ...reply, body: new TextEncoder().encode(textOf(reply).replace(/\p{Cc}/gu, ' ')) };
}

/** The profile behind a token. */
export function wechatUserOf(reply: HttpReply): WechatUser {
	const { openid, unionid, nickname, headimgurl } = wechatAnswerOf('userinfo', withoutControls(reply), user);
	const name = nickname?.trim().slice(0, 200);
	const avatar = avatarOf(headimgurl ?? '');
	return {
		openid,
		...(unionid ? { unionid } : {}),
		profile: { ...(name && name !== nobody ? { name } : {}), ...(avatar ? { avatar } : {}) },
	};
}
