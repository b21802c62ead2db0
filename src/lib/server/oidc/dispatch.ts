/**
 * The door before SvelteKit: what lies under an app's `.well-known` and `oidc` goes to its engine. Nothing
 * that a caller writes makes it fail: a strange path is not found, a strange app neither.
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
import { redirectPost } from './redirect-post';

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
/** The engine would take other spellings of its paths too; there is one. */
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

async function answer(held: Held, { req, res }: Exchange, request: Request): Promise<void> {
	const { engine, documents } = held;
	const document = documents.get(request.path);
	if (document) return sendDocument(req, res, document);
	if (!known.test(request.path)) return refuse(res, 'edge/not-found');
	if (Number(req.headers['content-length'] ?? 0) > mostBodyBytes) return refuse(res, 'input/too-large');
	pinOrigin(req, request.origin, request.path + request.query);
	if (await refusePreflight(engine.app, req, res)) return;
	if (await redirectPost(engine, req, res)) return;
	await requestContext.run({ requestId: randomUUID(), app: engine.app.id }, () => engine.handle(req, res));
}

export function createDispatch({ origin, log, get }: DispatchNeeds): Dispatch {
	const everywhere = new Map(Object.entries(headersEverywhere(origin.protocol === 'https:')));
	return async (req, res) => {
		const match = mounted.exec(req.url ?? '');
		if (!match) return false;
		res.setHeaders(everywhere);
		const [, id = '', path = '', query = ''] = match;
		try {
			if (!appId.test(id)) throw new Refusal('app/not-found');
			const held = get(Number(id));
			// Waited for only where it has to be: documents are sent in the same turn.
			await answer(held instanceof Promise ? await held : held, { req, res }, { path, query, origin });
		} catch (error) {
			if (!(error instanceof Refusal)) log.error({ err: error, path }, 'an engine could not be reached');
			giveUp(res, error);
		}
		return true;
	};
}
