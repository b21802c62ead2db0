/**
 * How the engine is set up for one app: code flow with PKCE only, everything else off (RFC 9700, OAuth 2.1).
 * The app's issuer, keys and pages are passed in.
 */
import { errors, type Client, type Configuration, type JWKS, type KoaContextWithOIDC } from 'oidc-provider';
import { findAccount } from './accounts';
import { adapterOver } from './adapter/adapter';
import { isFirstParty, needsPkce, originsOf, ownMetadata } from './clients';
import type { EngineApp } from './engine-app';
import { loadExistingGrant } from './grants';
import { lifetimes } from './lifetimes';
import { adoptLiveSession } from './live-session';
import type { EnginePages } from './pages/engine-pages';
import { policyFor } from './policy';
import { firstPartyScopes, publicScopes, scopeClaims } from './scopes';

export interface ConfigurationInputs {
	app: EngineApp;
	origin: string;
	jwks: JWKS;
	pages: EnginePages;
	fetch: typeof fetch;
}

const off = { enabled: false };

/** The key that signs cookies is set on the engine itself (engine.ts). */
function cookiesOf({ app, origin }: ConfigurationInputs): NonNullable<Configuration['cookies']> {
	const secure = origin.startsWith('https:');
	const [anywhere, below] = secure ? ['__Host-', '__Secure-'] : ['', ''];
	const options = { httpOnly: true, sameSite: 'lax', secure, signed: true } as const;
	return {
		names: {
			session: `${anywhere}menshen-op-${app.id}`,
			interaction: `${below}menshen-in-${app.id}`,
			resume: `${below}menshen-re-${app.id}`,
		},
		long: options,
		short: options,
	};
}

/**
 * PKCE is required, except of a confidential client that cannot use it: its nonce then binds the code to the
 * request (RFC 9700 §2.1.1).
 */
function requirePkce(ctx: KoaContextWithOIDC, client: Client): boolean {
	if (needsPkce(client)) return true;
	if (!ctx.oidc.params?.['nonce'])
		throw new errors.InvalidRequest('nonce is required of a client that does not use PKCE');
	return false;
}

/** A client learns of its own tokens only, and only when it can prove who it is (RFC 7662 §4). */
const isOwnToken = (client: Client, token: { clientId?: string | undefined }): boolean =>
	token.clientId === client.clientId && client.clientAuthMethod !== 'none';

function featuresOf({ pages }: ConfigurationInputs): NonNullable<Configuration['features']> {
	return {
		devInteractions: off,
		dPoP: off,
		pushedAuthorizationRequests: off,
		resourceIndicators: off,
		userinfo: { enabled: true },
		backchannelLogout: { enabled: true },
		introspection: { enabled: true, allowedPolicy: (_ctx, client, token) => isOwnToken(client, token) },
		revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
		rpInitiatedLogout: {
			enabled: true,
			logoutSource: pages.logout,
			postLogoutSuccessSource: pages.loggedOut,
		},
	};
}

const crossOriginRoutes = new Set(['token', 'userinfo', 'revocation']);

export function configurationFor(inputs: ConfigurationInputs): Configuration {
	const { app } = inputs;
	return {
		adapter: adapterOver(app),
		jwks: inputs.jwks,
		cookies: cookiesOf(inputs),
		features: featuresOf(inputs),
		fetch: (url, options) => inputs.fetch(url, { ...options, ...{ dispatcher: undefined } }),
		routes: {
			authorization: '/oidc/auth',
			token: '/oidc/token',
			userinfo: '/oidc/userinfo',
			jwks: '/oidc/jwks',
			introspection: '/oidc/introspection',
			revocation: '/oidc/revocation',
			end_session: '/oidc/logout',
		},
		responseTypes: ['code'],
		clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
		enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256'] },
		pkce: { required: requirePkce },
		allowOmittingSingleRegisteredRedirectUri: false,
		scopes: [...publicScopes, ...firstPartyScopes],
		claims: { ...scopeClaims },
		// Many relying parties read names and emails from the ID token alone; OIDC Core allows them there (docs/decisions).
		conformIdTokenClaims: false,
		extraClientMetadata: { properties: [...ownMetadata] },
		// Called for every authorization request once it is valid, before the engine looks up who is signed in.
		extraParams: { connector: (ctx) => adoptLiveSession(app, ctx) },
		interactions: {
			policy: policyFor(app),
			url: (_ctx, { uid }) => `${inputs.origin}/apps/${app.id}/interaction/${uid}`,
		},
		findAccount: (_ctx, id) => findAccount(app.store.read, id),
		loadExistingGrant: (ctx) => loadExistingGrant(app, ctx),
		// All times here come from our own clock, so no tolerance is needed.
		clockTolerance: 0,
		rotateRefreshToken: true,
		issueRefreshToken: (_ctx, client, source) =>
			client.grantTypeAllowed('refresh_token') &&
			(source.scopes.has('offline_access') || isFirstParty(client)),
		clientBasedCORS: (ctx, origin, client) =>
			crossOriginRoutes.has(ctx.oidc.route) && originsOf(client.redirectUris ?? []).has(origin),
		discovery: { ui_locales_supported: ['en', 'zh-CN'] },
		ttl: lifetimes(app),
		renderError: inputs.pages.error,
	};
}
