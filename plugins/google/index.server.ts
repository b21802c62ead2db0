/** Google accounts: OpenID Connect with PKCE against Google's fixed addresses. */
import {
	definePlugin,
	PluginFailure,
	type PluginContext,
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
import { createOpenidMemory, profileOf, verifyIdToken } from '@menshen/plugin-kit/openid';
import { z } from 'zod';
import manifest from './manifest.json';
import { idTokenClaims, type GoogleClaims } from './replies';

const configSchema = z.object({
	clientId: z.string(),
	clientSecret: z.string(),
	hostedDomain: z.string().toLowerCase().optional(),
});
type Config = z.output<typeof configSchema>;
type Context = PluginContext<Config>;

const issuer = 'https://accounts.google.com';
const memory = createOpenidMemory();

/** Google's own error codes beside those of RFC 6749. */
const words = {
	org_internal: 'refused',
	admin_policy_enforced: 'refused',
	disallowed_useragent: 'refused',
	deleted_client: 'config',
	internal_failure: 'unavailable',
	redirect_uri_mismatch: 'config',
} as const;

const clientOf = ({ clientId, clientSecret }: Config): OAuthClient => ({
	id: clientId,
	secret: clientSecret,
	auth: 'post',
});

function begin({ redirectUri, state, nonce }: RedirectStart, { config, address }: Context) {
	const verifier = newVerifier();
	const url = authorizationUrl({
		endpoint: address('authorize'),
		clientId: config.clientId,
		redirectUri,
		state,
		scopes: ['openid', 'profile', 'email'],
		verifier,
		more: { nonce, ...(config.hostedDomain ? { hd: config.hostedDomain } : {}) },
	});
	return { url, kept: verifier };
}

/** Google vouches for its own mailboxes; of others it knows only that they were verified once. */
function vouchesFor({ email, email_verified: verified, hd }: GoogleClaims): boolean {
	return verified === true && (hd !== undefined || /@gmail\.com$/i.test(email ?? ''));
}

async function finish({ query, redirectUri, nonce, kept }: RedirectReturn, context: Context) {
	const { config, http, address, now } = context;
	const client = clientOf(config);
	const request = tokenRequest({ client, code: codeOf(query, words), redirectUri, verifier: kept });
	const tokens = tokensOf(await http('token', request), words);
	const claims = await verifyIdToken(idTokenOf(tokens), {
		// Both names are documented.
		issuer: [issuer, 'accounts.google.com'],
		audience: client.id,
		nonce,
		keys: memory.keys({ address: address('keys'), load: () => http('keys'), now: now() }),
		now: now(),
	});
	const known = idTokenClaims.parse(claims);
	if (config.hostedDomain && known.hd?.toLowerCase() !== config.hostedDomain)
		throw new PluginFailure('refused', 'an account outside the Workspace domain');
	return {
		subject: claims.sub,
		scope: issuer,
		profile: profileOf({ ...claims, email_verified: vouchesFor(known) }),
	};
}

export default definePlugin<Config>({
	manifest,
	config: configSchema,
	selfTest: ({ config, http }) => tryClient(clientOf(config), (request) => http('token', request), words),
	redirect: { begin, finish },
});
