/**
 * The authorization code grant (RFC 6749 §4.1) with PKCE (RFC 7636), for plugins whose vendor speaks it. Arctic makes
 * the addresses and reads the tokens, and nobody else imports it; what is sent goes through the host, since
 * plugins have no way out of their own. Not part of the kit's index: only who needs it loads it.
 */
import { CodeChallengeMethod, generateCodeVerifier, OAuth2Client, OAuth2Tokens } from 'arctic';
import { z } from 'zod';
import type { HttpReply, HttpRequest } from './context';
import { PluginFailure, type FailureReason } from './failures';
import { jsonOf, textOf } from './replies';

/** How a client shows who it is at the token endpoint (RFC 6749 §2.3.1); `none`: by PKCE alone. */
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

/** Where the browser is sent. Parameters that the endpoint brings along stay. */
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

/** RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6. What is not listed was a no to this person. */
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
 * The code that the browser brought back. Its errors never count against the vendor: anybody may type them.
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

/** RFC 6749 §2.3.1: form-encoded first, so that a colon in an id is none. */
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
 * Reads the answer of a token endpoint, whichever status an error has (some vendors say 200).
 * @param meanings what errors mean that only this vendor knows
 * @throws {PluginFailure}
 */
export function tokensOf(reply: HttpReply, meanings: Meanings = {}): OAuth2Tokens {
	const error = errorOf(reply);
	if (error !== undefined)
		throw new PluginFailure(
			{ ...tokenErrors, ...meanings }[error] ?? 'refused',
			`the token endpoint answered ${printable(error)}`,
			// Some say it of a code that is none, and that is what a browser brought.
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

/** What is wrong with a made-up request anyway, and says nothing about the client. */
const expectedFaults: Meanings = {
	invalid_grant: 'refused',
	invalid_request: 'refused',
	redirect_uri_mismatch: 'refused',
};

/**
 * For self-tests: shows the vendor the client's settings with a code that nobody has. Who knows the client
 * finds fault with the code or its redirect address only.
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
