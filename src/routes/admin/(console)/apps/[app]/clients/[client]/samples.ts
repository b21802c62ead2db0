/** What a developer pastes: addresses, environment values, and a first program. */
import type { ClientSettings } from '$lib/contract/client-settings';
import type { Locale } from '$lib/i18n/locale';
import { m } from '$lib/i18n/paraglide/messages';

type Sampled = Pick<ClientSettings, 'id' | 'confidential' | 'redirectUris'>;

export const endpointsOf = (issuer: string, locale: Locale): { label: string; value: string }[] => [
	{ label: m.console_discovery({}, { locale }), value: `${issuer}/.well-known/openid-configuration` },
	{ label: m.console_endpoint_authorization({}, { locale }), value: `${issuer}/oidc/auth` },
	{ label: m.console_endpoint_token({}, { locale }), value: `${issuer}/oidc/token` },
	{ label: m.console_endpoint_userinfo({}, { locale }), value: `${issuer}/oidc/userinfo` },
	{ label: m.console_endpoint_jwks({}, { locale }), value: `${issuer}/oidc/jwks` },
	{ label: m.console_endpoint_logout({}, { locale }), value: `${issuer}/oidc/logout` },
	{ label: m.console_endpoint_introspection({}, { locale }), value: `${issuer}/oidc/introspection` },
	{ label: m.console_endpoint_revocation({}, { locale }), value: `${issuer}/oidc/revocation` },
];

const redirectOf = (client: Sampled) => client.redirectUris[0] ?? 'https://app.example.com/signed-in';

export const environmentFor = (issuer: string, client: Sampled): string =>
	[
		`OIDC_ISSUER=${issuer}`,
		`OIDC_CLIENT_ID=${client.id}`,
		...(client.confidential ? ['OIDC_CLIENT_SECRET='] : []),
		`OIDC_REDIRECT_URI=${redirectOf(client)}`,
	].join('\n');

export const sampleFor = (issuer: string, client: Sampled): string => `import * as oidc from 'openid-client';

const config = await oidc.discovery(
  new URL('${issuer}'),
  '${client.id}',${client.confidential ? '\n  process.env.OIDC_CLIENT_SECRET,' : '\n  undefined,\n  oidc.None(),'}
);

// 1. Send the person to sign in. Keep the verifier and the state in their session.
const verifier = oidc.randomPKCECodeVerifier();
const state = oidc.randomState();
const address = oidc.buildAuthorizationUrl(config, {
  redirect_uri: '${redirectOf(client)}',
  scope: 'openid profile email',
  code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
});

// 2. Back at the redirect address: exchange the code.
const tokens = await oidc.authorizationCodeGrant(config, currentUrl, {
  pkceCodeVerifier: verifier,
  expectedState: state,
});
console.log(tokens.claims());
`;
