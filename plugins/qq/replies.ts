/**
 * What QQ Connect answers. The same answer comes as JSON, as `callback( {…} );` or as a form, whatever was asked
 * for: the parameter `fmt=json` is honoured by some of its servers only.
 */
import { z } from 'zod';
import { jsonOf, PluginFailure, textOf, type HttpReply } from '@menshen/plugin-kit';
import { nameReply, pictureReply } from '@menshen/plugin-kit/profile';

const id = z.string().min(1).max(255);

/** `GET /oauth2.0/token` */
export const tokenReply = z.object({ access_token: z.string().min(1) });

/** `GET /oauth2.0/me` with `unionid=1` */
export const meReply = z.object({ client_id: z.coerce.string(), openid: id, unionid: id.optional() });

/** How `/oauth2.0/…` fails; 0 where it does not. */
export const failureReply = z.object({ error: z.coerce.number().int().default(0) });

/** `GET /user/get_user_info`. `ret` other than 0 is a failure. */
export const infoReply = z.object({
	ret: z.int(),
	nickname: nameReply,
	/** 100 pixels: not every user has one. */
	figureurl_qq_2: pictureReply,
	/** 40 pixels. */
	figureurl_qq_1: pictureReply,
});

/** `callback( {…} );` → `{…}` */
function unwrapped(text: string): string | undefined {
	const call = text.replace(/;$/, '').trimEnd();
	const from = call.indexOf('(');
	return /^\w+\s*$/.test(call.slice(0, from)) && call.endsWith(')') ? call.slice(from + 1, -1) : undefined;
}

/** The answer as JSON text. */
function jsonTextOf(text: string): string {
	const isForm = /^\w+=[^\s{}<>]*$/.test(text);
	if (isForm) return JSON.stringify(Object.fromEntries(new URLSearchParams(text)));
	return unwrapped(text) ?? text;
}

/** @throws {PluginFailure} `unavailable` for anything but the shape, in one of the three spellings. */
export function looseOf<T>(reply: HttpReply, schema: z.ZodType<T>): T {
	if (reply.status >= 500) throw new PluginFailure('unavailable', `HTTP ${reply.status}`);
	return jsonOf({ ...reply, body: new TextEncoder().encode(jsonTextOf(textOf(reply).trim())) }, schema);
}
