/** Alipay signs a part of its answer exactly as it is written, so the part is cut out, not written again. */

const tokens = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|[{}[\],:]/g;

/** Strings, colons and commas of the outermost object itself, and the brace that ends it. */
function* outerTokens(text: string): Generator<{ token: string; index: number }> {
	let depth = 0;
	for (const { 0: token, index } of text.matchAll(tokens)) {
		if (token === '{' || token === '[') depth++;
		else if (token === '}' || token === ']') depth--;
		else if (depth === 1) yield { token, index };
		if (depth === 0) yield { token, index };
	}
}

/**
 * The members of a JSON object as they are written: `{"a":{"b": 1},"sign":"x"}` → a: `{"b": 1}`, sign: `"x"`.
 * @param text is a JSON object, which the caller has made sure of.
 * @returns undefined where a name is there twice, as it is unclear which one was signed
 */
export function rawMembers(text: string): ReadonlyMap<string, string> | undefined {
	const members = new Map<string, string>();
	let name = '';
	let from = 0;
	for (const { token, index } of outerTokens(text)) {
		if (token === ':') from = index + 1;
		else if (from === 0 && token.startsWith('"')) name = JSON.parse(token) as string;
		else if (from > 0 && (token === ',' || token === '}')) {
			if (members.has(name)) return undefined;
			members.set(name, text.slice(from, index).trim());
			from = 0;
		}
	}
	return members;
}
