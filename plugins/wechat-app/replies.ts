/** What the exchange of a code and the reading of a profile answer, as in all worlds of WeChat. */
import type { HttpReply } from '@menshen/plugin-kit';
import { wechatAnswerOf, wechatToken, wechatUserOf } from '@menshen/plugin-kit/wechat';

/** The exchange of a code. */
export const tokenOf = (reply: HttpReply) => wechatAnswerOf('access_token', reply, wechatToken);
export const userOf = wechatUserOf;
