/** An HTTP server on this machine that records its requests. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LoopbackServer {
	readonly url: string;
	readonly port: number;
	/** `METHOD /path` of each request, in order. */
	readonly requests: { line: string; headers: IncomingMessage['headers']; body: string }[];
	/** Connections ever made, requests or not. */
	connections(): number;
	/** Resolves when the next request has arrived. */
	nextRequest(): Promise<void>;
	close(): Promise<void>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export async function startLoopbackServer(answer: Answer): Promise<LoopbackServer> {
	const requests: LoopbackServer['requests'] = [];
	const waiting: (() => void)[] = [];
	let connections = 0;
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			requests.push({
				line: `${request.method} ${request.url}`,
				headers: request.headers,
				body: Buffer.concat(chunks).toString(),
			});
			for (const arrived of waiting.splice(0)) arrived();
			answer(request, response);
		});
	});
	server.on('connection', () => (connections += 1));
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		port,
		requests,
		connections: () => connections,
		nextRequest: () => new Promise((arrived) => waiting.push(arrived)),
		async close() {
			server.closeAllConnections();
			await new Promise((closed) => server.close(closed));
		},
	};
}
