/**
 * WeChat in a browser: the QR page of the Open Platform outside WeChat, the official account's consent inside.
 * The two are different accounts with different openids; the unionid shows that it is one person.
 */
import {
	definePlugin,
	PluginFailure,
	type PluginContext,
	type RedirectReturn,
	type RedirectStart,
} from '@menshen/plugin-kit';
import { accountOf, configSchema, halves, type Account, type Config } from './config';
import manifest from './manifest.json';
import { tokenOf, userOf } from './replies';

type Context = PluginContext<Config>;

/**
 * `cancelled` tells the person to choose another way. It is no fault of the vendor or of the other half:
 * any client can claim that its browser is WeChat's, and must not open the circuit breaker by it.
 */
function missing(half: Account['half']): PluginFailure {
	const text = { website: 'website application', official: 'official account' }[half];
	return new PluginFailure('cancelled', `no ${text} is set up for this browser`);
}

function begin({ redirectUri, state, inside }: RedirectStart, { config, address }: Context) {
	const half = inside === 'wechat' ? 'official' : 'website';
	const account = accountOf(half, config);
	if (!account) throw missing(half);
	// In this order, and with the fragment: WeChat compares the text, and shows an error for any other.
	const query = [
		['appid', account.appId],
		['redirect_uri', redirectUri],
		['response_type', 'code'],
		['scope', account.scope],
		['state', state],
	].map(([name, value = '']) => `${name}=${encodeURIComponent(value)}`);
	return { url: `${address(half)}?${query.join('&')}#wechat_redirect`, kept: half };
}

async function exchange(code: string, { appId, secret }: Account, { http }: Context) {
	const query = { appid: appId, secret, code, grant_type: 'authorization_code' };
	return tokenOf(await http('api', { path: '/sns/oauth2/access_token', query }));
}

const tellsProfile = (scope: string): boolean => /\bsnsapi_(login|userinfo)\b/.test(scope);

async function profileOf(token: ReturnType<typeof tokenOf>, { http }: Context) {
	const { accessToken, openid, unionid } = token;
	const query = { access_token: accessToken, openid, lang: 'zh_CN' };
	const user = userOf(await http('api', { path: '/sns/userinfo', query }));
	if (user.openid !== openid || (unionid && user.unionid && user.unionid !== unionid))
		throw new PluginFailure('unavailable', 'userinfo speaks of somebody else than the token');
	return user;
}

/** What WeChat gives out are short visible texts. Anything else is answered without asking it. */
const code = /^[\x21-\x7e]{1,512}$/;
/**
 * A person who refuses comes back with the state alone; the official account's page says this in place of a code.
 */
const denied = 'authdeny';

function codeFrom({ query }: RedirectReturn): string {
	const given = query['code'];
	if (!given || given === denied) throw new PluginFailure('cancelled', 'the person refused in WeChat');
	if (!code.test(given)) throw new PluginFailure('refused', 'the code is none that WeChat gives out');
	return given;
}

async function finish(input: RedirectReturn, context: Context) {
	const given = codeFrom(input);
	const half = halves.find((each) => each === input.kept);
	if (!half) throw new PluginFailure('refused', 'this sign-in was begun by something else');
	const account = accountOf(half, context.config);
	if (!account) throw missing(half);
	const token = await exchange(given, account, context);
	const user = tellsProfile(token.scope) ? await profileOf(token, context) : undefined;
	const unionid = token.unionid ?? user?.unionid;
	return {
		subject: token.openid,
		scope: `openid:${account.appId}`,
		also: unionid ? [{ subject: unionid, scope: 'unionid' }] : [],
		profile: user?.profile ?? {},
	};
}

/** A code that was never issued: for valid settings WeChat reports just that. */
async function tryAccount(account: Account, context: Context): Promise<void> {
	const failure = await exchange('self-test', account, context).then(
		() => new PluginFailure('unavailable', 'WeChat took a code that it never gave out'),
		(error: unknown) => error,
	);
	if (!(failure instanceof PluginFailure)) throw failure;
	if (failure.reason !== 'refused')
		throw new PluginFailure(failure.reason, `${account.half}: ${failure.message}`, { cause: failure });
}

export default definePlugin<Config>({
	manifest,
	config: configSchema,
	async selfTest(context) {
		for (const half of halves) {
			const account = accountOf(half, context.config);
			if (account) await tryAccount(account, context);
		}
	},
	redirect: { begin, finish },
});
