/**
 * The mini program's access token: kept in memory until shortly before it expires, asked for by the stable call,
 * which gives every process the same one instead of making the others' invalid.
 */
import { createHash } from 'node:crypto';
import type { PluginContext } from '@menshen/plugin-kit';
import type { Config } from './config';
import { tokenOf, WechatRefusal } from './replies';

type Context = PluginContext<Config>;

const marginMs = 2 * 60_000;
/** More mini programs than one process serves at a time. */
const mostKept = 500;
/** WeChat's numbers for a token that is wrong, no token, or too old. */
const staleCodes = new Set([40001, 40014, 42001]);

const kept = new Map<string, { token: string; until: number }>();

/**
 * The secret is part of the key, so that an app with a wrong secret cannot use a token fetched with the right one.
 */
function shelfOf({ config, address }: Context): string {
	const pair = JSON.stringify([address('api'), config.appId, config.appSecret]);
	return createHash('sha256').update(pair).digest('base64');
}

/** Asks WeChat. @throws {PluginFailure} `config` when app id, secret or IP whitelist are wrong */
export async function fetchToken(context: Context): Promise<string> {
	const { config, http, now } = context;
	const reply = await http('api', {
		path: '/cgi-bin/stable_token',
		json: {
			grant_type: 'client_credential',
			appid: config.appId,
			secret: config.appSecret,
			force_refresh: false,
		},
	});
	const { access_token: token, expires_in: seconds } = tokenOf(reply);
	const shelf = shelfOf(context);
	kept.delete(shelf);
	kept.set(shelf, { token, until: now() + seconds * 1000 - marginMs });
	const [oldest] = kept.keys();
	if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
	return token;
}

function currentToken(context: Context): Promise<string> | string {
	const found = kept.get(shelfOf(context));
	return found && found.until > context.now() ? found.token : fetchToken(context);
}

/** Makes a call with a token. One that WeChat no longer accepts is renewed, once. */
export async function withToken<T>(context: Context, work: (token: string) => Promise<T>): Promise<T> {
	try {
		return await work(await currentToken(context));
	} catch (error) {
		if (!(error instanceof WechatRefusal) || error.reason === 'config' || !staleCodes.has(error.errcode))
			throw error;
		return work(await fetchToken(context));
	}
}
