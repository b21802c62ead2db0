/**
 * Where the provider's endpoints are. Its discovery document names them, but the document must not send us to any
 * host: they are called on the issuer's own host, or at the operator's addresses.
 */
import { PluginFailure, type HttpReply, type HttpRequest, type PluginContext } from '@menshen/plugin-kit';
import { discoveryPath, type Discovery, type OpenidMemory, type Source } from '@menshen/plugin-kit/openid';
import type { Config } from './config';

export type Context = PluginContext<Config>;

const elsewhere = { token: 'tokenAddress', keys: 'keysAddress', userinfo: 'userinfoAddress' } as const;
type Name = keyof typeof elsewhere;

/** The provider as it describes itself. @throws {PluginFailure} */
export function discover(context: Context, memory: OpenidMemory): Promise<Discovery> {
	const address = context.address('issuer');
	const source = {
		address,
		load: () => context.http('issuer', { path: discoveryPath }),
		now: context.now(),
	};
	return memory.discovery(source, [context.config.issuer, address]);
}

/**
 * One of its endpoints, ready to be called. @throws {PluginFailure} `config` where it is on a host that is not
 * allowed
 */
export function placeOf(
	name: Name,
	context: Context,
	discovery: Discovery,
): { address: string; send(request?: HttpRequest): Promise<HttpReply> } {
	if (context.config[elsewhere[name]])
		return { address: context.address(name), send: (request) => context.http(name, request) };
	const named = { token: 'token_endpoint', keys: 'jwks_uri', userinfo: 'userinfo_endpoint' } as const;
	const where = discovery[named[name]];
	if (!where) throw new PluginFailure('config', `the issuer has no ${name} endpoint`);
	const { origin, host, pathname: path, search, searchParams } = new URL(where);
	if (origin !== new URL(discovery.issuer).origin)
		throw new PluginFailure('config', `the ${name} endpoint is on ${host}: the settings do not name it`);
	const query = Object.fromEntries(searchParams);
	return {
		address: `${context.address('origin')}${path}${search}`,
		send: (request) => context.http('origin', { ...request, path, query: { ...query, ...request?.query } }),
	};
}

export function keysSource(context: Context, discovery: Discovery): Source {
	const { address, send } = placeOf('keys', context, discovery);
	return { address, load: send, now: context.now() };
}
