/** A request and response that never saw a wire: the engine's helpers and documents want a pair. */
import { IncomingMessage, ServerResponse, type OutgoingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import type Provider from 'oidc-provider';
import { pinOrigin } from './origin-pin';

export interface SyntheticRequest {
	origin: URL;
	/** Where the app's issuer is mounted, e.g. `/apps/4`. */
	mount: string;
	/** Below the mount. */
	path: string;
	cookie?: string | null | undefined;
	/** A form to post; else it is a GET. */
	form?: Readonly<Record<string, string>>;
	/** The request in whose stead this one is made: it comes from where that one came from. */
	onBehalfOf?: IncomingMessage;
}

/** Where a request came from, as its connection and the proxies tell. */
function socketLike(request: IncomingMessage | undefined): Socket {
	const socket = new Socket();
	const { remoteAddress } = request?.socket ?? {};
	return remoteAddress ? Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress }) : socket;
}
const toldByProxies = ['forwarded', 'x-forwarded-for'] as const;

export function syntheticPair(request: SyntheticRequest): [IncomingMessage, ServerResponse] {
	const { onBehalfOf } = request;
	const req = new IncomingMessage(socketLike(onBehalfOf));
	Object.assign(
		req.headers,
		Object.fromEntries(toldByProxies.map((name) => [name, onBehalfOf?.headers[name]])),
	);
	req.method = request.form ? 'POST' : 'GET';
	req.url = request.mount + request.path;
	req.headers.cookie = request.cookie ?? '';
	const body = request.form ? new URLSearchParams(request.form).toString() : '';
	if (request.form) {
		req.headers['content-type'] = 'application/x-www-form-urlencoded';
		req.headers['content-length'] = String(Buffer.byteLength(body));
		req.push(body);
	}
	req.push(null);
	pinOrigin(req, request.origin, request.path);
	return [req, new ServerResponse(req)];
}

export interface SyntheticAnswer {
	status: number;
	headers: OutgoingHttpHeaders;
	body: Buffer;
}

/** What the engine answers, without a connection. */
export async function askEngine(provider: Provider, request: SyntheticRequest): Promise<SyntheticAnswer> {
	const [req, res] = syntheticPair(request);
	let body = Buffer.alloc(0);
	Object.assign(res, {
		end(chunk?: string | Buffer) {
			if (chunk) body = Buffer.from(chunk as string);
			return res;
		},
	});
	await provider.callback()(req, res);
	return { status: res.statusCode, headers: res.getHeaders(), body };
}
