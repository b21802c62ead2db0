/** What WeChat's pages and the exchange of a code answer; the profile is as in all worlds of WeChat. */
import { z } from 'zod';
import { PluginFailure, type HttpReply } from '@menshen/plugin-kit';
import { wechatAnswerOf, wechatToken, wechatUserOf } from '@menshen/plugin-kit/wechat';

const token = wechatToken.extend({
	/** 1: the page was a snapshot, and the person in it is made up. */
	is_snapshotuser: z.number().nullish(),
});

/**
 * The exchange of a code.
 * @throws {PluginFailure} `refused` for the visitor of a snapshot, who is not a real person
 */
export function tokenOf(reply: HttpReply): {
	accessToken: string;
	openid: string;
	unionid?: string;
	scope: string;
} {
	const {
		access_token: accessToken,
		is_snapshotuser: snapshot,
		...rest
	} = wechatAnswerOf('access_token', reply, token);
	if (snapshot)
		throw new PluginFailure('refused', 'WeChat shows the page as a snapshot, with a person it made up');
	return {
		accessToken,
		openid: rest.openid,
		scope: rest.scope,
		...(rest.unionid ? { unionid: rest.unionid } : {}),
	};
}

export const userOf = wechatUserOf;
