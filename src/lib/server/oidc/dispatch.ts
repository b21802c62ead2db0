/**
 * Runs before SvelteKit: requests below an app's `.well-known` and `oidc` go to its engine. No input makes it fail:
 * unknown paths and apps are answered as not found.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors as codes, Refusal, type ErrorCode } from '../../contract/errors';
import { requestContext, type Log } from '../runtime/log';
import { headersEverywhere } from './answer-headers';
import { refusePreflight } from './cors';
import { sendDocument } from './documents';
import type { Held } from './engine-shelf';
import { pinOrigin } from './origin-pin';
import { isFormByPost, redirectPost } from './redirect-post';

export type Dispatch = (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;

interface DispatchNeeds {
	origin: URL;
	log: Log;
	/** @throws Refusal app/not-found */
	get(app: number): Held | Promise<Held>;
}

/** Forms at these endpoints are small; the engine itself stops reading at 56 KB. */
const mostBodyBytes = 64 * 1024;

const mounted =
	/^\/apps\/([^/?#]*)(\/(?:\.well-known\/(?:openid-configuration|oauth-authorization-server)|oidc(?:\/[^?]*)?))(\?.*)?$/s;
const appId = /^[1-9]\d{0,5}$/;
/** The engine would accept other spellings of its paths too; only one is allowed. */
const known =
	/^\/(?:\.well-known\/.*|oidc\/(?:auth(?:\/[\w-]{1,64})?|token|userinfo|jwks|introspection|revocation|logout(?:\/(?:confirm|success))?))$/;

function refuse(res: ServerResponse, code: ErrorCode): void {
	const { status, oauth } = codes[code];
	const body = Buffer.from(JSON.stringify({ error: oauth, error_description: code }));
	const headers = {
		'Content-Type': 'application/json; charset=utf-8',
		'Content-Length': body.length,
		'Cache-Control': 'no-store',
	};
	// Where the body is not read to its end the connection cannot be used again.
	res.writeHead(status, code === 'input/too-large' ? { ...headers, Connection: 'close' } : headers).end(body);
}

function giveUp(res: ServerResponse, error: unknown): void {
	if (res.headersSent) res.destroy();
	else refuse(res, error instanceof Refusal ? error.code : 'server/unexpected');
}

interface Request {
	path: string;
	query: string;
	origin: URL;
}

type Exchange = Record<'req', IncomingMessage> & Record<'res', ServerResponse>;

async function answer({ engine }: Held, { req, res }: Exchange, request: Request): Promise<void> {
	if (!known.test(request.path)) return refuse(res, 'edge/not-found');
	if (Number(req.headers['content-length'] ?? 0) > mostBodyBytes) return refuse(res, 'input/too-large');
	pinOrigin(req, request.origin, request.path + request.query);
	if (req.method === 'OPTIONS' && (await refusePreflight(engine.app, req, res))) return;
	if (isFormByPost(req)) return redirectPost(engine, req, res);
	await requestContext.run({ requestId: randomUUID(), app: engine.app.id }, () => engine.handle(req, res));
}

const [taken, left] = [Promise.resolve(true), Promise.resolve(false)];

export function createDispatch({ origin, log, get }: DispatchNeeds): Dispatch {
	const everywhere = new Map(Object.entries(headersEverywhere(origin.protocol === 'https:')));
	const serve = async (held: Held | Promise<Held>, exchange: Exchange, request: Request) => {
		try {
			const found = await held;
			const document = found.documents.get(request.path);
			if (document) sendDocument(exchange.req, exchange.res, document);
			else await answer(found, exchange, request);
		} catch (error) {
			if (!(error instanceof Refusal))
				log.error({ err: error, path: request.path }, 'an engine could not be reached');
			giveUp(exchange.res, error);
		}
		return true;
	};
	return (req, res) => {
		const match = mounted.exec(req.url ?? '');
		if (!match) return left;
		const [, id = '', path = '', query = ''] = match;
		const held = appId.test(id) ? get(Number(id)) : Promise.reject<Held>(new Refusal('app/not-found'));
		// A prepared document is sent without waiting.
		const document = held instanceof Promise ? undefined : held.documents.get(path);
		if (document) {
			sendDocument(req, res, document);
			return taken;
		}
		res.setHeaders(everywhere);
		return serve(held, { req, res }, { path, query, origin });
	};
}
