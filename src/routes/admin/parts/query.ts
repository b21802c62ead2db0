/** Filters and positions in lists are in the address, so that Back, reload and a copied link keep them. */

/** This address with some parameters changed; undefined and '' remove one. */
export function withQuery(url: URL, change: Readonly<Record<string, string | undefined>>): string {
	const query = new URLSearchParams(url.searchParams);
	for (const name of [...query.keys()]) if (name.startsWith('/')) query.delete(name);
	for (const [name, value] of Object.entries(change)) {
		if (value) query.set(name, value);
		else query.delete(name);
	}
	const text = query.toString();
	return text ? `${url.pathname}?${text}` : url.pathname;
}

/** The page sizes of lists. */
export const pageSize = 50;

/** A key out of the address: a positive whole number, or undefined. */
export function keyIn(url: URL, name = 'before'): number | undefined {
	const value = url.searchParams.get(name) ?? '';
	return /^[1-9]\d{0,14}$/.test(value) ? Number(value) : undefined;
}

/** How many pages back one can go. */
const longestTrail = 40;

/**
 * Addresses of the pages before and after in a list that goes by keys. The keys of the pages passed are
 * kept in the address (`trail`), because a key leads forward only.
 */
export function pagesOf(url: URL, next: number | undefined): { previous?: string; next?: string } {
	const before = url.searchParams.get('before') ?? '';
	const trail = (url.searchParams.get('trail') ?? '').split('.').filter(Boolean);
	return {
		...(before
			? { previous: withQuery(url, { before: trail.at(-1), trail: trail.slice(0, -1).join('.') }) }
			: {}),
		...(next === undefined
			? {}
			: {
					next: withQuery(url, {
						before: String(next),
						trail: (before ? [...trail, before] : trail).slice(-longestTrail).join('.'),
					}),
				}),
	};
}
