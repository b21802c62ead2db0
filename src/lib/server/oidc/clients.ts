/** A registered client as the engine's metadata (OIDC Dynamic Client Registration §2). */
import type { Client as EngineClient, ClientMetadata } from 'oidc-provider';
import type { Vault } from '../runtime/vault';
import { secretContext, type Client } from '../storage/app/clients';
import { firstPartyScopes, publicScopes } from './scopes';

/** Our own members among a client's metadata. */
export const ownMetadata = ['menshen_first_party', 'menshen_pkce_required'] as const;

/**
 * Decrypts client secrets, and caches the last ones by their sealed form: decrypting takes longer than finding the
 * row.
 */
export class ClientSecrets {
	readonly #vault: Vault;
	readonly #opened = new Map<string, string>();
	constructor(vault: Vault) {
		this.#vault = vault;
	}
	open(id: string, sealed: string): string {
		const key = `${id} ${sealed}`;
		const known = this.#opened.get(key);
		if (known !== undefined) return known;
		const secret = this.#vault.open(sealed, secretContext(id));
		if (this.#opened.size >= mostRemembered) this.#opened.clear();
		this.#opened.set(key, secret);
		return secret;
	}
}

const mostRemembered = 100;

export function describeClient(client: Client, secrets: ClientSecrets): ClientMetadata {
	const canSignIn = client.redirectUris.length > 0;
	return {
		client_id: client.id,
		client_name: client.name,
		application_type: client.applicationType,
		redirect_uris: client.redirectUris,
		post_logout_redirect_uris: client.postLogoutRedirectUris,
		response_types: canSignIn ? ['code'] : [],
		grant_types: canSignIn ? ['authorization_code', 'refresh_token'] : [],
		id_token_signed_response_alg: client.idTokenAlg,
		scope: [...publicScopes, ...(client.firstParty ? firstPartyScopes : [])].join(' '),
		// The engine takes the secret from the header or from the form for either of the two.
		token_endpoint_auth_method: client.secret === null ? 'none' : 'client_secret_basic',
		...(client.secret === null ? {} : { client_secret: secrets.open(client.id, client.secret) }),
		...(client.website ? { client_uri: client.website } : {}),
		...(client.backchannelLogoutUri
			? { backchannel_logout_uri: client.backchannelLogoutUri, backchannel_logout_session_required: true }
			: {}),
		menshen_first_party: client.firstParty,
		menshen_pkce_required: client.pkceRequired,
	};
}

export const isFirstParty = (client: EngineClient): boolean => client['menshen_first_party'] === true;
/** Only a client with a secret can be exempt from PKCE. */
export const needsPkce = (client: EngineClient): boolean =>
	client['menshen_pkce_required'] !== false || client.clientAuthMethod === 'none';

const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether any program on the person's machine could receive a redirect: then its client cannot be recognised by the
 * address, and the person is asked (RFC 8252 §8.6).
 */
export function isImpersonable(redirectUri: string): boolean {
	const { protocol, hostname } = new URL(redirectUri);
	return !['https:', 'http:'].includes(protocol) || loopbackHosts.has(hostname);
}

/** Origins from which pages may call, taken from redirect URIs. */
export function originsOf(redirectUris: readonly string[]): Set<string> {
	const origins = redirectUris.filter((uri) => URL.canParse(uri)).map((uri) => new URL(uri).origin);
	return new Set(origins.filter((origin) => origin !== 'null'));
}
