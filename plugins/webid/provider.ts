/** The provider a person chose: found through their WebID, made to know us, and asked for tokens. */
import { jsonOf, PluginFailure, textOf, type HttpReply, type PluginContext } from '@menshen/plugin-kit';
import { tokenRequest, type CodeToExchange, type OAuthClient } from '@menshen/plugin-kit/oauth2';
import { discoveryPath, type Discovery, type OpenidMemory, type Source } from '@menshen/plugin-kit/openid';
import type { Config } from './config';
import { findProfile, webAddressOf } from './profile';
import { proofFor } from './proof';
import { errorReply, registrationReply, type ProofKey, type Registration } from './replies';

export type Context = PluginContext<Config>;

const sourceOf = ({ http, now }: Context, url: string): Source => ({
	address: url,
	load: () => http('web', { url, redirects: 1 }),
	now: now(),
});

/** @throws {PluginFailure} */
export function discover(context: Context, memory: OpenidMemory, issuer: string): Promise<Discovery> {
	return memory.discovery(sourceOf(context, issuer.replace(/\/+$/, '') + discoveryPath), [issuer]);
}

export const keysSource = (context: Context, discovery: Discovery): Source =>
	sourceOf(context, discovery.jwks_uri);

/**
 * Who can vouch for what a person typed: the first issuer that their profile lists, or else the address itself.
 * @throws {PluginFailure} `refused` when it is neither a WebID nor a provider
 */
export async function providerOf(context: Context, memory: OpenidMemory, typed: string): Promise<Discovery> {
	const address = webAddressOf(typed);
	const [listed] = (await findProfile(context.http, address))?.issuers ?? [];
	if (listed !== undefined) return discover(context, memory, webAddressOf(listed));
	if (address.includes('#')) throw new PluginFailure('refused', 'there is no profile that names an issuer');
	return discover(context, memory, address).catch((cause: unknown) => {
		if (!(cause instanceof PluginFailure) || context.signal.aborted) throw cause;
		throw new PluginFailure('refused', `neither a WebID nor a provider: ${cause.message}`, { cause });
	});
}

const authMethods = { client_secret_basic: 'basic', client_secret_post: 'post', none: 'none' } as const;
type AuthMethod = keyof typeof authMethods;
const isKnown = (method: string): method is AuthMethod => Object.hasOwn(authMethods, method);

/** Without a word about the way, it is the one that was asked for. */
function clientIn(registered: Registration, asked: AuthMethod): OAuthClient {
	const { client_id: id, client_secret: secret, token_endpoint_auth_method: method = asked } = registered;
	const auth = isKnown(method) ? authMethods[method] : undefined;
	if (!auth || (auth !== 'none' && !secret))
		throw new PluginFailure('refused', 'the provider registered us for a way that is not known here');
	return { id, auth, ...(auth === 'none' ? {} : { secret }) };
}

/** What we are at this provider: the operator's document, or registered anew (RFC 7591). */
export async function clientAt(
	context: Context,
	discovery: Discovery,
	redirectUri: string,
): Promise<OAuthClient> {
	const { clientId, clientName } = context.config;
	if (clientId) return { id: clientId, auth: 'none' };
	const { registration_endpoint: url, token_endpoint_auth_methods_supported: ways = ['none'] } = discovery;
	if (!url)
		throw new PluginFailure('refused', 'the provider registers nobody: a client id document is needed');
	const method = ways.includes('none') ? 'none' : 'client_secret_basic';
	const json = {
		client_name: clientName,
		redirect_uris: [redirectUri],
		grant_types: ['authorization_code'],
		response_types: ['code'],
		scope: 'openid webid',
		token_endpoint_auth_method: method,
		application_type: 'web',
	};
	const reply = await context.http('web', { url, json });
	if (![200, 201].includes(reply.status))
		throw new PluginFailure('refused', `the provider did not register us: HTTP ${reply.status}`);
	return clientIn(jsonOf(reply, registrationReply), method);
}

/** The nonce that the provider wants in the proof, if that is what it says (RFC 9449 §8). */
function wantedNonce({ status, headers, body }: HttpReply): string | undefined {
	const nonce = headers['dpop-nonce'];
	if (!nonce || nonce.length > 512 || ![400, 401].includes(status)) return undefined;
	try {
		const { error } = errorReply.parse(JSON.parse(textOf({ status, headers, body })));
		return error === 'use_dpop_nonce' ? nonce : undefined;
	} catch {
		return undefined;
	}
}

/** Asks for tokens with proof of the key, a second time where the provider wants its nonce in it. */
export async function requestTokens(
	context: Context,
	discovery: Discovery,
	exchange: CodeToExchange & { key: ProofKey },
): Promise<HttpReply> {
	const url = discovery.token_endpoint;
	const request = tokenRequest(exchange);
	const send = async (nonce?: string) => {
		const proof = await proofFor(exchange.key, {
			method: 'POST',
			url,
			now: context.now(),
			...(nonce === undefined ? {} : { nonce }),
		});
		return context.http('web', { ...request, url, headers: { ...request.headers, dpop: proof } });
	};
	const reply = await send();
	const nonce = wantedNonce(reply);
	return nonce === undefined ? reply : send(nonce);
}
