/** The contract suite's stand-in for the host's guarded HTTP: this machine only, nothing followed. */
import { request as httpRequest } from 'node:http';
import type { HttpReply, HttpRequest } from './context';
import { PluginFailure } from './failures';

function bodyOf(request: HttpRequest): { body?: string | Uint8Array; type?: string } {
	if (request.json !== undefined) return { body: JSON.stringify(request.json), type: 'application/json' };
	if (request.form)
		return { body: new URLSearchParams(request.form).toString(), type: 'application/x-www-form-urlencoded' };
	return request.body === undefined ? {} : { body: request.body };
}

export function requestLoopback(base: string, request: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
	// An endpoint declared `anyPublic` is called with complete addresses.
	const url = new URL(request.url ?? base);
	if (!['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname))
		throw new Error('contract tests stay on this machine');
	if (request.url === undefined && request.path)
		url.pathname = `${url.pathname.replace(/\/+$/, '')}/${request.path.replace(/^\/+/, '')}`;
	for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
	const { body, type } = bodyOf(request);
	const method = request.method ?? (body === undefined ? 'GET' : 'POST');
	const headers = { ...(type ? { 'content-type': type } : {}), ...request.headers };
	return new Promise((resolve, reject) => {
		const fail = (cause: unknown) => reject(new PluginFailure('unavailable', 'no answer', { cause }));
		const outgoing = httpRequest(url, { method, headers, signal }, (incoming) => {
			const chunks: Buffer[] = [];
			incoming.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', fail);
			incoming.once('end', () =>
				resolve({
					status: incoming.statusCode ?? 0,
					headers: Object.fromEntries(
						Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
					),
					body: new Uint8Array(Buffer.concat(chunks)),
				}),
			);
		});
		outgoing.once('error', fail).end(body);
	});
}
