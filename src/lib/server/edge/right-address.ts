/**
 * A browser that came by another address than ORIGIN would lose its cookies half-way through a sign-in.
 * It gets a page that says so instead.
 */
import { isInRanges, type AddressRange } from './address';

/** The host the browser asked for, as far as it can be trusted. */
function askedHost(headers: Headers, believed: boolean): string | null {
	const forwarded = believed ? headers.get('x-forwarded-host') : null;
	return forwarded?.split(',')[0]?.trim() ?? headers.get('host');
}

/** Only page loads are stopped: health checks and APIs may use any name. */
export function isWrongAddress(
	request: Request,
	peer: string,
	expected: { origin: string; trusted: readonly AddressRange[] },
): boolean {
	if (request.method !== 'GET' || !(request.headers.get('accept') ?? '').includes('text/html')) return false;
	const host = askedHost(request.headers, isInRanges(peer, expected.trusted));
	return host !== null && host.toLowerCase() !== new URL(expected.origin).host;
}
