/** Headers of every answer. The content security policy of pages is SvelteKit's (svelte.config.js). */
const always: readonly (readonly [string, string])[] = [
	['x-content-type-options', 'nosniff'],
	// same-origin, not no-referrer: with the latter Chromium sends `Origin: null` on form posts.
	['referrer-policy', 'same-origin'],
	['x-frame-options', 'DENY'],
	['cross-origin-opener-policy', 'same-origin'],
	['permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=()'],
];

/** For answers that are not pages: nothing in them may run or be framed. */
const inertPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";
/** For the page of last resort (src/error.html), which SvelteKit gives no policy. */
const plainPagePolicy =
	"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

export function securityHeaders(secure: boolean): readonly (readonly [string, string])[] {
	return secure ? [...always, ['strict-transport-security', 'max-age=31536000; includeSubDomains']] : always;
}

export function setSecurityHeaders(headers: Headers, secure: boolean): void {
	for (const [name, value] of securityHeaders(secure)) if (!headers.has(name)) headers.set(name, value);
	if (headers.has('content-security-policy')) return;
	const isPage = headers.get('content-type')?.startsWith('text/html');
	headers.set('content-security-policy', isPage ? plainPagePolicy : inertPolicy);
}
