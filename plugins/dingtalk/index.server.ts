/** DingTalk: OAuth 2.0 in any browser, and the one-time code that its client gives a page inside DingTalk. */
import { z } from 'zod';
import {
	definePlugin,
	jsonOf,
	PluginFailure,
	type HttpReply,
	type PluginContext,
	type RedirectReturn,
	type RedirectStart,
	type TicketToRedeem,
} from '@menshen/plugin-kit';
import { apiFailureOf, oapiFailureOf, returnFailureOf } from './failures';
import manifest from './manifest.json';
import {
	apiFailure,
	appTokenReply,
	companyTokenReply,
	memberResult,
	meReply,
	oapiFrame,
	userTokenReply,
	visitorResult,
} from './replies';

const configSchema = z.object({
	clientId: z.string(),
	clientSecret: z.string(),
	// It becomes part of a path.
	corpId: z
		.string()
		.regex(/^[\w-]+$/)
		.optional(),
});
type Config = z.output<typeof configSchema>;
type Context = PluginContext<Config>;

/** An answer of the api host: the status shows a failure. */
function answerOf<T>(reply: HttpReply, schema: z.ZodType<T>): T {
	if (reply.status < 400) return jsonOf(reply, schema);
	const { code, accessdenieddetail } = jsonOf(reply, apiFailure);
	throw apiFailureOf(code, accessdenieddetail?.requiredScopes);
}

/** An answer of the oapi host: `errcode` shows a failure, under the status 200. */
async function callOapi<T>(
	context: Context,
	request: { path: string; token: string; json: Record<string, string> },
	schema: z.ZodType<T>,
): Promise<T> {
	const { path, token, json } = request;
	const reply = await context.http('oapi', { path, query: { access_token: token }, json });
	const { errcode, sub_code, result } = jsonOf(reply, oapiFrame);
	if (errcode !== 0) throw oapiFailureOf(String(errcode === 88 ? (sub_code ?? errcode) : errcode));
	const parsed = schema.safeParse(result);
	if (parsed.success) return parsed.data;
	throw new PluginFailure('unavailable', `${path} answered an unexpected shape`);
}

/** E.164. The country code is a separate field, or part of the number for foreign ones. */
function phoneOf(mobile: string | undefined, stateCode: string | undefined): string | undefined {
	const digits = mobile?.replace(/[\s-]/g, '') ?? '';
	const full = digits.startsWith('+') ? digits : `+${stateCode ?? ''}${digits}`;
	return (digits.startsWith('+') || stateCode) && /^\+[1-9]\d{6,14}$/.test(full) ? full : undefined;
}

const verified = (phone: string | undefined) => (phone ? { phone, phoneVerified: true } : {});

function begin({ redirectUri, state }: RedirectStart, { config, address }: Context) {
	const url = new URL(address('authorize'));
	const query = new URLSearchParams({
		client_id: config.clientId,
		redirect_uri: redirectUri,
		state,
		response_type: 'code',
		prompt: 'consent',
		// `corpid` makes the person choose a company, and the answer name it.
		...(config.corpId ? { scope: 'openid corpid', corpId: config.corpId } : { scope: 'openid' }),
	});
	// DingTalk documents %20 between scopes.
	url.search = query.toString().replaceAll('+', '%20');
	return { url: url.href };
}

async function userTokenOf(code: string, { http, config }: Context): Promise<string> {
	const { clientId, clientSecret, corpId } = config;
	const json = { clientId, clientSecret, code, grantType: 'authorization_code' };
	const reply = answerOf(await http('api', { path: '/v1.0/oauth2/userAccessToken', json }), userTokenReply);
	// The parameters in the browser prove nothing: only the answer counts.
	if (corpId && reply.corpId !== corpId)
		throw new PluginFailure('refused', 'the person signed in as a member of another company');
	return reply.accessToken;
}

async function finish({ query }: RedirectReturn, context: Context) {
	const code = query['authCode'];
	if (!code) throw returnFailureOf(query['error']);
	const headers = { 'x-acs-dingtalk-access-token': await userTokenOf(code, context) };
	const me = answerOf(await context.http('api', { path: '/v1.0/contact/users/me', headers }), meReply);
	const phone = phoneOf(me.mobile, me.stateCode);
	return {
		subject: me.unionId,
		scope: 'unionid',
		also: [{ subject: me.openId, scope: `openid:${context.config.clientId}` }],
		profile: {
			name: me.nick,
			avatar: me.avatarUrl,
			email: me.email,
			// A company may write any number into the accounts it owns: numbers from another company prove nothing.
			...(context.config.corpId ? verified(phone) : { phone }),
		},
	};
}

/**
 * With a company, DingTalk itself ensures that the token, and so every code it redeems, belongs to that company.
 */
async function appTokenOf({ http, config }: Context): Promise<string> {
	const { clientId, clientSecret, corpId } = config;
	if (corpId) {
		const json = { client_id: clientId, client_secret: clientSecret, grant_type: 'client_credentials' };
		const reply = await http('api', { path: `/v1.0/oauth2/${corpId}/token`, json });
		return answerOf(reply, companyTokenReply).access_token;
	}
	const json = { appKey: clientId, appSecret: clientSecret };
	return answerOf(await http('api', { path: '/v1.0/oauth2/accessToken', json }), appTokenReply).accessToken;
}

/** A `userid` may be given to the next employee, so it does not identify a person: only the unionid is. */
async function redeem({ ticket }: TicketToRedeem, context: Context) {
	const token = await appTokenOf(context);
	const visitor = await callOapi(
		context,
		{ path: '/topapi/v2/user/getuserinfo', token, json: { code: ticket } },
		visitorResult,
	);
	const language = context.locale === 'zh-CN' ? 'zh_CN' : 'en_US';
	const member = await callOapi(
		context,
		{ path: '/topapi/v2/user/get', token, json: { userid: visitor.userid, language } },
		memberResult,
	);
	if (member.userid !== visitor.userid || member.unionid !== (visitor.unionid ?? member.unionid))
		throw new PluginFailure('unavailable', 'DingTalk answered about two different people');
	const phone = phoneOf(member.mobile, member.state_code);
	return {
		subject: member.unionid,
		scope: 'unionid',
		profile: {
			name: member.name,
			avatar: member.avatar,
			email: member.email,
			...(member.exclusive_account ? { phone } : verified(phone)),
		},
	};
}

export default definePlugin<Config>({
	manifest,
	config: configSchema,
	selfTest: async (context) => void (await appTokenOf(context)),
	redirect: { begin, finish },
	ticket: { redeem },
});
