/** The engine builds its addresses from the request; it always finds ORIGIN there, whatever the caller sent. */
import type { IncomingMessage } from 'node:http';

/** The client's address stays readable for limits and the audit log. No URL is built from it. */
const forwarded = ['x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto'];

/** @param path of the request without the mount, e.g. `/oidc/auth?…` */
export function pinOrigin(req: IncomingMessage, origin: URL, path: string): void {
	for (const name of forwarded) delete req.headers[name];
	req.headers.host = origin.host;
	if (origin.protocol === 'https:') req.headers['x-forwarded-proto'] = 'https';
	Object.assign(req, { originalUrl: req.url, url: path });
}
