/**
 * How a plugin's `http` and `connect` reach the network: declared endpoints only, through the guard, within the
 * manifest's limits.
 */
import type { Socket } from 'node:net';
import { PluginFailure, type Connection, type HttpReply, type HttpRequest } from '../../plugin-kit';
import type { AllowList } from './egress/allow-list';
import { canonicalHost, parseAddress } from './egress/addresses';
import { EgressFailure } from './egress/failure';
import { createGuard, lookupPublic, type Lookup } from './egress/guard';
import { guardedConnect } from './egress/guarded-connect';
import { createDoor, type Door } from './egress/guarded-fetch';
import { addressOf, endpointOf, type Endpoint, type EndpointSource } from './endpoints';

const mostRedirects = 5;
const mostDoors = 64;

export interface Outgoing {
	http(
		source: EndpointSource,
		signal: AbortSignal,
	): (endpoint: string, request?: HttpRequest) => Promise<HttpReply>;
	connect(source: EndpointSource, signal: AbortSignal): (endpoint: string) => Promise<Connection>;
	/**
	 * Whether a host typed by an operator is an address that will be refused. Names are checked when they are called.
	 */
	isRefusedLiteral(host: string): boolean;
	close(): Promise<void>;
}

function bodyOf(request: HttpRequest): { body?: RequestInit['body']; type?: string } {
	if (request.json !== undefined) return { body: JSON.stringify(request.json), type: 'application/json' };
	if (request.form)
		return { body: new URLSearchParams(request.form).toString(), type: 'application/x-www-form-urlencoded' };
	if (request.body === undefined) return {};
	return { body: typeof request.body === 'string' ? request.body : new Uint8Array(request.body) };
}

function initOf(request: HttpRequest, signal: AbortSignal): RequestInit {
	const { body, type } = bodyOf(request);
	const headers = new Headers({
		accept: 'application/json, */*;q=0.5',
		'user-agent': 'menshen',
		...request.headers,
	});
	if (type && !headers.has('content-type')) headers.set('content-type', type);
	return {
		method: request.method ?? (body === undefined ? 'GET' : 'POST'),
		headers,
		signal,
		...(body === undefined ? {} : { body }),
	};
}

async function replyOf(response: Response): Promise<HttpReply> {
	return {
		status: response.status,
		headers: Object.fromEntries(response.headers),
		body: new Uint8Array(await response.arrayBuffer()),
	};
}

/** The plugin is told only that the call failed; the refused address stays in `cause` for the operator. */
function unavailable(cause: unknown): never {
	if (!(cause instanceof EgressFailure)) throw cause;
	throw new PluginFailure('unavailable', cause.message, { cause });
}

const isLoopback = (socket: Socket): boolean =>
	parseAddress(socket.remoteAddress ?? '')?.range() === 'loopback';

/**
 * Guarded clients for hosts that the environment or the apply file named, one for each host: none can reach another
 * host.
 */
class TrustedDoors {
	readonly #doors = new Map<string, Door>();
	readonly #make: (host: string) => Door;

	constructor(make: (host: string) => Door) {
		this.#make = make;
	}

	to(host: string): Door {
		const known = this.#doors.get(host);
		if (known) return known;
		const [oldest] = this.#doors;
		if (oldest && this.#doors.size >= mostDoors) {
			this.#doors.delete(oldest[0]);
			void oldest[1].close();
		}
		const made = this.#make(host);
		this.#doors.set(host, made);
		return made;
	}

	async close(): Promise<void> {
		await Promise.all([...this.#doors.values()].map((door) => door.close()));
	}
}

interface Doors {
	/** @throws {EgressFailure} `refused` for an address without TLS that is not allowed. */
	for(endpoint: Endpoint, url: URL): Door;
	close(): Promise<void>;
}

type Resolving = { lookup?: Lookup };

function createDoors(allow: AllowList, resolving: Resolving): Doors {
	const guard = createGuard({ allow, ...resolving });
	const declared = createDoor({ allow, ...resolving });
	const anyPublic = createDoor({ allow, lookup: resolving.lookup ?? lookupPublic });
	const trusted = new TrustedDoors((host) => createDoor({ allow: allow.including([host]), ...resolving }));
	return {
		for(endpoint, url) {
			const host = canonicalHost(url.hostname) ?? url.hostname;
			if (endpoint.kind === 'http' && endpoint.trusted) return trusted.to(host);
			if (url.protocol !== 'https:' && !guard.isAllowedByName(host))
				throw new EgressFailure('refused', host, 'only https addresses are called');
			return endpoint.kind === 'anyPublic' ? anyPublic : declared;
		},
		async close() {
			await Promise.all([declared, anyPublic, trusted].map((each) => each.close()));
		},
	};
}

async function send(
	doors: Doors,
	source: EndpointSource,
	call: { name: string; request: HttpRequest; signal: AbortSignal },
) {
	const { name, request, signal } = call;
	const endpoint = endpointOf(name, source);
	if (endpoint.kind === 'tcp') throw new PluginFailure('config', `${name} is not an HTTP endpoint`);
	const url = addressOf(endpoint, request);
	const { timeoutMs, maxReplyBytes: maxBytes } = source.manifest.limits;
	const redirects = Math.min(request.redirects ?? 0, mostRedirects);
	const limits = { timeoutMs, maxBytes, redirects, offOrigin: endpoint.kind === 'anyPublic' };
	return replyOf(await doors.for(endpoint, url).send(url, initOf(request, signal), limits));
}

export function createOutgoing({ allow, lookup }: { allow: AllowList } & Resolving): Outgoing {
	const resolving: Resolving = lookup ? { lookup } : {};
	const guard = createGuard({ allow, ...resolving });
	const doors = createDoors(allow, resolving);

	async function dial(source: EndpointSource, name: string, signal: AbortSignal): Promise<Connection> {
		const endpoint = endpointOf(name, source);
		if (endpoint.kind !== 'tcp') throw new PluginFailure('config', `${name} is not a TCP endpoint`);
		const host = canonicalHost(endpoint.host);
		if (!host) throw new PluginFailure('config', `the host of ${name} is not set`);
		const judge = endpoint.trusted ? createGuard({ allow: allow.including([host]), ...resolving }) : guard;
		const socket = await guardedConnect(judge, { host, port: endpoint.port, signal });
		return { socket, host, loopback: isLoopback(socket) };
	}

	return {
		http:
			(source, signal) =>
			(name, request = {}) =>
				send(doors, source, { name, request, signal }).catch(unavailable),
		connect: (source, signal) => (name) => dial(source, name, signal).catch(unavailable),
		isRefusedLiteral(host) {
			try {
				guard.refuseLiteral(host);
				return false;
			} catch {
				return true;
			}
		},
		close: () => doors.close(),
	};
}
