/** The settings: two accounts of WeChat, either of which may be missing. */
import { z } from 'zod';

const appId = z.string().regex(/^\w+$/).optional();
const secret = z
	.string()
	.regex(/^[\x21-\x7e]+$/)
	.optional();

export const configSchema = z
	.object({
		websiteAppId: appId,
		websiteAppSecret: secret,
		officialAppId: appId,
		officialAppSecret: secret,
		officialScope: z.enum(['snsapi_userinfo', 'snsapi_base']),
	})
	.superRefine((config, { addIssue }) => {
		for (const half of halves) {
			const id = config[`${half}AppId`];
			const own = config[`${half}AppSecret`];
			if (!id !== !own)
				addIssue({ code: 'custom', message: 'half filled', path: [`${half}App${id ? 'Secret' : 'Id'}`] });
		}
		if (!config.websiteAppId && !config.officialAppId)
			addIssue({ code: 'custom', message: 'no account', path: ['websiteAppId'] });
	});
export type Config = z.output<typeof configSchema>;

/** `website`: browsers outside WeChat. `official`: the one inside. Named as the endpoints they begin at. */
export const halves = ['website', 'official'] as const;
export type Half = (typeof halves)[number];

export interface Account {
	half: Half;
	appId: string;
	secret: string;
	scope: string;
}

/** @returns undefined for a half that is not set up */
export function accountOf(half: Half, config: Config): Account | undefined {
	const [appId, own] = [config[`${half}AppId`], config[`${half}AppSecret`]];
	const scope = half === 'website' ? 'snsapi_login' : config.officialScope;
	return appId && own ? { half, appId, secret: own, scope } : undefined;
}
