/** What browsers are told with every answer of the engine. */
import type { KoaContextWithOIDC } from 'oidc-provider';

/** No form-action: browsers would apply it to the whole way back to the relying party. */
const policy = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' data:",
	"font-src 'self'",
	"base-uri 'none'",
	"object-src 'none'",
	"frame-ancestors 'none'",
].join(';');

/** Of every answer under the mount, also of those that the engine does not write. */
export function headersEverywhere(secure: boolean): Record<string, string> {
	const nosniff = { 'X-Content-Type-Options': 'nosniff' };
	return secure
		? { ...nosniff, 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' }
		: nosniff;
}

/** Before the engine answers: where it writes a script of its own it adds the script's hash to the policy. */
export function setHeadersBefore(ctx: KoaContextWithOIDC, secure: boolean): void {
	ctx.set('Content-Security-Policy', policy);
	ctx.set(headersEverywhere(secure));
}

/**
 * After it: a redirect that carries a code tells nobody where it came from. Pages with forms tell their
 * own origin, or the form would be taken for a cross-site one.
 */
export function setHeadersAfter(ctx: KoaContextWithOIDC): void {
	const isPage = ctx.response.is('html') !== false && ctx.status < 300;
	const isRedirect = ctx.status >= 300 && ctx.status < 400;
	ctx.set(
		'Referrer-Policy',
		isRedirect ? 'no-referrer' : isPage ? 'strict-origin-when-cross-origin' : 'same-origin',
	);
}
