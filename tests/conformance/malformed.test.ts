import { request as send } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type Appliance } from './appliance';
import { Browser } from './browser';
import { RelyingParty } from './relying-party';

let appliance: Appliance;
let cookies = '';
let code = '';
let token = '';
let hint = '';

const paths = [
	'auth',
	'auth/x',
	'token',
	'userinfo',
	'introspection',
	'revocation',
	'logout',
	'logout/confirm',
	'logout/success',
	'jwks',
];
const methods = ['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH'];
const types = [
	'application/x-www-form-urlencoded',
	'application/json',
	'text/plain',
	'multipart/form-data; boundary=x',
	'APPLICATION/X-WWW-FORM-URLENCODED; charset=utf-16',
	'x',
	'',
];
const names = [
	'client_id',
	'client_secret',
	'redirect_uri',
	'response_type',
	'response_mode',
	'scope',
	'state',
	'nonce',
	'prompt',
	'max_age',
	'code_challenge',
	'code_challenge_method',
	'id_token_hint',
	'login_hint',
	'ui_locales',
	'acr_values',
	'claims',
	'request',
	'request_uri',
	'registration',
	'resource',
	'grant_type',
	'code',
	'code_verifier',
	'refresh_token',
	'token',
	'token_type_hint',
	'access_token',
	'post_logout_redirect_uri',
	'xsrf',
	'logout',
	'connector',
	'dpop_jkt',
	'authorization_details',
	'__proto__',
	'constructor',
	'toString',
	'hasOwnProperty',
	'',
];

interface Attempt {
	method: string;
	path: string;
	type: string;
	fields: [string, string][];
	headers: Record<string, string>;
}

/** Mostly what is expected somewhere, so that requests get past the first check. */
const values = () => [
	'web',
	's',
	'https://rp.example/cb',
	'code',
	'query',
	'fragment',
	'form_post',
	'openid',
	'openid email offline_access',
	'none',
	'login',
	'consent',
	'login consent',
	'none login',
	'0',
	'-1',
	'1e99',
	'NaN',
	'c'.repeat(43),
	'S256',
	'plain',
	'authorization_code',
	'refresh_token',
	'password',
	code,
	token,
	hint,
	'{}',
	'[]',
	'null',
	'{"id_token":{"sub":null}}',
	'\u0000',
	'\ud800',
	'%',
	'%00',
	'é',
	'💥',
	'../../etc/passwd',
	"'; drop table artifact;--",
	'<script>',
	'a'.repeat(3000),
	'__proto__',
	'constructor',
	'yes',
	'zh-CN',
	'\r\nSet-Cookie: a=b',
	' ',
	'&',
	'=',
	'??',
	'#',
];

const anyAttempt = (): fc.Arbitrary<Attempt> =>
	fc.record({
		method: fc.constantFrom(...methods, 'GET', 'POST', 'GET', 'POST'),
		path: fc.constantFrom(...paths),
		type: fc.constantFrom(...types, types[0] ?? '', types[0] ?? ''),
		fields: fc.array(
			fc.tuple(fc.constantFrom(...names), fc.oneof(fc.constantFrom(...values()), fc.string())),
			{ maxLength: 12 },
		),
		headers: fc.record({
			authorization: fc.constantFrom(
				'',
				'Basic',
				'Basic ',
				'Basic d2ViOnM=',
				'Basic !!',
				'Basic d2Vi',
				'Basic JTogJQ==',
				'Bearer',
				`Bearer ${token}`,
				'Bearer a b',
				'DPoP x',
				'x',
			),
			cookie: fc.constantFrom(
				'',
				cookies,
				'menshen-op-4=x',
				'menshen-4=x; menshen-op-4=y; menshen-op-4.sig=z',
				'a'.repeat(2000),
				'=;=;',
				'menshen-re-4=',
			),
			accept: fc.constantFrom('text/html', 'application/json', '*/*', 'x', ''),
			origin: fc.constantFrom('', 'null', 'https://rp.example', 'https://evil.example', 'x'),
			'accept-language': fc.constantFrom('', 'zh', 'en;q=x,,', 'a'.repeat(1000)),
			dpop: fc.constantFrom('', 'x.y.z'),
		}),
	});

function perform(attempt: Attempt): Promise<number> {
	const { hostname, port } = appliance.address;
	const form = attempt.fields
		.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value.toWellFormed())}`)
		.join('&');
	const hasBody = !['GET', 'HEAD', 'OPTIONS'].includes(attempt.method);
	const headers = Object.fromEntries(Object.entries(attempt.headers).filter(([, value]) => value));
	return new Promise((resolve, reject) => {
		const req = send(
			{
				hostname,
				port,
				method: attempt.method,
				path: `/apps/4/oidc/${attempt.path}${hasBody ? '' : `?${form}`}`,
				headers: {
					...headers,
					...(hasBody ? { 'content-type': attempt.type, 'content-length': Buffer.byteLength(form) } : {}),
				},
			},
			(res) => res.resume().on('end', () => resolve(res.statusCode ?? 0)),
		);
		req.on('error', reject);
		req.end(hasBody ? form : undefined);
	});
}

/** Bytes as they are, for what no HTTP client would send. @returns the status line, empty where the connection was closed */
function raw(text: string): Promise<string> {
	return new Promise((resolve) => {
		const socket = connect(Number(appliance.address.port), '127.0.0.1', () => socket.write(text, 'latin1'));
		let answer = '';
		socket.on('data', (chunk) => (answer += String(chunk)));
		socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
		socket.on('error', () => resolve(''));
		setTimeout(() => socket.destroy(), 300);
	});
}

beforeAll(async () => {
	appliance = await startAppliance();
	await appliance.addApp(4);
	await appliance.addUser(4, 'alice');
	await appliance.addClient(4, {
		id: 'web',
		secret: 's',
		postLogoutRedirectUris: ['https://rp.example/bye'],
	});
	const rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'web', secret: 's' });
	const browser = new Browser(appliance.origin);
	const tokens = await rp.signIn(browser, 'alice');
	[token, hint] = [tokens.access_token, tokens.id_token ?? ''];
	code = (await rp.authorize(browser, 'alice')).page.url.searchParams.get('code') ?? '';
	cookies = browser.headerFor('/');
});
afterAll(() => appliance.close());

describe('malformed requests (D10)', () => {
	it('never get the better of the engine', async () => {
		const failed: unknown[] = [];
		for (const attempt of fc.sample(anyAttempt(), { numRuns: 3000, seed: 42 })) {
			const status = await perform(attempt);
			if (status >= 500) failed.push({ status, attempt });
		}
		expect(failed).toEqual([]);
		const rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'web', secret: 's' });
		expect((await rp.signIn(new Browser(appliance.origin), 'alice')).access_token).toBeTypeOf('string');
	}, 180_000);

	it('that are too large are refused before they are read', async () => {
		for (const path of ['token', 'introspection', 'auth', 'logout/confirm']) {
			const response = await fetch(`${appliance.issuer(4).href}/oidc/${path}`, {
				method: 'POST',
				body: new URLSearchParams({ token: 'x'.repeat(70_000) }),
			});
			expect(response.status).toBe(413);
			expect(await response.json()).toMatchObject({ error: 'invalid_request' });
		}
	});

	it('that do not say how large they are end at the limit', async () => {
		const chunk = `${(0x8000).toString(16)}\r\n${'a'.repeat(0x8000)}\r\n`;
		const head =
			'HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n';
		expect(await raw(`POST /apps/4/oidc/token ${head}${chunk.repeat(4)}0\r\n\r\n`)).toBe(
			'HTTP/1.1 400 Bad Request',
		);
		expect(await raw(`POST /apps/4/oidc/auth ${head}${chunk.repeat(4)}0\r\n\r\n`)).toBe(
			'HTTP/1.1 413 Payload Too Large',
		);
	});

	it.each([
		'GET http://evil.example/apps/4/oidc/jwks HTTP/1.1',
		'GET http://evil.example/apps/4/oidc/token HTTP/1.1',
	])('%s is not found', async (line) => {
		expect(await raw(`${line}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`)).toBe(
			'HTTP/1.1 404 Not Found',
		);
	});

	it('broken off in the middle leave nothing behind', async () => {
		await Promise.all(
			Array.from({ length: 30 }, () =>
				raw(
					'POST /apps/4/oidc/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ngrant',
				),
			),
		);
		expect((await fetch(`${appliance.issuer(4).href}/oidc/jwks`)).status).toBe(200);
	});
});
