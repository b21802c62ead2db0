/**
 * Outgoing HTTP, and the only file that may speak it: each connection goes to an address that the guard checked,
 * and time, redirects, header size and decompressed size are bounded.
 */
import type { Agent, RequestInit as UndiciInit, Response as UndiciResponse } from 'undici';
import { parseAllowList, type AllowList } from './allow-list';
import { causedBy, codeOf, EgressFailure, findEgressFailure } from './failure';
import { createGuard, type Guard, type Lookup } from './guard';

interface Limits {
	/** For the whole exchange, name resolution to last byte. */
	timeoutMs: number;
	/** Of the body after decompression. */
	maxBytes: number;
	/** Redirects to follow. */
	redirects: number;
	/** Whether a redirect may lead to another origin. */
	offOrigin: boolean;
}

const defaults: Limits = { timeoutMs: 5_000, maxBytes: 1_000_000, redirects: 0, offOrigin: false };

export interface Door {
	/** Sends one request and reads the whole answer. @throws {EgressFailure} */
	send(url: URL, init: RequestInit, limits: Limits): Promise<Response>;
	close(): Promise<void>;
}

type Answered = (
	error: Error | null,
	address?: string | { address: string; family: number }[],
	family?: number,
) => void;

async function createAgent(guard: Guard): Promise<Agent> {
	// Loaded at the first call: it is a tenth of all the code, and many appliances make no calls.
	const { Agent } = await import('undici');
	return new Agent({
		connections: 32,
		pipelining: 1,
		keepAliveTimeout: 4_000,
		keepAliveMaxTimeout: 10_000,
		maxHeaderSize: 16_384,
		connect: {
			timeout: 5_000,
			// Called for names only: addresses in the URL are checked before the request.
			lookup: (host: string, options: { all?: boolean }, done: unknown) => {
				const answered = done as Answered;
				guard.resolve(host).then(
					(found) =>
						options.all ? answered(null, [...found]) : answered(null, found[0]?.address, found[0]?.family),
					(error: Error) => answered(error),
				);
			},
		},
	});
}

function failureOf(error: unknown, host: string, signal: AbortSignal): EgressFailure {
	const known = findEgressFailure(error);
	if (known) return known;
	if (signal.aborted) return causedBy(new EgressFailure('timeout', host, 'did not answer in time'), error);
	const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
	return causedBy(new EgressFailure('network', host, codeOf(cause)), error);
}

async function readBody(response: UndiciResponse, host: string, maxBytes: number): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of response.body ?? []) {
		size += (chunk as Uint8Array).byteLength;
		// Leaving the loop cancels the stream, and with it the rest of a bomb.
		if (size > maxBytes) throw new EgressFailure('too-large', host, `answered more than ${maxBytes} bytes`);
		chunks.push(chunk as Uint8Array);
	}
	return Buffer.concat(chunks);
}

const withoutBody = new Set([101, 204, 205, 304]);

function rebuild(response: UndiciResponse, body: Buffer): Response {
	const headers = [...response.headers].filter(
		([name]) => !['content-encoding', 'content-length'].includes(name),
	);
	const { status, statusText } = response;
	const bytes = withoutBody.has(status) ? null : new Uint8Array(body);
	return new Response(bytes, { status, statusText, headers });
}

interface Hop {
	url: URL;
	init: RequestInit;
}

const credentials = ['authorization', 'cookie', 'proxy-authorization'];

const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * The request for a redirect (RFC 9110 §15.4): no credentials to another origin, no body where the method becomes
 * GET.
 */
function initAfter(status: number, from: Hop, to: URL): RequestInit {
	const headers = new Headers(from.init.headers);
	if (to.origin !== from.url.origin) for (const name of credentials) headers.delete(name);
	const method = (from.init.method ?? 'GET').toUpperCase();
	if (status >= 307 || method === 'GET' || method === 'HEAD') return { ...from.init, headers };
	for (const name of ['content-type', 'content-length']) headers.delete(name);
	return { ...from.init, headers, method: 'GET', body: null };
}

/** Where a redirect leads. Undefined: it is an answer like any other. */
function nextHop(from: Hop, response: Response): Hop | undefined {
	const location = response.headers.get('location');
	if (!redirects.has(response.status) || !location) return undefined;
	if (!URL.canParse(location, from.url))
		throw new EgressFailure('network', from.url.host, 'redirects to no address');
	const url = new URL(location, from.url);
	return { url, init: initAfter(response.status, from, url) };
}

function refuseHop(from: URL, to: URL, offOrigin: boolean): void {
	if (to.protocol !== 'https:' && to.protocol !== from.protocol)
		throw new EgressFailure('refused', to.host, 'a redirect may not leave https');
	if (!offOrigin && to.origin !== from.origin)
		throw new EgressFailure('refused', to.host, 'a redirect may not leave its origin');
}

/**
 * @param allow private hosts that may be reached
 * @param lookup how names are resolved; substituted in tests
 */
export function createDoor(options: { allow: AllowList; lookup?: Lookup }): Door {
	const first = createGuard(options);
	// A redirect to another host may lead to public addresses only, whatever is allowed by name.
	const strict = createGuard({ ...options, allow: parseAllowList([]) });
	const agents = new Map<Guard, Promise<Agent>>();

	function agentOf(guard: Guard): Promise<Agent> {
		const agent = agents.get(guard) ?? createAgent(guard);
		agents.set(guard, agent);
		return agent;
	}

	async function once(
		hop: Hop,
		limits: Limits,
		trip: { signal: AbortSignal; strict: boolean },
	): Promise<Response> {
		const { url, init } = hop;
		if (!['https:', 'http:'].includes(url.protocol) || url.username || url.password)
			throw new EgressFailure('refused', url.host, 'only plain http and https addresses are called');
		const guard = trip.strict ? strict : first;
		guard.refuseLiteral(url.hostname);
		const dispatcher = await agentOf(guard);
		const { fetch } = await import('undici');
		const response = await fetch(url, {
			...(init as UndiciInit),
			headers: [...new Headers(init.headers)],
			redirect: 'manual',
			dispatcher,
			signal: trip.signal,
		});
		return rebuild(response, await readBody(response, url.host, limits.maxBytes));
	}

	return {
		async send(url, init, limits) {
			const deadline = AbortSignal.timeout(limits.timeoutMs);
			const signal = init.signal ? AbortSignal.any([deadline, init.signal]) : deadline;
			let hop: Hop = { url, init };
			try {
				for (let left = limits.redirects; ; left -= 1) {
					const response = await once(hop, limits, { signal, strict: hop.url.origin !== url.origin });
					const next = nextHop(hop, response);
					if (!next || limits.redirects === 0) return response;
					if (left === 0) throw new EgressFailure('network', url.host, 'redirects too often');
					refuseHop(hop.url, next.url, limits.offOrigin);
					hop = next;
				}
			} catch (error) {
				throw failureOf(error, hop.url.host, signal);
			}
		},
		async close() {
			await Promise.all([...agents.values()].map(async (agent) => (await agent).destroy()));
		},
	};
}

export interface GuardedFetchOptions extends Partial<Limits> {
	/** The value of EGRESS_ALLOW. */
	allow?: readonly string[];
	lookup?: Lookup;
}

/** A `fetch` whose connections are guarded; `close` ends the idle ones. */
export type GuardedFetch = typeof fetch & { close(): Promise<void> };

/**
 * For calls to addresses from settings: back-channel logout, key sets, webhooks.
 * Defaults: 5 s, 1 MB after decompression, no redirects followed (a 3xx is the answer).
 * The answer is read completely before it is returned. Rejects with {@link EgressFailure}.
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
	const { allow = [], lookup, ...limits } = options;
	const door = createDoor({ allow: parseAllowList(allow), ...(lookup ? { lookup } : {}) });
	const guarded = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
		const request = input instanceof Request ? input : undefined;
		const url = new URL(input instanceof Request ? input.url : input);
		const whole: RequestInit = request
			? { method: request.method, headers: request.headers, body: await request.arrayBuffer(), ...init }
			: init;
		return door.send(url, whole, { ...defaults, offOrigin: true, ...limits });
	};
	return Object.assign(guarded, { close: () => door.close() });
}
