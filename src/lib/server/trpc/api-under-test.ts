/** The API over real HTTP on loopback, in this process, with a caller of each kind. */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
	applianceUnderTest,
	goodPassword,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../tests/appliance-under-test';
import { Browser } from '../../../../tests/conformance/browser';
import { createClient } from '../flows/clients/manage-clients';
import { addOperator } from '../flows/operators/operators';
import { signInOperator } from '../flows/operators/sign-in-operator';
import type { AppServices } from '../flows/services';
import { sessionTokenPrefix } from './callers';

export const origin = 'http://localhost:3999';

interface ApiCall {
	input?: unknown;
	/** GET by default: a query. */
	method?: string;
	headers?: Record<string, string>;
	/** Sent as it is, instead of `input`. */
	body?: string;
}

interface ApiResult {
	status: number;
	headers: Headers;
	cookies: string[];
	text: string;
	/** `result.data` of the answer. */
	data: unknown;
	/** `error.data` of the answer. */
	error:
		| {
				code: string;
				httpStatus: number;
				fields: Record<string, { code: string; message: string }>;
				params: object;
		  }
		| undefined;
}

type Wire = { result?: { data?: unknown }; error?: { message: string; data: ApiResult['error'] } };

async function read(response: Response): Promise<ApiResult> {
	const text = await response.text();
	let wire: Wire = {};
	try {
		wire = JSON.parse(text) as Wire;
	} catch {
		// What is not JSON stays text.
	}
	const { status, headers } = response;
	return {
		status,
		headers,
		cookies: headers.getSetCookie(),
		text,
		data: wire.result?.data,
		error: wire.error?.data,
	};
}

export interface ApiUnderTest {
	under: ApplianceUnderTest;
	/** `http://127.0.0.1:<port>/trpc/`. */
	url: string;
	ask(procedure: string, call?: ApiCall): Promise<ApiResult>;
	tell(procedure: string, call?: ApiCall): Promise<ApiResult>;
	close(): Promise<void>;
}

function listen(server: Server): Promise<number> {
	return new Promise((resolve) => {
		server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
	});
}

export async function apiUnderTest(env: Record<string, string> = {}): Promise<ApiUnderTest> {
	const under = await applianceUnderTest(env);
	const server = createServer((req, res) => {
		under.appliance.dispatch(req, res).then(
			(taken) => taken || res.writeHead(404).end('not the API'),
			() => res.destroy(),
		);
	});
	const url = `http://127.0.0.1:${await listen(server)}/trpc/`;
	const ask: ApiUnderTest['ask'] = async (procedure, { input, method = 'GET', headers = {} } = {}) => {
		const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
		return read(await fetch(`${url}${procedure}${query}`, { method, headers }));
	};
	const tell: ApiUnderTest['tell'] = async (procedure, { input, method = 'POST', headers = {}, body } = {}) =>
		read(
			await fetch(`${url}${procedure}`, {
				method,
				headers: { 'content-type': 'application/json', ...headers },
				body: body ?? (input === undefined ? null : JSON.stringify(input)),
			}),
		);
	return {
		under,
		url,
		ask,
		tell,
		async close() {
			server.closeAllConnections();
			await new Promise((done) => server.close(done));
			await under.close();
		},
	};
}

/** Request headers that authenticate a caller. */
export type Proof = Record<string, string>;

async function newSession(app: AppServices, userId: string) {
	const facts = { amr: ['pwd'], device: 'Test browser', address: '203.0.113.7' };
	return app.store.write((tx) => app.sessions.start(tx, userId, facts));
}

/** Headers that authenticate a user of an app by cookie. */
export async function byCookie(app: AppServices, userId: string): Promise<Proof> {
	const { cookie, token } = await newSession(app, userId);
	return { 'menshen-app': String(app.id), cookie: `${cookie.name}=${token}` };
}

/** The same without cookies. */
export async function bySessionToken(app: AppServices, userId: string): Promise<Proof> {
	const { token } = await newSession(app, userId);
	return { 'menshen-app': String(app.id), authorization: `Bearer ${sessionTokenPrefix}${token}` };
}

export const spaOrigin = 'https://spa.example';
const redirectUri = `${spaOrigin}/cb`;

/** A first-party client whose pages are at `spaOrigin`; `id` tells several apart. */
export async function firstPartyClient(app: AppServices, id = 'spa'): Promise<void> {
	const settings = { id, name: 'Single page', firstParty: true, redirectUris: [redirectUri] };
	await createClient(app, { settings, actor: system }, visitor());
}

/** An access token as a single-page client gets one: code and PKCE, for a user who is signed in already. */
export async function accessToken(
	api: ApiUnderTest,
	app: AppServices,
	order: { userId: string; scope: string; client?: string },
): Promise<string> {
	const { cookie, token } = await newSession(app, order.userId);
	const browser = new Browser(origin, new URL(api.url).origin);
	browser.add({ name: cookie.name, value: token, path: '/', secure: false });
	const verifier = 'v'.repeat(64);
	const request = {
		client_id: order.client ?? 'spa',
		redirect_uri: redirectUri,
		response_type: 'code',
		scope: order.scope,
		code_challenge: createHash('sha256').update(verifier).digest('base64url'),
		code_challenge_method: 'S256',
	};
	const engine = `/apps/${app.id}/oidc`;
	const { url: arrived } = await browser.open(
		`${origin}${engine}/auth?${new URLSearchParams(request).toString()}`,
	);
	const code = arrived.searchParams.get('code');
	if (!code) throw new Error(`no code at ${arrived.href}`);
	const answer = await fetch(`${new URL(api.url).origin}${engine}/token`, {
		method: 'POST',
		body: new URLSearchParams({
			grant_type: 'authorization_code',
			client_id: request.client_id,
			redirect_uri: redirectUri,
			code,
			code_verifier: verifier,
		}),
	});
	return ((await answer.json()) as { access_token: string }).access_token;
}

export async function byAccessToken(
	api: ApiUnderTest,
	app: AppServices,
	order: Parameters<typeof accessToken>[2],
): Promise<Proof> {
	return { 'menshen-app': String(app.id), authorization: `Bearer ${await accessToken(api, app, order)}` };
}

/** Makes an operator, and returns headers that authenticate them. */
export async function byOperatorCookie(
	{ appliance }: ApplianceUnderTest,
	role: 'owner' | 'operator',
): Promise<Proof> {
	const email = `${role}@example.com`;
	await addOperator(
		appliance.services,
		{ input: { email, password: goodPassword, role }, actor: system },
		visitor(),
	);
	const { session } = await signInOperator(appliance.services, { email, password: goodPassword }, visitor());
	return { cookie: `${session.cookie.name}=${session.token}` };
}
