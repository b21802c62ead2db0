/**
 * Discovery and key set, made once and sent as they are, since they are requested most often. The engine writes
 * them; they are made again with each new engine.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { headersEverywhere } from './answer-headers';
import type { Engine } from './engine';
import { askEngine } from './synthetic';

export interface Document {
	readonly body: Buffer;
	/** Names and values in turn, as they are sent. */
	readonly headers: string[];
}

/** The path below the mount. */
export const documentPaths = [
	'/.well-known/openid-configuration',
	'/.well-known/oauth-authorization-server',
	'/oidc/jwks',
];

/** Public by nature, so any origin may read them. A new key is published long before this cache time ends. */
const shared = {
	'Access-Control-Allow-Origin': '*',
	'Cache-Control': 'public, max-age=300',
};

export async function makeDocuments(engine: Engine, origin: URL): Promise<Map<string, Document>> {
	const documents = new Map<string, Document>();
	for (const path of documentPaths) {
		const { status, headers, body } = await askEngine(engine.provider, { origin, mount: engine.mount, path });
		if (status !== 200) throw new Error(`the engine answered ${status} for ${path}`);
		const own = { 'Content-Type': String(headers['content-type']), 'Content-Length': String(body.length) };
		const all = { ...headersEverywhere(origin.protocol === 'https:'), ...shared, ...own };
		documents.set(path, { body, headers: Object.entries(all).flat() });
	}
	return documents;
}

const preflight = {
	'Access-Control-Allow-Origin': '*',
	'Access-Control-Allow-Methods': 'GET',
	'Access-Control-Allow-Headers': '*',
	'Access-Control-Max-Age': '3600',
};

export function sendDocument(req: IncomingMessage, res: ServerResponse, document: Document): void {
	if (req.method === 'GET') res.writeHead(200, document.headers).end(document.body);
	else if (req.method === 'HEAD') res.writeHead(200, document.headers).end();
	else if (req.method === 'OPTIONS') res.writeHead(204, preflight).end();
	else res.writeHead(405, { Allow: 'GET, HEAD, OPTIONS', 'Content-Length': 0 }).end();
}
