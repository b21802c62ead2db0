/**
 * Where to go after signing in: a path of this site, nothing else. Browsers read `\` as `/` and ignore
 * control characters, so what is kept is compared after parsing, against an origin of our own.
 */
export function ownPath(value: string | null | undefined, fallback: string): string {
	if (!value || !value.startsWith('/') || /[\\\p{Cc}]/u.test(value)) return fallback;
	const base = 'http://menshen.invalid';
	if (!URL.canParse(value, base)) return fallback;
	const url = new URL(value, base);
	return url.origin === base && !url.pathname.startsWith('//')
		? url.pathname + url.search + url.hash
		: fallback;
}
