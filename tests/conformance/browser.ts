/** A browser as far as signing in needs one: cookies by path, redirects followed while they stay on the appliance. */
import { request } from 'undici';

interface Cookie {
	name: string;
	value: string;
	path: string;
	secure: boolean;
}

export interface Page {
	/** Of the page, or of the place outside that the browser was sent to. */
	url: URL;
	status: number;
	headers: Headers;
	body: string;
	/** Whether the way led off the appliance: `url` is then where to. */
	left: boolean;
}

function headersOf(received: Record<string, string | string[] | undefined>): Headers {
	const headers = new Headers();
	for (const [name, values] of Object.entries(received))
		for (const value of [values ?? []].flat()) headers.append(name, value);
	return headers;
}

export class Browser {
	readonly #origin: string;
	/** Where requests go that are meant for the origin. */
	readonly #address: string;
	/** Sent along with each request, as a proxy between would. */
	readonly #along: Readonly<Record<string, string>>;
	#cookies: Cookie[] = [];

	constructor(origin: string, address = origin, along: Readonly<Record<string, string>> = {}) {
		this.#origin = origin;
		this.#address = address;
		this.#along = along;
	}

	get cookies(): readonly Cookie[] {
		return this.#cookies;
	}

	forget(name: RegExp): void {
		this.#cookies = this.#cookies.filter((cookie) => !name.test(cookie.name));
	}

	add(cookie: Cookie): void {
		this.#cookies = [
			...this.#cookies.filter(({ name, path }) => name !== cookie.name || path !== cookie.path),
			cookie,
		];
	}

	headerFor(path: string): string {
		const fits = (cookie: Cookie) =>
			path === cookie.path || path.startsWith(cookie.path.endsWith('/') ? cookie.path : `${cookie.path}/`);
		return this.#cookies
			.filter(fits)
			.map(({ name, value }) => `${name}=${value}`)
			.join('; ');
	}

	async open(url: string | URL, form?: Record<string, string>): Promise<Page> {
		let target = new URL(url);
		let body = form;
		for (let hops = 0; hops < 15; hops += 1) {
			const page = await this.#request(target, body);
			const location = page.headers.get('location');
			if (!location || page.status < 300 || page.status > 399) return page;
			target = new URL(location, target);
			body = undefined;
			if (target.origin !== this.#origin) return { ...page, url: target, left: true };
		}
		throw new Error(`redirected too often, last to ${target.href}`);
	}

	async #request(url: URL, form?: Record<string, string>): Promise<Page> {
		// Not fetch: it says of itself that it is a script, and there are sites that send no script to a sign-in.
		const response = await request(this.#address + url.pathname + url.search, {
			method: form ? 'POST' : 'GET',
			headers: {
				...this.#along,
				cookie: this.headerFor(url.pathname),
				accept: 'text/html',
				'sec-fetch-mode': 'navigate',
				...(form ? { origin: this.#origin, 'content-type': 'application/x-www-form-urlencoded' } : {}),
			},
			...(form ? { body: new URLSearchParams(form).toString() } : {}),
		});
		const headers = headersOf(response.headers);
		for (const text of headers.getSetCookie()) this.#keep(text);
		return { url, status: response.statusCode, headers, body: await response.body.text(), left: false };
	}

	#keep(text: string): void {
		const [pair = '', ...attributes] = text.split(';').map((part) => part.trim());
		const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
		const attribute = (key: string) =>
			attributes.find((part) => part.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
		const path = attribute('path') ?? '/';
		this.#cookies = this.#cookies.filter((cookie) => cookie.name !== name || cookie.path !== path);
		const expires = attribute('expires');
		if (!value || (expires && Date.parse(expires) <= Date.now())) return;
		this.#cookies.push({
			name,
			value,
			path,
			secure: attributes.some((part) => part.toLowerCase() === 'secure'),
		});
	}
}
