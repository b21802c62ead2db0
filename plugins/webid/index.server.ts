/**
 * Sign-in with a WebID (Solid-OIDC). Anybody may run a provider, so its word alone counts for nothing: the WebID
 * that it names is looked up anew at each sign-in, and has to list it.
 */
import { jwtVerify } from 'jose';
import { definePlugin, PluginFailure, type RedirectReturn, type RedirectStart } from '@menshen/plugin-kit';
import {
	authorizationUrl,
	codeOf,
	idTokenOf,
	newVerifier,
	tokensOf,
	type OAuthClient,
} from '@menshen/plugin-kit/oauth2';
import {
	algorithmsOf,
	createOpenidMemory,
	isSameIssuer,
	profileOf,
	verifyIdToken,
	type Expected,
	type IdTokenClaims,
} from '@menshen/plugin-kit/openid';
import { configSchema, type Config } from './config';
import manifest from './manifest.json';
import { findProfile, webAddressOf } from './profile';
import { newProofKey, thumbprintOf } from './proof';
import { clientAt, discover, keysSource, providerOf, requestTokens, type Context } from './provider';
import { boundClaims, keptSchema, webidClaims, type Kept } from './replies';

const memory = createOpenidMemory();
const mostKept = 4096;

async function begin({ redirectUri, state, nonce, hint }: RedirectStart, context: Context) {
	if (!hint?.trim()) throw new PluginFailure('refused', 'nothing was typed');
	const discovery = await providerOf(context, memory, hint);
	algorithmsOf(discovery);
	const client = await clientAt(context, discovery, redirectUri);
	const key = await newProofKey();
	const verifier = newVerifier();
	const url = authorizationUrl({
		endpoint: discovery.authorization_endpoint,
		clientId: client.id,
		redirectUri,
		state,
		scopes: ['openid', 'webid'],
		verifier,
		// The code, too, is worth nothing without the key (RFC 9449 §10).
		more: { nonce, dpop_jkt: await thumbprintOf(key) },
	});
	const { id: clientId, secret, auth } = client;
	const kept = JSON.stringify({
		issuer: discovery.issuer,
		clientId,
		secret,
		auth,
		verifier,
		key,
	} satisfies Kept);
	if (kept.length > mostKept) throw new PluginFailure('refused', 'the provider gave us too long a name');
	return { url, kept };
}

/** The tokens were made for the key of this sign-in: says the ID token, or else the signed access token. */
async function requireBound(
	claims: IdTokenClaims,
	{ accessToken, jkt, expected }: { accessToken: string; jkt: string; expected: Expected },
): Promise<void> {
	const inAccessToken = async () => {
		const options = {
			algorithms: [...(expected.algorithms ?? [])],
			issuer: claims.iss,
			currentDate: new Date(expected.now),
			clockTolerance: 60,
		};
		return (await jwtVerify(accessToken, expected.keys, options)).payload;
	};
	const payload = 'cnf' in claims ? claims : await inAccessToken().catch(() => ({}));
	if (boundClaims.safeParse(payload).data?.cnf.jkt !== jkt)
		throw new PluginFailure('refused', 'the tokens are not bound to the key of this sign-in');
}

/** @returns the WebID in the token, after its profile has confirmed that this issuer may speak for it */
async function confirmedWebid(claims: IdTokenClaims, context: Context) {
	const named = webidClaims.safeParse(claims).data?.webid;
	if (named === undefined) throw new PluginFailure('refused', 'the ID token names no WebID');
	const webid = webAddressOf(named);
	const profile = await findProfile(context.http, webid);
	if (!profile?.issuers.some((issuer) => isSameIssuer(issuer, claims.iss)))
		throw new PluginFailure('refused', 'the WebID does not list the issuer of the token');
	return { webid, name: profile.name };
}

function readKept(text: string): Kept {
	try {
		return keptSchema.parse(JSON.parse(text));
	} catch (cause) {
		throw new PluginFailure('refused', 'no sign-in is under way', { cause });
	}
}

async function finish({ query, redirectUri, nonce, kept: text }: RedirectReturn, context: Context) {
	const { issuer, clientId, secret, auth, verifier, key } = readKept(text);
	const discovery = await discover(context, memory, issuer);
	// RFC 9207, which Solid-OIDC makes a must: with so many providers, one could pass on another's answer.
	if (query['iss'] !== issuer) throw new PluginFailure('refused', 'the answer names another issuer, or none');
	const client: OAuthClient = { id: clientId, secret, auth };
	const exchange = { client, code: codeOf(query), redirectUri, verifier, key };
	const tokens = tokensOf(await requestTokens(context, discovery, exchange));
	if (tokens.tokenType().toLowerCase() !== 'dpop')
		throw new PluginFailure('refused', 'the tokens are not bound to a key');
	const expected: Expected = {
		issuer,
		audience: clientId,
		nonce,
		algorithms: algorithmsOf(discovery),
		keys: memory.keys(keysSource(context, discovery)),
		now: context.now(),
	};
	const claims = await verifyIdToken(idTokenOf(tokens), expected);
	await requireBound(claims, { accessToken: tokens.accessToken(), jkt: await thumbprintOf(key), expected });
	const { webid, name } = await confirmedWebid(claims, context);
	return { subject: webid, scope: 'webid', profile: profileOf({ name }) };
}

export default definePlugin<Config>({ manifest, config: configSchema, redirect: { begin, finish } });
