/** What is measured, prepared for one server: each entry makes what one connection repeats. */
import { createHash } from 'node:crypto';
import { Browser, type Page } from '../../conformance/browser';
import { get, post, type Reply, type Wire } from './wire';

export type Exchange = (wire: Wire) => Promise<unknown>;
export type Exchanges = Record<string, (connection: number) => Exchange>;

const basic = `Authorization: Basic ${Buffer.from('web:a-secret-that-is-long-enough').toString('base64')}\r\n`;
const verifier = 'v'.repeat(43);
const challenge = createHash('sha256').update(verifier).digest('base64url');
const redirectUri = 'https://rp.example/cb';

interface Endpoints {
	document: string;
	authorization: string;
	token: string;
	userinfo: string;
	introspection: string;
	jwks: string;
}

async function discover(issuer: URL): Promise<Endpoints> {
	const document = `${issuer.pathname === '/' ? '' : issuer.pathname}/.well-known/openid-configuration`;
	const found = (await (await fetch(issuer.origin + document)).json()) as Record<string, string>;
	const path = (name: string) => new URL(found[name] ?? '').pathname;
	return {
		document,
		authorization: path('authorization_endpoint'),
		token: path('token_endpoint'),
		userinfo: path('userinfo_endpoint'),
		introspection: path('introspection_endpoint'),
		jwks: path('jwks_uri'),
	};
}

function authorizePath(endpoints: Endpoints, extra: Record<string, string> = {}): string {
	const query = {
		client_id: 'web',
		response_type: 'code',
		redirect_uri: redirectUri,
		scope: 'openid profile email',
		state: 's',
		nonce: 'n',
	};
	return `${endpoints.authorization}?${new URLSearchParams({ ...query, code_challenge: challenge, code_challenge_method: 'S256', ...extra }).toString()}`;
}

/** Ours says as JSON what it wants to know, the engine's development page is a form. */
function answerTo(page: Page): Record<string, string> {
	if (page.body.startsWith('{'))
		return page.body.includes('"consent"') ? { decision: 'allow' } : { identifier: 'alice' };
	return page.body.includes('value="login"')
		? { prompt: 'login', login: 'alice', password: 'x' }
		: { prompt: 'consent' };
}

async function signIn(origin: string, path: string): Promise<{ code: string; browser: Browser }> {
	const browser = new Browser(origin);
	let page = await browser.open(origin + path);
	for (let step = 0; !page.left && step < 5; step += 1) page = await browser.open(page.url, answerTo(page));
	const code = page.url.searchParams.get('code');
	if (!code) throw new Error(`no code: ${page.status} ${page.url.href} ${page.body.slice(0, 300)}`);
	return { code, browser };
}

const must = (reply: Reply, status: number): Reply => {
	if (reply.status !== status) throw new Error(`${reply.status}: ${reply.head}\n${reply.body}`);
	return reply;
};

const redemption = (endpoints: Endpoints, code: string) =>
	post(
		endpoints.token,
		{ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier },
		basic,
	);

const ok = (request: string): (() => Exchange) => {
	return () => async (wire) => must(await wire.send(request), 200);
};

async function flow(origin: string, endpoints: Endpoints): Promise<Exchange> {
	const { browser } = await signIn(origin, authorizePath(endpoints));
	const authorize = get(
		authorizePath(endpoints),
		`Cookie: ${browser.headerFor(endpoints.authorization)}\r\n`,
	);
	return async (wire) => {
		const { head } = must(await wire.send(authorize), 303);
		const code = /\r\nlocation: [^\r]*[?&]code=([^&\r]+)/i.exec(head)?.[1] ?? '';
		if (!code) throw new Error(head);
		return must(await wire.send(redemption(endpoints, code)), 200);
	};
}

async function issue(origin: string, endpoints: Endpoints): Promise<Record<string, string>> {
	const { code } = await signIn(
		origin,
		authorizePath(endpoints, { scope: 'openid profile email offline_access', prompt: 'consent' }),
	);
	const response = await fetch(origin + endpoints.token, {
		method: 'POST',
		headers: { authorization: basic.slice(15).trim() },
		body: new URLSearchParams({
			grant_type: 'authorization_code',
			code,
			redirect_uri: redirectUri,
			code_verifier: verifier,
		}),
	});
	return (await response.json()) as Record<string, string>;
}

function refreshing(endpoints: Endpoints, first: string): Exchange {
	let refresh = first;
	return async (wire) => {
		const reply = must(
			await wire.send(post(endpoints.token, { grant_type: 'refresh_token', refresh_token: refresh }, basic)),
			200,
		);
		refresh = /"refresh_token":"([^"]+)"/.exec(reply.body)?.[1] ?? '';
	};
}

/** @param connections how many refresh chains are wanted */
export async function prepare(issuer: URL, connections: number): Promise<Exchanges> {
	const { origin } = issuer;
	const endpoints = await discover(issuer);
	const chains: string[] = [];
	for (let index = 0; index < connections; index += 1)
		chains.push((await issue(origin, endpoints))['refresh_token'] ?? '');
	const token = (await issue(origin, endpoints))['access_token'] ?? '';
	const oneFlow = await flow(origin, endpoints);
	return {
		discovery: ok(get(endpoints.document)),
		jwks: ok(get(endpoints.jwks)),
		introspection: ok(post(endpoints.introspection, { token }, basic)),
		userinfo: ok(get(endpoints.userinfo, `Authorization: Bearer ${token}\r\n`)),
		refresh: (connection) => refreshing(endpoints, chains[connection] ?? ''),
		flow: () => oneFlow,
	};
}

export const floorExchange = ok(get('/'));
