/** Where a plugin's declared endpoints lead, after applying the operator's settings and ENDPOINTS. */
import {
	PluginFailure,
	type ConfigValues,
	type EndpointDeclaration,
	type HttpRequest,
	type Manifest,
} from '../../plugin-kit';
import { StartRefused } from '../config/environment';
import { canonicalHost } from './egress/addresses';
import type { PluginRegistry } from './registry';

/** `<plugin>.<endpoint>` → url, from the environment. */
export type Overrides = Readonly<Record<string, string>>;

export type Endpoint =
	/** `trusted`: set by the environment or the apply file, so it may be private and unencrypted. */
	| { kind: 'http'; base: URL; trusted: boolean }
	| { kind: 'anyPublic' }
	| { kind: 'tcp'; host: string; port: number; trusted: boolean };

export interface EndpointSource {
	manifest: Manifest;
	overrides: Overrides;
	values: ConfigValues;
	/** Config keys whose values are trusted. */
	trusted: ReadonlySet<string>;
}

const isTcp = (declared: EndpointDeclaration | undefined): boolean =>
	typeof declared === 'object' && 'connect' in declared;

const isAnyPublic = (declared: EndpointDeclaration | undefined): boolean =>
	typeof declared === 'object' && 'anyPublic' in declared;

function tcpOf(text: string): Endpoint {
	const url = new URL(text);
	return { kind: 'tcp', host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port), trusted: true };
}

function fromConfig(
	name: string,
	declared: EndpointDeclaration,
	{ values, trusted }: EndpointSource,
): Endpoint {
	if (typeof declared === 'string') return { kind: 'http', base: new URL(declared), trusted: false };
	if ('anyPublic' in declared) return { kind: 'anyPublic' };
	if ('connect' in declared) {
		const { host, port } = declared.connect;
		return {
			kind: 'tcp',
			host: String(values[host] ?? ''),
			port: Number(values[port] ?? 0),
			trusted: trusted.has(host),
		};
	}
	const address = String(values[declared.fromConfig] ?? '');
	if (!URL.canParse(address)) throw new PluginFailure('config', `the address of ${name} is not set`);
	const base = declared.origin ? new URL('/', address) : new URL(address);
	return { kind: 'http', base, trusted: trusted.has(declared.fromConfig) };
}

/** @throws {PluginFailure} `config` for an undeclared name, or where the operator set no address. */
export function endpointOf(name: string, source: EndpointSource): Endpoint {
	const declared = Object.hasOwn(source.manifest.endpoints, name)
		? source.manifest.endpoints[name]
		: undefined;
	if (!declared) throw new PluginFailure('config', `the manifest declares no endpoint ${name}`);
	const override = source.overrides[`${source.manifest.id}.${name}`];
	if (override === undefined) return fromConfig(name, declared, source);
	if (isTcp(declared)) return tcpOf(override);
	return { kind: 'http', base: new URL(override), trusted: true };
}

/** Where a browser is sent: the endpoint's own address, without a slash at the end. @throws {PluginFailure} `config` */
export function browserAddressOf(name: string, source: EndpointSource): string {
	const endpoint = endpointOf(name, source);
	if (endpoint.kind !== 'http') throw new PluginFailure('config', `${name} is no address for a browser`);
	return endpoint.base.href.replace(/\/+$/, '');
}

/** @returns why this endpoint cannot lead there */
function faultOf(declared: EndpointDeclaration | undefined, address: string): string | undefined {
	if (isAnyPublic(declared))
		return `stands for every public address and leads nowhere else. Allow this machine's with EGRESS_ALLOW`;
	const needed = isTcp(declared) ? tcpAddress : httpAddress;
	return URL.canParse(address) && needed.fits(new URL(address)) ? undefined : `needs ${needed.text}`;
}

/** @throws {StartRefused} when ENDPOINTS names what does not exist or cannot be redirected, or gives no address. */
export function checkOverrides(overrides: Overrides, registry: PluginRegistry): void {
	for (const [key, address] of Object.entries(overrides)) {
		const [id = '', name = ''] = key.split('.');
		const endpoints = registry.find(id)?.manifest.endpoints ?? {};
		if (!Object.hasOwn(endpoints, name)) throw new StartRefused(`ENDPOINTS: there is no endpoint ${key}.`);
		const fault = faultOf(endpoints[name], address);
		if (fault) throw new StartRefused(`ENDPOINTS: ${key} ${fault}.`);
	}
}

const tcpAddress = { text: 'smtp://host:port', fits: (url: URL) => url.port !== '' };
const httpAddress = { text: 'an http or https address', fits: (url: URL) => /^https?:$/.test(url.protocol) };

/** The hosts a plugin may reach, for operators to read. `*` is any public one. */
export function reachesOf(source: EndpointSource): string[] {
	const hosts = Object.keys(source.manifest.endpoints).map((name) => {
		try {
			const endpoint = endpointOf(name, source);
			if (endpoint.kind === 'anyPublic') return '*';
			return endpoint.kind === 'http' ? endpoint.base.host : canonicalHost(endpoint.host);
		} catch {
			return undefined;
		}
	});
	return [...new Set(hosts.filter((host) => host !== undefined))];
}

/**
 * The address of one request: always below the endpoint's own.
 * @throws {PluginFailure} `config` when the plugin asks for anything else.
 */
export function addressOf(endpoint: Exclude<Endpoint, { kind: 'tcp' }>, request: HttpRequest): URL {
	const url = endpoint.kind === 'anyPublic' ? anyAddress(request) : below(endpoint.base, request);
	for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
	return url;
}

function anyAddress(request: HttpRequest): URL {
	if (!request.url || !URL.canParse(request.url))
		throw new PluginFailure('config', 'the request has no address');
	return new URL(request.url);
}

function below(base: URL, request: HttpRequest): URL {
	if (request.url !== undefined)
		throw new PluginFailure('config', 'only an anyPublic endpoint takes a whole address');
	const root = base.pathname.replace(/\/+$/, '');
	const path = request.path ? `/${request.path.replace(/^\/+/, '')}` : '';
	const url = new URL(base);
	const [pathname = '', query] = path.split(/\?(.*)/s);
	url.pathname = path ? `${root}${pathname}` : base.pathname;
	if (query !== undefined) url.search = query;
	url.hash = '';
	// Dot segments have been resolved by now: a path that is no longer below the root is an escape.
	if (url.origin !== base.origin || !`${url.pathname}/`.startsWith(`${root}/`))
		throw new PluginFailure('config', 'the path leads out of the endpoint');
	return url;
}
