/**
 * Cross-site requests. A request that changes state must come from our own pages: checked by Origin, else by
 * Sec-Fetch-Site, whatever the method and the content type. A request that carries none of our cookies has no
 * authority but its own bearer token and may come from anywhere (the API's CORS decides).
 */
export type CrossSiteVerdict = 'own' | 'foreign' | 'without-cookies';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

interface Asked {
	method: string;
	headers: Pick<Headers, 'get'>;
}

export function judgeCrossSite(request: Asked, origin: string, hasOurCookie: boolean): CrossSiteVerdict {
	if (safeMethods.has(request.method)) return 'own';
	const from = request.headers.get('origin');
	if (from === origin) return 'own';
	if (!hasOurCookie) return 'without-cookies';
	if (from !== null) return 'foreign';
	// Browsers send Origin with every POST; a client that sends none is not a browser, unless Sec-Fetch-Site shows it
	// is.
	const site = request.headers.get('sec-fetch-site');
	return site === null || site === 'same-origin' ? 'own' : 'foreign';
}
