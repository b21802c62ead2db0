/**
 * A browser that came by another address than ORIGIN would lose its cookies half-way through a sign-in.
 * It gets a page that says so instead.
 */
import type { Config } from '../config/environment';
import { isInRanges, parseRanges } from './address';

/** The host the browser asked for, as far as it can be believed. */
function askedHost(headers: Headers, believed: boolean): string | null {
	const forwarded = believed ? headers.get('x-forwarded-host') : null;
	return forwarded?.split(',')[0]?.trim() ?? headers.get('host');
}

/** Only page loads are told: health checks and APIs may come by any name. */
export function isWrongAddress(request: Request, peer: string, config: Pick<Config, 'ORIGIN' | 'TRUSTED_PROXIES'>): boolean {
	if (request.method !== 'GET' || !(request.headers.get('accept') ?? '').includes('text/html')) return false;
	const believed = isInRanges(peer, parseRanges(config.TRUSTED_PROXIES ?? []));
	const host = askedHost(request.headers, believed);
	return host !== null && host.toLowerCase() !== new URL(config.ORIGIN).host;
}
