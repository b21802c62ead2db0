/** What DingTalk answers. The api host speaks camelCase and HTTP statuses, the older oapi host `errcode` under 200. */
import { z } from 'zod';
import { nameReply, pictureReply } from '@menshen/plugin-kit/profile';

const id = z.string().min(1).max(255);

const email = z.email().max(254).optional().catch(undefined);
const text = z.string().optional().catch(undefined);

/** `POST /v1.0/oauth2/userAccessToken`. `corpId`: the company that the person chose, with the scope `corpid`. */
export const userTokenReply = z.object({ accessToken: z.string().min(1), corpId: z.string().optional() });

/** `GET /v1.0/contact/users/me` */
export const meReply = z.object({
	unionId: id,
	openId: id,
	nick: nameReply,
	avatarUrl: pictureReply,
	mobile: text,
	stateCode: text,
	email,
});

/** `POST /v1.0/oauth2/accessToken` */
export const appTokenReply = z.object({ accessToken: z.string().min(1) });
/** `POST /v1.0/oauth2/{corpId}/token` */
export const companyTokenReply = z.object({ access_token: z.string().min(1) });

/** Every failure of the api host. */
export const apiFailure = z.object({
	code: z.string().max(200),
	accessdenieddetail: z.object({ requiredScopes: z.array(z.string().max(100)).max(20) }).optional(),
});

/** The frame of every answer of the oapi host. The code 88 stands for the finer one in `sub_code`. */
export const oapiFrame = z.object({
	errcode: z.int(),
	sub_code: z.union([z.string().max(100), z.int()]).optional(),
	result: z.unknown().optional(),
});

/** `POST /topapi/v2/user/getuserinfo` */
export const visitorResult = z.object({ userid: id, unionid: id.optional() });

/** `POST /topapi/v2/user/get` */
export const memberResult = z.object({
	userid: id,
	unionid: id,
	name: nameReply,
	avatar: pictureReply,
	mobile: text,
	state_code: text,
	email,
	/** An account made by the company, whose phone number nobody has proved. */
	exclusive_account: z.boolean().optional().catch(undefined),
});
