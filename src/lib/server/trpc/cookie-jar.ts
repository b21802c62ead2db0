/** Cookies of a request that SvelteKit does not serve, with the two functions of its `Cookies` that the edge uses. */
import type { Cookies } from '@sveltejs/kit';

const readable = (value: string): string => {
	try {
		return decodeURIComponent(value);
	} catch {
		return value;
	}
};

export interface CookieJar extends Pick<Cookies, 'set'> {
	get(name: string): string | undefined;
	/** For the Set-Cookie header, one a cookie; the last of a name counts. */
	lines(): string[];
}

type Attributes = Parameters<Cookies['set']>[2];

function lineOf(name: string, value: string, attributes: Attributes): string {
	const { path, maxAge, httpOnly = true, secure = true, sameSite = 'lax' } = attributes;
	return [
		`${name}=${encodeURIComponent(value)}`,
		`Path=${path}`,
		...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
		...(httpOnly ? ['HttpOnly'] : []),
		...(secure ? ['Secure'] : []),
		...(typeof sameSite === 'string' ? [`SameSite=${sameSite[0]?.toUpperCase()}${sameSite.slice(1)}`] : []),
	].join('; ');
}

/** @param header the Cookie header */
export function createCookieJar(header: string | null): CookieJar {
	const set = new Map<string, string>();
	return {
		get(name) {
			const pair = (header ?? '').split(/; */).find((part) => part.startsWith(`${name}=`));
			return pair && readable(pair.slice(name.length + 1).replace(/^"(.*)"$/, '$1'));
		},
		set: (name, value, attributes) => void set.set(name, lineOf(name, value, attributes)),
		lines: () => [...set.values()],
	};
}
