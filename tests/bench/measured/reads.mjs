/** What only reads: the published documents, the sign-in page, the session check. Each beside its floor. */
import { get } from '../driver.mjs';
import { cookiesOf, json, password } from '../product.mjs';
import { failOnErrors, inTurns, note, round } from '../report.mjs';

export async function measureDocuments(product, { http }) {
	const [bare, discovery, jwks] = await inTurns([
		{ port: http, request: get('/') },
		{ port: product.port, request: get('/apps/4/.well-known/openid-configuration') },
		{ port: product.port, request: get('/apps/4/oidc/jwks') },
	]);
	failOnErrors([bare, discovery, jwks]);
	for (const [what, { perSecond }] of [
		['discovery', discovery],
		['JWKS', jwks],
	])
		note(what, {
			figure: perSecond,
			against: `node:http ${round(bare.perSecond)}`,
			ratio: perSecond / bare.perSecond,
			goal: 0.6,
		});
}

async function interactionPage(port) {
	const query = new URLSearchParams({
		client_id: 'web',
		response_type: 'code',
		redirect_uri: 'https://rp.example/cb',
		scope: 'openid',
		code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
		code_challenge_method: 'S256',
		state: 's',
		nonce: 'n',
	});
	const origin = `http://127.0.0.1:${port}`;
	const answer = await fetch(`${origin}/apps/4/oidc/auth?${query}`, { redirect: 'manual' });
	const { pathname } = new URL(answer.headers.get('location') ?? '', origin);
	return { path: pathname, cookie: cookiesOf(answer) };
}

export async function measurePages(product, { kit }) {
	const { path, cookie } = await interactionPage(product.port);
	const host = `localhost:${product.port}`;
	const request = Buffer.from(
		`GET ${path} HTTP/1.1\r\ncookie: ${cookie}\r\naccept: text/html\r\nhost: ${host}\r\n\r\n`,
	);
	const [floor, page] = await inTurns([
		{ port: kit, request: get('/') },
		{ port: product.port, request },
	]);
	failOnErrors([floor, page]);
	note('sign-in page', {
		figure: page.perSecond,
		against: `SvelteKit page ${round(floor.perSecond)}`,
		ratio: page.perSecond / floor.perSecond,
		goal: 0.8,
	});
}

async function sessionCookie(port) {
	const answer = await fetch(`http://127.0.0.1:${port}/trpc/auth.signIn`, {
		method: 'POST',
		headers: json,
		body: JSON.stringify({ identifier: 'person0', password }),
	});
	return cookiesOf(answer);
}

export async function measureSessions(product, { kit, http }) {
	const cookie = await sessionCookie(product.port);
	const [endpoint, read, me] = await inTurns([
		{ port: kit, request: get('/json') },
		{ port: http, request: get('/read') },
		{ port: product.port, request: get('/trpc/me.get', { cookie, 'menshen-app': '4' }) },
	]);
	failOnErrors([endpoint, read, me]);
	for (const [label, floor, goal] of [
		['SvelteKit endpoint', endpoint, 0.85],
		['node:http + read', read, 0.5],
	])
		note('session check (me.get)', {
			figure: me.perSecond,
			against: `${label} ${round(floor.perSecond)}`,
			ratio: me.perSecond / floor.perSecond,
			goal,
		});
}
