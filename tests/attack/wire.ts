/** Requests as an attacker writes them: any header, any line, whatever a well-behaved client would never send. */
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';

export interface Sent {
	method?: string;
	/** As it is in the request line: a path, or whatever an attacker puts there. */
	path: string;
	headers?: Record<string, string | string[]>;
	body?: string | Buffer;
}

export interface Got {
	status: number;
	headers: IncomingHttpHeaders;
	/** Lines of Set-Cookie. */
	cookies: string[];
	body: string;
	/** From the first byte sent to the last one received. */
	ms: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** @param at where the server listens, e.g. `http://127.0.0.1:3000` */
export function send(at: string, { method = 'GET', path, headers = {}, body }: Sent): Promise<Got> {
	const { hostname, port } = new URL(at);
	const before = performance.now();
	return new Promise((resolve, reject) => {
		const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
		const call = request(
			{ hostname, port, method, path, agent, headers: { ...length, ...headers } },
			(response) => {
				const chunks: Buffer[] = [];
				response.on('data', (chunk: Buffer) => chunks.push(chunk));
				response.on('error', reject);
				response.on('end', () =>
					resolve({
						status: response.statusCode ?? 0,
						headers: response.headers,
						cookies: response.headers['set-cookie'] ?? [],
						body: Buffer.concat(chunks).toString(),
						ms: performance.now() - before,
					}),
				);
			},
		);
		call.on('error', reject);
		call.end(body);
	});
}

const formType = 'application/x-www-form-urlencoded';

/** A form as one of our own pages posts it. */
export function post(
	at: string,
	path: string,
	fields: Record<string, string>,
	headers: Sent['headers'] = {},
): Promise<Got> {
	const body = new URLSearchParams(fields).toString();
	return send(at, {
		method: 'POST',
		path,
		body,
		headers: { 'content-type': formType, accept: 'text/html', ...headers },
	});
}

/** Bytes as they are, over a connection of their own. @returns all that came back */
export function sendBytes(at: string, bytes: string | Buffer, patience = 3000): Promise<string> {
	const { hostname, port } = new URL(at);
	return new Promise((resolve) => {
		let got = '';
		const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(bytes));
		const end = () => {
			socket.destroy();
			resolve(got);
		};
		socket.setTimeout(patience, end);
		socket.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')));
		socket.on('error', end);
		socket.on('close', end);
	});
}

/** The cookies of an answer as the next request carries them. */
export const cookieHeader = (got: Pick<Got, 'cookies'>): string =>
	got.cookies.map((line) => line.split(';')[0]).join('; ');

/** A connection that is cut while the rest of a body still comes is a refusal too. */
export async function orCut(asked: Promise<Got>): Promise<Got> {
	const before = performance.now();
	return asked.catch((error: { code?: string }) => {
		if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') throw error;
		return { status: 413, headers: {}, cookies: [], body: '', ms: performance.now() - before };
	});
}
