/** A person at the Community Solid Server: signs in there, picks a WebID, approves, through the server's own JSON doors. */
import { account } from './solid-server';

interface Controls {
	main: { index: string };
	password: { login: string };
	oidc?: { cancel: string; consent: string; webId: string };
}
interface Page {
	controls: Controls;
	location?: string;
}

/** A browser that keeps cookies and stops where it leaves the server. */
class Person {
	readonly #cookies = new Map<string, string>();
	readonly #issuer: string;

	constructor(issuer: string) {
		this.#issuer = issuer;
	}

	async #ask(url: string, body?: unknown): Promise<Response> {
		const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
		const response = await fetch(url, {
			method: body === undefined ? 'GET' : 'POST',
			redirect: 'manual',
			headers: {
				accept: 'application/json',
				cookie,
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		for (const each of response.headers.getSetCookie()) {
			const [name = '', value = ''] = (each.split(';')[0] ?? '').split(/=(.*)/s);
			this.#cookies.set(name, value);
		}
		return response;
	}

	/** Follows the server's redirects. @returns the page it ends at, or the address elsewhere that it leads to */
	async go(url: string): Promise<Page | URL> {
		const response = await this.#ask(url);
		const location = response.headers.get('location');
		if (!location) {
			if (!response.ok) throw new Error(`${response.status} at ${url}: ${await response.text()}`);
			return (await response.json()) as Page;
		}
		const next = new URL(location, url);
		return next.href.startsWith(this.#issuer) ? this.go(next.href) : next;
	}

	/** @returns where the server wants the browser next */
	async submit(url: string, values: unknown): Promise<string> {
		const response = await this.#ask(url, values);
		const { location } = (await response.json()) as Page;
		if (!response.ok || !location) throw new Error(`${response.status} at ${url}`);
		return location;
	}
}

const pageOf = (arrived: Page | URL): Required<Controls> => {
	if (arrived instanceof URL) throw new Error(`left too early, to ${arrived.href}`);
	const { oidc, ...controls } = arrived.controls;
	if (!oidc) throw new Error('no sign-in is under way there');
	return { ...controls, oidc };
};

/**
 * From the authorization address to what comes back.
 * @param answer turned back, or the WebID to approve with
 */
export async function answerAtServer(
	url: string,
	server: { issuer: string; webid: string },
	answer: 'approve' | 'cancel' = 'approve',
): Promise<Record<string, string>> {
	const person = new Person(server.issuer);
	const first = pageOf(await person.go(url));
	let next: string;
	if (answer === 'cancel') next = await person.submit(first.oidc.cancel, {});
	else {
		const signedIn = pageOf(await person.go(await person.submit(first.password.login, account)));
		const picked = await person.submit(signedIn.oidc.webId, { webId: server.webid, remember: false });
		const asked = pageOf(await person.go(picked));
		next = await person.submit(asked.oidc.consent, { remember: false });
	}
	const back = await person.go(next);
	if (!(back instanceof URL)) throw new Error('the server did not send the person back');
	return Object.fromEntries(back.searchParams);
}
