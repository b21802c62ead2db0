/** How a plugin's `http` and `connect` go out: declared endpoints only, through the guard, within the manifest's limits. */
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
	http(source: EndpointSource, signal: AbortSignal): (endpoint: string, request?: HttpRequest) => Promise<HttpReply>;
	connect(source: EndpointSource, signal: AbortSignal): (endpoint: string) => Promise<Connection>;
	/** Whether a host typed by an operator is an address that will be refused. Names are judged when called. */
	isRefusedLiteral(host: string): boolean;
	close(): Promise<void>;
}

function bodyOf(request: HttpRequest): { body?: RequestInit['body']; type?: string } {
	if (request.json !== undefined) return { body: JSON.stringify(request.json), type: 'application/json' };
	if (request.form) return { body: new URLSearchParams(request.form).toString(), type: 'application/x-www-form-urlencoded' };
	if (request.body === undefined) return {};
	return { body: typeof request.body === 'string' ? request.body : new Uint8Array(request.body) };
}

function initOf(request: HttpRequest, signal: AbortSignal): RequestInit {
	const { body, type } = bodyOf(request);
	const headers = new Headers({ accept: 'application/json, */*;q=0.5', 'user-agent': 'menshen', ...request.headers });
	if (type && !headers.has('content-type')) headers.set('content-type', type);
	return { method: request.method ?? (body === undefined ? 'GET' : 'POST'), headers, signal, ...(body === undefined ? {} : { body }) };
}

async function replyOf(response: Response): Promise<HttpReply> {
	return {
		status: response.status,
		headers: Object.fromEntries(response.headers),
		body: new Uint8Array(await response.arrayBuffer()),
	};
}

/** The plugin learns that it did not work; which address was refused stays in `cause` for the operator. */
function unavailable(cause: unknown): never {
	if (!(cause instanceof EgressFailure)) throw cause;
	throw new PluginFailure('unavailable', cause.message, { cause });
}

const isLoopback = (socket: Socket): boolean => parseAddress(socket.remoteAddress ?? '')?.range() === 'loopback';

export function createOutgoing({ allow, lookup }: { allow: AllowList; lookup?: Lookup }): Outgoing {
	const resolving = lookup ? { lookup } : {};
	const guard = createGuard({ allow, ...resolving });
	const door = createDoor({ allow, ...resolving });
	const open = createDoor({ allow, lookup: lookup ?? lookupPublic });
	const trusted = new Map<string, Door>();

	function trustedDoor(host: string): Door {
		const known = trusted.get(host);
		if (known) return known;
		const oldest = trusted.size >= mostDoors ? [...trusted.entries()][0] : undefined;
		if (oldest) {
			trusted.delete(oldest[0]);
			void oldest[1].close();
		}
		const made = createDoor({ allow: allow.including([host]), ...resolving });
		trusted.set(host, made);
		return made;
	}

	function doorFor(endpoint: Endpoint, url: URL): Door {
		const host = canonicalHost(url.hostname) ?? url.hostname;
		if (endpoint.kind === 'http' && endpoint.trusted) return trustedDoor(host);
		if (url.protocol !== 'https:' && !guard.isAllowedByName(host))
			throw new EgressFailure('refused', host, 'only https addresses are called');
		return endpoint.kind === 'anyPublic' ? open : door;
	}

	async function send(source: EndpointSource, name: string, call: { request: HttpRequest; signal: AbortSignal }): Promise<HttpReply> {
		const { request, signal } = call;
		const endpoint = endpointOf(name, source);
		if (endpoint.kind === 'tcp') throw new PluginFailure('config', `${name} is not an HTTP endpoint`);
		const url = addressOf(endpoint, request);
		const { timeoutMs, maxReplyBytes } = source.manifest.limits;
		const redirects = Math.min(request.redirects ?? 0, mostRedirects);
		const offOrigin = endpoint.kind === 'anyPublic';
		const response = await doorFor(endpoint, url).send(url, initOf(request, signal), { timeoutMs, maxBytes: maxReplyBytes, redirects, offOrigin });
		return replyOf(response);
	}

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
		http: (source, signal) => (name, request = {}) => send(source, name, { request, signal }).catch(unavailable),
		connect: (source, signal) => (name) => dial(source, name, signal).catch(unavailable),
		isRefusedLiteral(host) {
			try {
				guard.refuseLiteral(host);
				return false;
			} catch {
				return true;
			}
		},
		async close() {
			await Promise.all([door, open, ...trusted.values()].map((each) => each.close()));
		},
	};
}
