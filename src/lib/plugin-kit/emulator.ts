/**
 * A vendor on this machine, for `plugins/<id>/emulator.ts`: it checks what a plugin sends as strictly as the vendor
 * would, lets a person approve in a page, and fails in each documented way on request. Never part of the product:
 * tests and `npm run emulators` start it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ConfigValues } from './context';

/** One request to the emulator. */
export interface EmulatedCall {
	method: string;
	/** Absolute, as the caller wrote it. */
	url: URL;
	headers: Headers;
	/** The body as text. */
	text: string;
	/** The body as a form, empty for anything else. */
	form: URLSearchParams;
	/** The body as JSON, undefined for anything else. */
	json: unknown;
	/** What the operator has entered at the vendor: see `Emulator`. */
	redirectUris: ReadonlySet<string>;
}
export type EmulatedAnswer = (call: EmulatedCall) => Response | Promise<Response>;

/** One documented way to fail, at one route or (without `at`) at all routes that the plugin's server calls. */
export interface EmulatedFailure {
	/** A key of `routes`. */
	at?: string;
	answer: EmulatedAnswer;
}

export interface EmulatorParts {
	/** `GET /path` → the vendor's answer. A path may end in `/*`. */
	routes: Readonly<Record<string, EmulatedAnswer>>;
	/** Pages for people among the routes: they never fail, and do not count as calls. */
	pages?: readonly string[];
	failures: Readonly<Record<string, EmulatedFailure>>;
	/** The plugin's endpoint name → the path here that replaces its address. */
	endpoints: Readonly<Record<string, string>>;
	/** Settings with which the plugin works here. */
	config: ConfigValues;
	/** Called by `reset()`: has to forget the issued codes and tokens. */
	forget?(): void;
}

export interface Emulator {
	readonly url: string;
	/** Endpoint name → absolute URL, as `ENDPOINTS` and the contract suite want it. */
	readonly endpoints: Readonly<Record<string, string>>;
	readonly config: ConfigValues;
	/**
	 * The redirect addresses that the operator has entered at the vendor. The emulator redirects a browser to no
	 * other.
	 */
	readonly redirectUris: Set<string>;
	/** The names that `fail` takes: the vendor's own, and `hang`, `nonsense`, `down`. */
	readonly failures: readonly string[];
	/** Makes the emulator fail in this way from now on; without a name it works again. */
	fail(name?: string): void;
	/** Resolves at the next call of the plugin's server. */
	reached(): Promise<void>;
	/** The calls of the plugin's server, in order. */
	readonly calls: EmulatedCall[];
	/** Works again, and all issued codes and tokens are forgotten. What the operator entered stays. */
	reset(): void;
	close(): Promise<void>;
}

const largestBody = 1_000_000;

async function readCall(
	request: IncomingMessage,
	{ url: base, redirectUris }: Pick<Emulator, 'url' | 'redirectUris'>,
): Promise<EmulatedCall> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > largestBody) throw new Error('more than a vendor would read');
		chunks.push(chunk);
	}
	const text = Buffer.concat(chunks).toString();
	const headers = new Headers(
		Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
	);
	const type = headers.get('content-type') ?? '';
	return {
		method: request.method ?? 'GET',
		url: new URL(request.url ?? '/', base),
		headers,
		text,
		form: new URLSearchParams(type.startsWith('application/x-www-form-urlencoded') ? text : ''),
		json: type.startsWith('application/json') ? parsed(text) : undefined,
		redirectUris,
	};
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

async function send(response: ServerResponse, answer: Response): Promise<void> {
	response.writeHead(answer.status, Object.fromEntries(answer.headers));
	response.end(Buffer.from(await answer.arrayBuffer()));
}

/** The failures every vendor has. `hang` never answers and is handled below. */
const common: Readonly<Record<string, EmulatedFailure>> = {
	nonsense: { answer: () => new Response('<html>hello</html>', { status: 200 }) },
	down: { answer: () => new Response('bad gateway', { status: 502 }) },
};

class VendorServer implements Emulator {
	readonly calls: EmulatedCall[] = [];
	readonly redirectUris = new Set<string>();
	readonly failures: readonly string[];
	readonly #server: Server;
	readonly #parts: EmulatorParts;
	readonly #waiting: (() => void)[] = [];
	#failing: string | undefined;

	constructor(server: Server, parts: EmulatorParts) {
		this.#server = server;
		this.#parts = parts;
		this.failures = [...Object.keys(parts.failures), ...Object.keys(common), 'hang'];
		server.on('request', (request: IncomingMessage, response: ServerResponse) => {
			this.#serve(request, response).catch(() => response.destroy());
		});
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}
	get endpoints(): Record<string, string> {
		const of = (path: string) => (URL.canParse(path) ? path : `${this.url}${path}`);
		return Object.fromEntries(Object.entries(this.#parts.endpoints).map(([name, path]) => [name, of(path)]));
	}
	get config(): ConfigValues {
		return this.#parts.config;
	}

	fail(name?: string): void {
		if (name && !this.failures.includes(name)) throw new Error(`this vendor cannot fail by ${name}`);
		this.#failing = name;
	}
	reached(): Promise<void> {
		return new Promise((arrived) => this.#waiting.push(arrived));
	}
	reset(): void {
		this.fail();
		this.calls.length = 0;
		this.#parts.forget?.();
	}
	async close(): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((closed) => this.#server.close(closed));
	}

	async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const call = await readCall(request, this);
		if (call.url.pathname.startsWith('/__emulator')) return send(response, this.#desk(call));
		const route = this.#routeOf(call) ?? '';
		const answer = this.#parts.routes[route] ?? (() => new Response('no such page', { status: 404 }));
		if (this.#parts.pages?.includes(route)) return send(response, await answer(call));
		this.calls.push(call);
		for (const arrived of this.#waiting.splice(0)) arrived();
		if (this.#failing !== 'hang') await send(response, await (this.#failureAt(route) ?? answer)(call));
	}

	#failureAt(route: string): EmulatedAnswer | undefined {
		const name = this.#failing ?? '';
		const failure = this.#parts.failures[name] ?? common[name];
		return failure && (failure.at ?? route) === route ? failure.answer : undefined;
	}

	#routeOf({ method, url }: EmulatedCall): string | undefined {
		const asked = `${method} ${url.pathname}`;
		return Object.keys(this.#parts.routes).find((route) =>
			route.endsWith('/*') ? asked.startsWith(route.slice(0, -1)) : route === asked,
		);
	}

	/** Where a person tells the vendor how to behave, and enters a redirect address: `npm run emulators` prints where. */
	#desk(call: EmulatedCall): Response {
		const entered = call.form.get('redirectUri');
		if (entered && URL.canParse(entered)) this.redirectUris.add(entered);
		else if (call.method === 'POST') this.fail(call.form.get('name') || undefined);
		const option = (name: string) =>
			`<button name="name" value="${escapeHtml(name)}">${escapeHtml(name || 'well')}</button>`;
		const now = escapeHtml(this.#failing ?? 'well');
		return page(
			'Emulator',
			`<p>Now: <b>${now}</b></p><form method="post">${['', ...this.failures].map(option).join(' ')}</form>
<form method="post"><p><label>Redirect address <input name="redirectUri" type="url" required></label> <button>Enter</button></p></form>`,
		);
	}
}

/**
 * Whether a browser may be redirected there: to an address that the operator has entered, to the letter. Where a
 * vendor has another rule (GitHub accepts paths below, WeChat the host), its emulator compares for itself.
 */
export function isRegistered({ url, redirectUris }: EmulatedCall): boolean {
	return redirectUris.has(url.searchParams.get('redirect_uri') ?? '');
}

/** Listens on a free port of this machine, or on `port`. */
export async function startVendor(parts: EmulatorParts, port = 0): Promise<Emulator> {
	const server = createServer();
	await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
	return new VendorServer(server, parts);
}

export function escapeHtml(text: string): string {
	return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function page(title: string, body: string): Response {
	const head = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>`;
	return new Response(`${head}<main><h1>${escapeHtml(title)}</h1>${body}</main>`, {
		headers: { 'content-type': 'text/html; charset=utf-8' },
	});
}

/**
 * The vendor's page: a link for each person who may approve, and one to cancel.
 * Stories click `Approve as <name>` and `Cancel`.
 */
export function approvePage(
	vendor: string,
	people: readonly { name: string; approved: string | URL }[],
	cancelled: string | URL,
): Response {
	const link = (text: string, to: string | URL) =>
		`<p><a href="${escapeHtml(String(to))}">${escapeHtml(text)}</a></p>`;
	const approve = people.map(({ name, approved }) => link(`Approve as ${name}`, approved)).join('');
	return page(vendor, approve + link('Cancel', cancelled));
}
