/** The headers of every answer of the engine. */
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

const pagePaths = /^\/oidc\/(?:auth|logout)/;

/** Before the engine answers: where it writes a script of its own it adds the script's hash to the policy. */
export function setHeadersBefore(ctx: KoaContextWithOIDC): void {
	if (pagePaths.test(ctx.path)) ctx.set('Content-Security-Policy', policy);
}

/**
 * Runs after the engine: a redirect that carries a code sends no referrer. Pages with forms send their own origin,
 * or the form would be treated as cross-site.
 */
export function setHeadersAfter(ctx: KoaContextWithOIDC): void {
	if (ctx.status >= 300 && ctx.status < 400) ctx.set('Referrer-Policy', 'no-referrer');
	else if (String(ctx.res.getHeader('Content-Type')).startsWith('text/html')) setPageHeaders(ctx);
}

function setPageHeaders(ctx: KoaContextWithOIDC): void {
	ctx.set('Referrer-Policy', ctx.status === 200 ? 'strict-origin-when-cross-origin' : 'same-origin');
	if (!ctx.res.hasHeader('Content-Security-Policy')) ctx.set('Content-Security-Policy', policy);
}
