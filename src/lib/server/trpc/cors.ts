/**
 * Which pages of other sites may call the API: those of an app's first-party clients, as their redirect URIs name
 * them, and never with cookies. A preflight does not tell which app it is for, so it is answered to every origin
 * and allows nothing by itself: the request that follows is checked for its own app.
 */
import { Refusal } from '../../contract/errors';
import type { AppServices } from '../flows/services';
import type { ResponseHeaders } from './response-headers';
import { listClientOrigins } from '../flows/clients/list-client-origins';

export function preflightHeaders(origin: string): ResponseHeaders {
	return [
		['access-control-allow-origin', origin],
		['access-control-allow-methods', 'GET, POST'],
		[
			'access-control-allow-headers',
			'authorization, content-type, menshen-app, menshen-session, accept-language',
		],
		['access-control-max-age', '600'],
		['vary', 'Origin'],
	];
}

/** For a page of another site. @throws Refusal edge/cross-site, app/not-found */
export async function corsHeaders(
	origin: string | null,
	findApp: () => Promise<AppServices>,
): Promise<ResponseHeaders> {
	const origins = origin === null ? new Set<string>() : await listClientOrigins(await findApp());
	if (origin === null || !origins.has(origin)) throw new Refusal('edge/cross-site');
	return [
		['access-control-allow-origin', origin],
		['access-control-expose-headers', 'menshen-request'],
		['vary', 'Origin'],
	];
}
