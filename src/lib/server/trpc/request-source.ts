/**
 * Where a request comes from, as far as its sender says so. Browsers put Origin on every POST and Sec-Fetch-Site on
 * every request to a secure address, and let no page change either (Fetch standard, "forbidden request-header"). A
 * request with neither is not from a browser.
 */
export type RequestSource = 'own-page' | 'elsewhere' | 'no-browser';

export type HeaderReader = Pick<Headers, 'get'>;

const ownSites = new Set([null, 'same-origin', 'none']);

/** @param origin of the appliance */
export function requestSource(headers: HeaderReader, origin: string): RequestSource {
	const [from, site] = [headers.get('origin'), headers.get('sec-fetch-site')];
	if (from === null && site === null) return 'no-browser';
	return (from === null || from === origin) && ownSites.has(site) ? 'own-page' : 'elsewhere';
}
