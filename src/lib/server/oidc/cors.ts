/**
 * Preflights: the engine would allow any origin, as it does not know the client yet. We know all origins of an
 * app's clients.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { originsOf } from './clients';
import type { EngineApp } from './engine-app';

const crossOriginPaths = new Set(['/oidc/token', '/oidc/userinfo', '/oidc/revocation']);

/** @returns true where the request was a preflight from an origin that no client has; it is answered then */
export async function refusePreflight(
	app: EngineApp,
	req: IncomingMessage,
	res: ServerResponse,
): Promise<boolean> {
	if (req.method !== 'OPTIONS') return false;
	const path = (req.url ?? '').split('?', 1)[0] ?? '';
	const { origin } = req.headers;
	const clients = crossOriginPaths.has(path) && origin ? await app.store.read.clients.list() : [];
	if (origin && originsOf(clients.flatMap((client) => client.redirectUris)).has(origin)) return false;
	res.writeHead(403, { Vary: 'Origin', 'Content-Length': 0 }).end();
	return true;
}
