/** WeChat in a native app: its SDK brings the app a code, which only this server can redeem. */
import { z } from 'zod';
import { definePlugin, PluginFailure, type PluginContext, type TicketToRedeem } from '@menshen/plugin-kit';
import manifest from './manifest.json';
import { tokenOf, userOf } from './replies';

const configSchema = z.object({
	appId: z.string().regex(/^\w+$/),
	appSecret: z.string().regex(/^[\x21-\x7e]+$/),
});
type Context = PluginContext<z.output<typeof configSchema>>;

async function exchange(code: string, { http, config }: Context) {
	const query = { appid: config.appId, secret: config.appSecret, code, grant_type: 'authorization_code' };
	return tokenOf(await http('api', { path: '/sns/oauth2/access_token', query }));
}

async function profileOf({ access_token, openid, unionid }: ReturnType<typeof tokenOf>, { http }: Context) {
	const query = { access_token, openid, lang: 'zh_CN' };
	const user = userOf(await http('api', { path: '/sns/userinfo', query }));
	if (user.openid !== openid || (unionid && user.unionid && user.unionid !== unionid))
		throw new PluginFailure('unavailable', 'userinfo speaks of somebody else than the token');
	return user;
}

/** What WeChat gives out are short visible texts. Anything else is answered without asking it. */
const code = /^[\x21-\x7e]{1,512}$/;

async function redeem({ ticket }: TicketToRedeem, context: Context) {
	if (!code.test(ticket)) throw new PluginFailure('refused', 'the ticket is none that WeChat gives out');
	const token = await exchange(ticket, context);
	const user = /\bsnsapi_userinfo\b/.test(token.scope) ? await profileOf(token, context) : undefined;
	const unionid = token.unionid ?? user?.unionid;
	return {
		subject: token.openid,
		scope: `openid:${context.config.appId}`,
		also: unionid ? [{ subject: unionid, scope: 'unionid' }] : [],
		profile: user?.profile ?? {},
	};
}

/** A code that was never issued: for valid settings WeChat reports just that. */
async function selfTest(context: Context): Promise<void> {
	const failure = await exchange('self-test', context).then(
		() => new PluginFailure('unavailable', 'WeChat took a code that it never gave out'),
		(error: unknown) => error,
	);
	if (!(failure instanceof PluginFailure) || failure.reason !== 'refused') throw failure;
}

export default definePlugin({ manifest, config: configSchema, selfTest, ticket: { redeem } });
