/** GitHub accounts: OAuth with PKCE, then who it is and which mailbox GitHub has verified. */
import {
	definePlugin,
	jsonOf,
	PluginFailure,
	type HttpReply,
	type PluginContext,
	type RedirectReturn,
	type RedirectStart,
} from '@menshen/plugin-kit';
import {
	authorizationUrl,
	codeOf,
	newVerifier,
	tokenRequest,
	tokensOf,
	tryClient,
	type OAuthClient,
} from '@menshen/plugin-kit/oauth2';
import { profileOf } from '@menshen/plugin-kit/openid';
import { z } from 'zod';
import manifest from './manifest.json';
import { emailsReply, userReply } from './replies';

const configSchema = z.object({ clientId: z.string(), clientSecret: z.string() });
type Config = z.output<typeof configSchema>;
type Context = PluginContext<Config>;

/** GitHub's own error codes beside those of RFC 6749. */
const words = {
	application_suspended: 'config',
	incorrect_client_credentials: 'config',
	redirect_uri_mismatch: 'config',
	bad_verification_code: 'refused',
	unverified_user_email: 'refused',
} as const;

const clientOf = ({ clientId, clientSecret }: Config): OAuthClient => ({
	id: clientId,
	secret: clientSecret,
	auth: 'post',
});

function begin({ redirectUri, state }: RedirectStart, { config, address }: Context) {
	const verifier = newVerifier();
	const url = authorizationUrl({
		endpoint: address('authorize'),
		clientId: config.clientId,
		redirectUri,
		state,
		scopes: ['read:user', 'user:email'],
		verifier,
	});
	return { url, kept: verifier };
}

/** An unknown client id is answered with GitHub's page for wrong addresses. */
function knownClient(reply: HttpReply): HttpReply {
	if (reply.status === 404)
		throw new PluginFailure('config', 'GitHub does not know the client id (HTTP 404)');
	return reply;
}

const isExhausted = ({ status, headers }: HttpReply): boolean =>
	status === 429 ||
	(status === 403 && (headers['x-ratelimit-remaining'] === '0' || 'retry-after' in headers));

async function ask({ http }: Context, path: string, token: string): Promise<HttpReply> {
	const reply = await http('api', {
		path,
		headers: {
			accept: 'application/vnd.github+json',
			authorization: `Bearer ${token}`,
			'user-agent': 'menshen',
			'x-github-api-version': '2022-11-28',
		},
	});
	if (reply.status >= 500 || isExhausted(reply))
		throw new PluginFailure('unavailable', `${path} answered HTTP ${reply.status}`);
	return reply;
}

async function userOf(context: Context, token: string) {
	const reply = await ask(context, '/user', token);
	if (reply.status === 200) return jsonOf(reply, userReply);
	throw new PluginFailure('refused', `/user answered HTTP ${reply.status}`);
}

/**
 * The mailbox that GitHub has verified, if the app may read it: without the permission, people can sign in all the
 * same.
 */
async function emailOf(context: Context, token: string): Promise<string | undefined> {
	const reply = await ask(context, '/user/emails', token);
	if (reply.status !== 200) {
		context.log.warn('no permission to read email addresses', { status: reply.status });
		return undefined;
	}
	return jsonOf(reply, emailsReply).find(({ primary, verified }) => primary && verified)?.email;
}

async function finish({ query, redirectUri, kept }: RedirectReturn, context: Context) {
	const client = clientOf(context.config);
	const request = tokenRequest({ client, code: codeOf(query, words), redirectUri, verifier: kept });
	const token = tokensOf(knownClient(await context.http('token', request)), words).accessToken();
	const user = await userOf(context, token);
	const email = await emailOf(context, token);
	const claims = {
		name: user.name || user.login,
		picture: user.avatar_url,
		...(email ? { email, email_verified: true } : {}),
	};
	return { subject: String(user.id), scope: 'user', profile: profileOf(claims) };
}

export default definePlugin<Config>({
	manifest,
	config: configSchema,
	selfTest: ({ config, http }) =>
		tryClient(clientOf(config), async (request) => knownClient(await http('token', request)), words),
	redirect: { begin, finish },
});
