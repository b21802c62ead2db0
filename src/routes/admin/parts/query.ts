/** Filters and places in lists stand in the address, so that Back, reload and a copied link keep them. */

/** This address with some parameters changed; undefined and '' take one away. */
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
