/**
 * The authorization code grant (RFC 6749 §4.1) with PKCE (RFC 7636), for plugins whose vendor supports it. Arctic,
 * imported only here, makes the addresses and reads the tokens; requests go through the host, since plugins have no
 * network of their own. Not part of the kit's index: only plugins that need it load it.
 */
import { CodeChallengeMethod, generateCodeVerifier, OAuth2Client, OAuth2Tokens } from 'arctic';
import { z } from 'zod';
import type { HttpReply, HttpRequest } from './context';
import { PluginFailure, type FailureReason } from './failures';
import { jsonOf, textOf } from './replies';

/** How a client authenticates at the token endpoint (RFC 6749 §2.3.1); `none`: by PKCE alone. */
export type ClientAuth = 'basic' | 'post' | 'none';
export interface OAuthClient {
	id: string;
	secret?: string | undefined;
	auth: ClientAuth;
}

/** A PKCE verifier: 256 bits, 43 characters. Belongs into what `begin` keeps. */
export const newVerifier = (): string => generateCodeVerifier();

export interface AuthorizationStart {
	/** The vendor's page, e.g. `context.address('authorize')`. */
	endpoint: string;
	clientId: string;
	redirectUri: string;
	state: string;
	scopes: readonly string[];
	/** Sent as an S256 challenge. Without one: vendors that do not know PKCE. */
	verifier?: string;
	/** Further parameters, e.g. `nonce`. */
	more?: Readonly<Record<string, string>>;
}

/** The address for the browser. Parameters of the endpoint are kept. */
export function authorizationUrl(start: AuthorizationStart): string {
	const { endpoint, clientId, redirectUri, state, verifier, more = {} } = start;
	const client = new OAuth2Client(clientId, null, redirectUri);
	const scopes = [...start.scopes];
	const url =
		verifier === undefined
			? client.createAuthorizationURL(endpoint, state, scopes)
			: client.createAuthorizationURLWithPKCE(endpoint, state, CodeChallengeMethod.S256, verifier, scopes);
	for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
	return url.href;
}

type Meanings = Readonly<Record<string, FailureReason>>;

/** RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6. Codes that are not listed are refusals of this person. */
const callbackErrors: Meanings = {
	access_denied: 'cancelled',
	consent_required: 'cancelled',
	interaction_required: 'cancelled',
	login_required: 'cancelled',
	invalid_request: 'config',
	invalid_scope: 'config',
	request_not_supported: 'config',
	unauthorized_client: 'config',
	unsupported_response_type: 'config',
	server_error: 'unavailable',
	temporarily_unavailable: 'unavailable',
};

/** RFC 6749 §5.2. */
const tokenErrors: Meanings = {
	invalid_grant: 'refused',
	invalid_client: 'config',
	invalid_request: 'config',
	invalid_scope: 'config',
	unauthorized_client: 'config',
	unsupported_grant_type: 'config',
	server_error: 'unavailable',
	temporarily_unavailable: 'unavailable',
	slow_down: 'unavailable',
};

/** A vendor's error code is repeated in logs only where it looks like one. */
const printable = (code: string): string => (/^[\w .:-]{1,60}$/.test(code) ? code : 'an unreadable error');

/**
 * The code that the browser brought back. Its errors never count against the vendor: any browser may send them.
 * @param meanings what errors mean that only this vendor knows
 * @throws {PluginFailure} what the vendor's `error` means; `refused` where there is neither
 */
export function codeOf(query: Readonly<Record<string, string>>, meanings: Meanings = {}): string {
	const { error, code } = query;
	if (error)
		throw new PluginFailure(
			{ ...callbackErrors, ...meanings }[error] ?? 'refused',
			`came back with ${printable(error)}`,
			{ counts: false },
		);
	if (!code || !/^[\x20-\x7e]{1,4096}$/.test(code))
		throw new PluginFailure('refused', 'came back without a code');
	return code;
}

export interface CodeToExchange {
	client: OAuthClient;
	code: string;
	redirectUri: string;
	verifier?: string;
}

/** RFC 6749 §2.3.1: form-encoded first, so that a colon in an id is not read as the separator. */
function basicOf({ id, secret = '' }: OAuthClient): string {
	const encode = (text: string) => new URLSearchParams({ v: text }).toString().slice(2);
	return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`;
}

/** The request to the token endpoint; the caller adds the path. */
export function tokenRequest({ client, code, redirectUri, verifier }: CodeToExchange): HttpRequest {
	const basic = client.auth === 'basic';
	return {
		method: 'POST',
		headers: { accept: 'application/json', ...(basic ? { authorization: basicOf(client) } : {}) },
		form: {
			grant_type: 'authorization_code',
			code,
			redirect_uri: redirectUri,
			...(verifier === undefined ? {} : { code_verifier: verifier }),
			...(basic ? {} : { client_id: client.id }),
			...(client.auth === 'post' ? { client_secret: client.secret ?? '' } : {}),
		},
	};
}

const errorReply = z.object({ error: z.string() });
const tokenReply = z.looseObject({
	access_token: z.string().min(1).max(16_384),
	token_type: z.string().max(100).optional(),
	id_token: z.string().max(16_384).optional(),
	scope: z.string().optional(),
});

function errorOf(reply: HttpReply): string | undefined {
	try {
		return errorReply.safeParse(JSON.parse(textOf(reply))).data?.error;
	} catch {
		return undefined;
	}
}

/**
 * Reads the answer of a token endpoint, whichever status an error has (some vendors answer 200).
 * @param meanings what errors mean that only this vendor knows
 * @throws {PluginFailure}
 */
export function tokensOf(reply: HttpReply, meanings: Meanings = {}): OAuth2Tokens {
	const error = errorOf(reply);
	if (error !== undefined)
		throw new PluginFailure(
			{ ...tokenErrors, ...meanings }[error] ?? 'refused',
			`the token endpoint answered ${printable(error)}`,
			// Some vendors give this error for an invalid code, which came from the browser.
			{ counts: error !== 'invalid_request' },
		);
	if (reply.status !== 200)
		throw new PluginFailure('unavailable', `the token endpoint answered HTTP ${reply.status}`);
	return new OAuth2Tokens(jsonOf(reply, tokenReply));
}

/** The ID token among them. @throws {PluginFailure} `unavailable` where there is none */
export function idTokenOf(tokens: OAuth2Tokens): string {
	try {
		return tokens.idToken();
	} catch (cause) {
		throw new PluginFailure('unavailable', 'the token endpoint gave no ID token', { cause });
	}
}

/** Errors that a made-up request always gets, which show nothing about the client. */
const expectedFaults: Meanings = {
	invalid_grant: 'refused',
	invalid_request: 'refused',
	redirect_uri_mismatch: 'refused',
};

/**
 * For self-tests: sends the client's settings to the vendor with a code that was never issued. A vendor that knows
 * the client objects only to the code or the redirect address.
 * @param send posts the request to the token endpoint
 * @throws {PluginFailure} when the fault is another
 */
export async function tryClient(
	client: OAuthClient,
	send: (request: HttpRequest) => Promise<HttpReply>,
	meanings: Meanings = {},
): Promise<void> {
	const redirectUri = 'https://self-test.invalid/';
	const request = tokenRequest({
		client,
		code: 'nobody-has-this-code',
		redirectUri,
		verifier: newVerifier(),
	});
	const reply = await send(request);
	try {
		tokensOf(reply, { ...meanings, ...expectedFaults });
	} catch (error) {
		if (error instanceof PluginFailure && error.reason === 'refused') return;
		throw error;
	}
	throw new PluginFailure('unavailable', 'the token endpoint took a code that nobody has');
}
