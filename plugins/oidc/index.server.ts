/** Any OpenID Connect provider: discovery, authorization code with PKCE, ID token, userinfo where asked. */
import {
	definePlugin,
	jsonOf,
	PluginFailure,
	type RedirectReturn,
	type RedirectStart,
} from '@menshen/plugin-kit';
import {
	authorizationUrl,
	codeOf,
	idTokenOf,
	newVerifier,
	tokenRequest,
	tokensOf,
	tryClient,
	type OAuthClient,
} from '@menshen/plugin-kit/oauth2';
import {
	algorithmsOf,
	createOpenidMemory,
	profileOf,
	verifyIdToken,
	type Discovery,
} from '@menshen/plugin-kit/openid';
import { configSchema, type Config } from './config';
import manifest from './manifest.json';
import { discover, keysSource, placeOf, type Context } from './places';
import { userinfoReply } from './replies';

const memory = createOpenidMemory();

const clientOf = ({ clientId, clientSecret, clientAuth }: Config): OAuthClient => ({
	id: clientId,
	secret: clientSecret,
	auth: clientAuth,
});

const scopesOf = ({ scopes }: Config): string[] => [
	...new Set(['openid', ...scopes.split(/\s+/).filter(Boolean)]),
];

async function begin({ redirectUri, state, nonce }: RedirectStart, context: Context) {
	const { authorization_endpoint: endpoint } = await discover(context, memory);
	const verifier = newVerifier();
	const { clientId } = context.config;
	const scopes = scopesOf(context.config);
	const url = authorizationUrl({ endpoint, clientId, redirectUri, state, scopes, verifier, more: { nonce } });
	return { url, kept: verifier };
}

/** RFC 9207: an answer that another issuer gave must not be taken to this one's token endpoint. */
function refuseMixUp({ iss }: RedirectReturn['query'], discovery: Discovery): void {
	const promised = discovery.authorization_response_iss_parameter_supported === true;
	if (iss === undefined ? promised : iss !== discovery.issuer)
		throw new PluginFailure('refused', 'the answer names another issuer, or none');
}

/** @throws {PluginFailure} `refused` when it is about another person (OpenID Connect Core §5.3.4) */
async function userinfoOf(context: Context, discovery: Discovery, who: { sub: string; token: string }) {
	const { send } = placeOf('userinfo', context, discovery);
	const reply = await send({ headers: { authorization: `Bearer ${who.token}`, accept: 'application/json' } });
	if (reply.status !== 200)
		throw new PluginFailure(
			reply.status === 401 ? 'refused' : 'unavailable',
			`userinfo answered HTTP ${reply.status}`,
		);
	const claims = jsonOf(reply, userinfoReply);
	if (claims.sub !== who.sub) throw new PluginFailure('refused', 'userinfo speaks of somebody else');
	return claims;
}

async function finish({ query, redirectUri, nonce, kept }: RedirectReturn, context: Context) {
	const discovery = await discover(context, memory);
	refuseMixUp(query, discovery);
	const client = clientOf(context.config);
	const request = tokenRequest({ client, code: codeOf(query), redirectUri, verifier: kept });
	const tokens = tokensOf(await placeOf('token', context, discovery).send(request));
	const claims = await verifyIdToken(idTokenOf(tokens), {
		issuer: discovery.issuer,
		audience: client.id,
		nonce,
		algorithms: algorithmsOf(discovery),
		keys: memory.keys(keysSource(context, discovery)),
		now: context.now(),
	});
	const { sub } = claims;
	const more = context.config.userinfo
		? await userinfoOf(context, discovery, { sub, token: tokens.accessToken() })
		: {};
	return { subject: sub, scope: discovery.issuer, profile: profileOf({ ...claims, ...more }) };
}

async function selfTest(context: Context): Promise<void> {
	const discovery = await discover(context, memory);
	algorithmsOf(discovery);
	const keys = await keysSource(context, discovery).load();
	if (keys.status !== 200) throw new PluginFailure('unavailable', `the key set answered HTTP ${keys.status}`);
	if (context.config.userinfo) placeOf('userinfo', context, discovery);
	await tryClient(clientOf(context.config), placeOf('token', context, discovery).send);
}

export default definePlugin<Config>({
	manifest,
	config: configSchema,
	selfTest,
	redirect: { begin, finish },
});
