/**
 * Serves the API, before SvelteKit (ADR 0012). It makes the same checks as the hooks, with the same code (edge/):
 * where the request comes from, whose it is, which headers every answer has.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from '../../contract/errors';
import { appIdOf } from '../edge/app-of-path';
import { hasOurCookie } from '../edge/cookies';
import { judgeCrossSite } from '../edge/cross-site';
import { setSecurityHeaders } from '../edge/headers';
import { requestContext } from '../runtime/log';
import { newRequestId } from '../runtime/random';
import { answerCalls, replyToFailure, toAnswer, type ApiAnswer, type ApiRequest } from './answer';
import type { TrpcContext } from './context';
import { createCookieJar, type CookieJar } from './cookie-jar';
import { corsHeaders, preflightHeaders } from './cors';
import { readBody } from './read-body';
import { contextMaker, type ApiOptions } from './request-context';
import { requestSource, type HeaderReader } from './request-source';

const apiPath = '/trpc/';

/** Names and values one after the other, as `writeHead` takes them fastest. */
type HeaderLines = readonly string[];
const nothing: HeaderLines = [];

function constantHeaders(secure: boolean): HeaderLines {
	const headers = new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store' });
	setSecurityHeaders(headers, secure);
	return [...headers].flat();
}

const headersOf = (req: IncomingMessage): HeaderReader => ({
	get(name) {
		const value = req.headers[name];
		return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value;
	},
});

interface Arrival {
	req: IncomingMessage;
	headers: HeaderReader;
	ctx: TrpcContext;
	origin: string;
}

/** Media types are case-insensitive, and parameters after a semicolon do not change the type (RFC 9110 §8.3.1). */
const isJson = (type: string | null): boolean =>
	type?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';

/** A GET has no body to wait for. @throws Refusal input/invalid: another method, or a body that is not JSON */
function readRequest({ req, headers }: Arrival): ApiRequest | Promise<ApiRequest> {
	const [path = '', query = ''] = (req.url ?? '').slice(apiPath.length).split('?', 2);
	const parameters = new URLSearchParams(query);
	const names = decodePath(path);
	const isBatch = parameters.get('batch') === '1';
	if (req.method === 'GET') return { type: 'query', path: names, isBatch, input: parameters.get('input') };
	if (req.method !== 'POST') throw new Refusal('input/invalid', { detail: `method ${req.method}` });
	return readBody(req).then((body) => {
		if (body !== '' && !isJson(headers.get('content-type')))
			throw new Refusal('input/invalid', { detail: 'content type' });
		return { type: 'mutation', path: names, isBatch, input: body };
	});
}

function decodePath(path: string): string {
	try {
		return decodeURIComponent(path);
	} catch {
		throw new Refusal('input/invalid', { detail: 'path' });
	}
}

/** The CORS headers for a page of another site; none for other callers. @throws Refusal edge/cross-site */
function admit({ req, headers, ctx, origin }: Arrival): HeaderLines | Promise<HeaderLines> {
	const { method = '' } = req;
	const verdict = judgeCrossSite({ method, headers }, origin, hasOurCookie(headers.get('cookie')));
	if (verdict === 'foreign') throw new Refusal('edge/cross-site');
	if (requestSource(headers, origin) !== 'elsewhere') return nothing;
	return corsHeaders(headers.get('origin'), ctx.findApp).then((lines) => lines.flat());
}

async function serve(arrival: Arrival): Promise<ApiAnswer & { cors: HeaderLines }> {
	const { req, ctx } = arrival;
	const type = req.method === 'GET' ? 'query' : 'mutation';
	let cors: HeaderLines = nothing;
	try {
		const admitted = admit(arrival);
		cors = admitted === nothing ? nothing : await admitted;
		const request = readRequest(arrival);
		const { status, body } = await answerCalls('path' in request ? request : await request, ctx);
		return { status, body, cors };
	} catch (thrown) {
		return { ...toAnswer(replyToFailure(thrown, ctx, { type })), cors };
	}
}

/** Answers everything under `/trpc/`. @returns whether the request was one of those; others are left untouched */
export function createTrpcDispatch(
	options: ApiOptions,
): (req: IncomingMessage, res: ServerResponse) => Promise<boolean> {
	const { ORIGIN: origin } = options.config;
	const constant = constantHeaders(origin.startsWith('https:'));
	const contextOf = contextMaker(options);

	const answer = async (req: IncomingMessage, res: ServerResponse, requestId: string): Promise<void> => {
		const headers = headersOf(req);
		const jar: CookieJar = createCookieJar(headers.get('cookie'));
		const ctx = contextOf({ requestId, headers, jar, peer: req.socket.remoteAddress ?? '' });
		const { status, body, cors } = await serve({ req, headers, ctx, origin });
		const own = ['menshen-request', requestId, 'content-length', String(Buffer.byteLength(body))];
		for (const line of jar.lines()) own.push('set-cookie', line);
		// The unread rest of a body that is too long must not be parsed as the next request.
		if (status === 413) own.push('connection', 'close');
		res.writeHead(status, constant.concat(own, cors));
		res.end(body);
	};

	return async (req, res) => {
		if (!req.url?.startsWith(apiPath)) return false;
		const from = req.headers.origin;
		if (req.method === 'OPTIONS' && from !== undefined) {
			res.writeHead(204, preflightHeaders(from).flat()).end();
			return true;
		}
		const requestId = newRequestId();
		const app = appIdOf({}, headersOf(req));
		await requestContext.run({ requestId, ...(app === undefined ? {} : { app }) }, () =>
			answer(req, res, requestId),
		);
		return true;
	};
}
