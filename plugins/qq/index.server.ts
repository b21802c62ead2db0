/** QQ Connect: OAuth 2.0 with an openid that has to be asked for apart. */
import { z } from 'zod';
import {
	definePlugin,
	jsonOf,
	PluginFailure,
	type PluginContext,
	type RedirectReturn,
	type RedirectStart,
} from '@menshen/plugin-kit';
import { noUnionIds, QqFailure } from './failures';
import manifest from './manifest.json';
import { failureReply, infoReply, looseOf, meReply, tokenReply } from './replies';

const configSchema = z.object({ appId: z.string(), appKey: z.string() });
type Context = PluginContext<z.output<typeof configSchema>>;
type Query = Readonly<Record<string, string>>;

/** One call below `/oauth2.0`, whose failures say `error`. */
async function callOauth<T>(
	context: Context,
	call: { path: string; query: Query },
	schema: z.ZodType<T>,
): Promise<T> {
	const reply = await context.http('graph', call);
	const { error } = looseOf(reply, failureReply);
	if (error !== 0) throw new QqFailure(error);
	return looseOf(reply, schema);
}

function begin({ redirectUri, state }: RedirectStart, { config, address }: Context) {
	const url = new URL(address('authorize'));
	const query = {
		response_type: 'code',
		client_id: config.appId,
		redirect_uri: redirectUri,
		state,
		scope: 'get_user_info',
	};
	url.search = new URLSearchParams(query).toString();
	return { url: url.href };
}

/** QQ reports mistakes of the application in `code` as well, beside a `msg`. */
function codeOf({ code, msg, usercancel = '0' }: Query): string {
	if (usercancel !== '0' || !code) throw new PluginFailure('cancelled', 'the person turned back at QQ');
	if (msg !== undefined && /^\d{4,6}$/.test(code)) throw new QqFailure(Number(code));
	return code;
}

async function tokenOf(code: string, redirectUri: string, context: Context): Promise<string> {
	const { appId: client_id, appKey: client_secret } = context.config;
	const query = {
		grant_type: 'authorization_code',
		client_id,
		client_secret,
		code,
		redirect_uri: redirectUri,
		fmt: 'json',
	};
	return (await callOauth(context, { path: '/oauth2.0/token', query }, tokenReply)).access_token;
}

/** The person of a token. Most applications may not see unionids: then the openid is used. */
async function personOf(access_token: string, context: Context) {
	const ask = (more: Query) =>
		callOauth(context, { path: '/oauth2.0/me', query: { access_token, fmt: 'json', ...more } }, meReply);
	const me = await ask({ unionid: '1' }).catch((error: unknown) => {
		if (error instanceof QqFailure && error.code === noUnionIds) return ask({});
		throw error;
	});
	// A token that was given to another application would sign in a person who only visited that one.
	if (me.client_id !== context.config.appId)
		throw new PluginFailure('refused', 'the token was given to another application');
	return me;
}

async function profileOf(access_token: string, openid: string, context: Context) {
	const query = { access_token, oauth_consumer_key: context.config.appId, openid };
	const info = jsonOf(await context.http('graph', { path: '/user/get_user_info', query }), infoReply);
	if (info.ret !== 0) throw new QqFailure(info.ret);
	return { name: info.nickname, avatar: info.figureurl_qq_2 ?? info.figureurl_qq_1 };
}

async function finish({ query, redirectUri }: RedirectReturn, context: Context) {
	const token = await tokenOf(codeOf(query), redirectUri, context);
	const { openid, unionid } = await personOf(token, context);
	return {
		subject: openid,
		scope: `openid:${context.config.appId}`,
		also: unionid ? [{ subject: unionid, scope: 'unionid' }] : [],
		profile: await profileOf(token, openid, context),
	};
}

/** A code that was never issued, for an unregistered address: QQ objects to them, or to App ID and key. */
async function selfTest(context: Context): Promise<void> {
	try {
		await tokenOf('selftest', 'https://selftest.invalid/', context);
	} catch (error) {
		const addressFirst = error instanceof QqFailure && error.code === 100010;
		if (addressFirst || (error instanceof PluginFailure && error.reason === 'refused')) return;
		throw error;
	}
}

export default definePlugin<z.output<typeof configSchema>>({
	manifest,
	config: configSchema,
	selfTest,
	redirect: { begin, finish },
});
