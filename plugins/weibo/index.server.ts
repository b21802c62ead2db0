/** Weibo: OAuth 2.0, where a call returns the person and the application of a token. */
import { z } from 'zod';
import {
	definePlugin,
	jsonOf,
	PluginFailure,
	type HttpRequest,
	type PluginContext,
	type RedirectReturn,
	type RedirectStart,
} from '@menshen/plugin-kit';
import { redirectMismatch, returnFailureOf, WeiboFailure } from './failures';
import manifest from './manifest.json';
import { failureReply, tokenInfoReply, tokenReply, userReply } from './replies';

const configSchema = z.object({ appKey: z.string(), appSecret: z.string() });
type Context = PluginContext<z.output<typeof configSchema>>;

async function call<T>(context: Context, request: HttpRequest, schema: z.ZodType<T>): Promise<T> {
	const reply = await context.http('api', request);
	const { error_code } = jsonOf(reply, failureReply);
	if (error_code !== 0) throw new WeiboFailure(error_code);
	if (reply.status >= 400) throw new PluginFailure('unavailable', `Weibo answered HTTP ${reply.status}`);
	return jsonOf(reply, schema);
}

function begin({ redirectUri, state }: RedirectStart, { config, address }: Context) {
	const url = new URL(address('authorize'));
	const query = { client_id: config.appKey, response_type: 'code', redirect_uri: redirectUri, state };
	url.search = new URLSearchParams(query).toString();
	return { url: url.href };
}

async function tokenOf(code: string, redirectUri: string, context: Context): Promise<string> {
	const form = {
		client_id: context.config.appKey,
		client_secret: context.config.appSecret,
		grant_type: 'authorization_code',
		code,
		redirect_uri: redirectUri,
	};
	return (await call(context, { path: '/oauth2/access_token', form }, tokenReply)).access_token;
}

/** The person of a token. A token given to another application would sign in a person who only visited that one. */
async function ownerOf(access_token: string, context: Context): Promise<string> {
	const request = { path: '/oauth2/get_token_info', form: { access_token } };
	const { uid, appkey, expire_in } = await call(context, request, tokenInfoReply);
	if (appkey !== context.config.appKey)
		throw new PluginFailure('refused', 'the token was given to another application');
	if (expire_in <= 0) throw new PluginFailure('refused', 'the token is no longer valid');
	return uid;
}

async function profileOf(access_token: string, uid: string, context: Context) {
	const request = { path: '/2/users/show.json', query: { access_token, uid } };
	const user = await call(context, request, userReply);
	if (user.idstr !== uid) throw new PluginFailure('unavailable', 'Weibo answered about somebody else');
	return { name: user.screen_name, avatar: user.avatar_large ?? user.profile_image_url };
}

async function finish({ query, redirectUri }: RedirectReturn, context: Context) {
	const code = query['code'];
	if (!code) throw returnFailureOf(query);
	const token = await tokenOf(code, redirectUri, context);
	const uid = await ownerOf(token, context);
	return { subject: uid, scope: 'user', profile: await profileOf(token, uid, context) };
}

/** A code that was never issued, for an unregistered address: Weibo objects to them, or to key and secret. */
async function selfTest(context: Context): Promise<void> {
	try {
		await tokenOf('selftest', 'https://selftest.invalid/', context);
	} catch (error) {
		const addressFirst = error instanceof WeiboFailure && error.code === redirectMismatch;
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
