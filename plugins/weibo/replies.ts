/** What Weibo answers. Numbers that name a person come as numbers here and as text there. */
import { z } from 'zod';
import { nameReply, pictureReply } from '@menshen/plugin-kit/profile';

const uid = z
	.union([z.string(), z.int()])
	.transform(String)
	.pipe(z.string().regex(/^\d{1,20}$/));

/** `POST /oauth2/access_token`. Its `uid` is for showing only: Weibo itself says not to rely on it. */
export const tokenReply = z.object({ access_token: z.string().min(1) });

/** `POST /oauth2/get_token_info`: the person and the application of the token; seconds that it lasts. */
export const tokenInfoReply = z.object({
	uid,
	appkey: z.union([z.string(), z.int()]).transform(String),
	expire_in: z.coerce.number(),
});

/** `GET /2/users/show.json` */
export const userReply = z.object({
	idstr: uid,
	screen_name: nameReply,
	/** 180 pixels. */
	avatar_large: pictureReply,
	/** 50 pixels. */
	profile_image_url: pictureReply,
});

/** Every failure, mostly under a status of 400 and above, at times under 200. */
export const failureReply = z.object({ error_code: z.coerce.number().int().default(0) });
