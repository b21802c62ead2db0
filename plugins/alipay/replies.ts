/** What Alipay answers inside the signed node of each method. */
import { z } from 'zod';
import { nameReply, pictureReply } from '@menshen/plugin-kit/profile';

const id = z.string().min(1).max(255).optional();

/** Newer applications get `open_id` (and `union_id`), older ones `user_id`. */
const namesReply = z.object({ open_id: id, union_id: id, user_id: id });

/** `alipay.system.oauth.token`. A success has no `code`. */
export const tokenReply = namesReply.extend({ access_token: z.string().min(1) });
export type TokenReply = z.output<typeof tokenReply>;

/** `alipay.user.info.share` */
export const infoReply = namesReply.extend({
	nick_name: nameReply,
	avatar: pictureReply,
});

/** `error_response`, and a method's own node where the method failed. `10000` is success. */
export const outcome = z.object({
	code: z.string().max(20).optional(),
	sub_code: z.string().max(200).optional(),
});

/** The whole answer: nodes, and the signature of the one that counts. */
export const envelope = z.looseObject({ sign: z.string().max(2000).optional() });
