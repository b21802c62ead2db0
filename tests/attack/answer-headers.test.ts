/** D01, D02: what every answer of every kind carries, under http and under https. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app, password, startTarget, type Target } from './target';
import { post, send, sendBytes, type Got } from './wire';

const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const authorize = `/apps/${app}/oidc/auth?client_id=web&response_type=code&scope=openid&redirect_uri=http%3A%2F%2F127.0.0.1%3A5555%2Fcb&code_challenge=${challenge}&code_challenge_method=S256`;
const built = resolve(import.meta.dirname, '../../build/client');

/** Some file of each kind that browsers load. */
function assets(): string[] {
	const files = readdirSync(join(built, '_app/immutable'), { recursive: true, withFileTypes: true }).filter(
		(entry) => entry.isFile() && !/\.(gz|br|map)$/.test(entry.name),
	);
	const kinds = new Map(
		files.map((entry) => [
			entry.name.split('.').pop(),
			join(entry.parentPath, entry.name).slice(built.length),
		]),
	);
	return ['/favicon.svg', '/_app/version.json', ...kinds.values()];
}

/** The answer of every kind: what to ask, by which header. */
const kinds: [
	name: string,
	path: string,
	options?: { method?: string; headers?: Record<string, string>; body?: string },
][] = [
	['landing page', '/'],
	['console without a session', '/admin'],
	['console sign-in', '/admin/sign-in'],
	['set-up', '/setup'],
	['sign-in page', `/apps/${app}/sign-in`],
	['registration page', `/apps/${app}/register`],
	['recovery page', `/apps/${app}/recover`],
	['verification page', `/apps/${app}/verify-email`],
	['account without a session', `/apps/${app}/account`],
	['app without a path', `/apps/${app}`],
	['data of a page', `/apps/${app}/sign-in/__data.json`],
	['theme', `/apps/${app}/theme.css`],
	['unknown image', `/apps/${app}/images/${'a'.repeat(64)}`],
	['unknown page', '/nowhere', { headers: { accept: 'text/html' } }],
	['unknown page, for a program', '/nowhere', { headers: { accept: 'application/json' } }],
	['unknown app', '/apps/999/sign-in', { headers: { accept: 'text/html' } }],
	['app of letters', '/apps/abc/sign-in', { headers: { accept: 'text/html' } }],
	['unknown interaction', `/apps/${app}/interaction/nothing`, { headers: { accept: 'text/html' } }],
	['wrong method', `/apps/${app}/sign-in`, { method: 'DELETE' }],
	['wrong method without actions', '/healthz', { method: 'POST' }],
	[
		'foreign form',
		`/apps/${app}/sign-in`,
		{
			method: 'POST',
			headers: { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' },
			body: 'a=b',
		},
	],
	['broken path', '/%E0%A4%A', {}],
	['broken path of an app', `/apps/${app}/%ff`, {}],
	['unknown static file', '/_app/immutable/nothing.js'],
	['health', '/healthz'],
	['readiness', '/readyz'],
	['query of the API', '/trpc/me.get', { headers: { 'menshen-app': String(app) } }],
	['unknown procedure', '/trpc/nothing'],
	[
		'call that is not JSON',
		'/trpc/auth.signIn',
		{ method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' },
	],
	[
		'preflight of the API',
		'/trpc/me.get',
		{
			method: 'OPTIONS',
			headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
		},
	],
	['discovery', `/apps/${app}/.well-known/openid-configuration`],
	['discovery posted to', `/apps/${app}/.well-known/openid-configuration`, { method: 'POST', body: '' }],
	[
		'discovery preflight',
		`/apps/${app}/.well-known/openid-configuration`,
		{ method: 'OPTIONS', headers: { origin: 'https://evil.example' } },
	],
	['discovery of no app', '/apps/999/.well-known/openid-configuration'],
	['keys', `/apps/${app}/oidc/jwks`],
	['authorization', authorize],
	['authorization, refused', `/apps/${app}/oidc/auth?client_id=nobody`, { headers: { accept: 'text/html' } }],
	[
		'authorization as a form',
		`/apps/${app}/oidc/auth`,
		{
			method: 'POST',
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
			body: 'client_id=web',
		},
	],
	[
		'token, refused',
		`/apps/${app}/oidc/token`,
		{
			method: 'POST',
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
			body: 'client_id=web',
		},
	],
	[
		'token preflight',
		`/apps/${app}/oidc/token`,
		{
			method: 'OPTIONS',
			headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
		},
	],
	['userinfo, refused', `/apps/${app}/oidc/userinfo`],
	['logout', `/apps/${app}/oidc/logout`, { headers: { accept: 'text/html' } }],
	['unknown engine path', `/apps/${app}/oidc/nothing`],
	[
		'too large a body',
		`/apps/${app}/oidc/token`,
		{
			method: 'POST',
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
			body: `a=${'b'.repeat(70_000)}`,
		},
	],
	['metrics', '/metrics'],
];

const directives = (policy: string) =>
	new Map(
		policy
			.split(';')
			.map((part) => part.trim().split(/ +/))
			.map(([name, ...values]) => [name ?? '', values]),
	);

function expectPagePolicy(got: Got): void {
	const policy = directives(String(got.headers['content-security-policy'] ?? ''));
	expect(policy.get('default-src')).toEqual(["'none'"]);
	for (const name of ['base-uri', 'frame-ancestors']) expect(policy.get(name), name).toEqual(["'none'"]);
	expect(policy.get('object-src') ?? policy.get('default-src')).toEqual(["'none'"]);
	expect([...policy.values()].flat().join(' ')).not.toMatch(/unsafe|https?:|\*|blob:|'strict-dynamic'/);
	// Browsers apply it to the whole way back to the relying party.
	expect(policy.has('form-action')).toBe(false);
	for (const name of ['script-src', 'style-src', 'connect-src', 'font-src']) {
		const allowed = policy.get(name) ?? [];
		expect(
			allowed.every((value) => /^'(self|none|sha256-[\w+/=]+)'$/.test(value)),
			`${name} ${allowed.join(' ')}`,
		).toBe(true);
	}
}

function expectGuarded(got: Got, secure: boolean): void {
	const { headers } = got;
	// What has no body has nothing to sniff.
	if (got.body) expect(headers['x-content-type-options'], 'nosniff').toBe('nosniff');
	if (secure && got.body) expect(headers['strict-transport-security'], 'HSTS').toMatch(/^max-age=\d{8,}/);
	if (!secure) expect(headers['strict-transport-security']).toBeUndefined();
	expect(headers['x-powered-by']).toBeUndefined();
	expect(headers['server']).toBeUndefined();
	if (String(headers['content-type'] ?? '').startsWith('text/html')) {
		expectPagePolicy(got);
		expect(headers['referrer-policy']).toMatch(
			/^(same-origin|no-referrer|strict-origin-when-cross-origin|strict-origin)$/,
		);
	}
	if (got.body && !/immutable|public/.test(String(headers['cache-control'] ?? '')) && got.status === 200)
		expect(headers['cache-control'], 'nothing personal is kept by caches').toMatch(
			/no-store|no-cache|private|max-age=0/,
		);
}

describe.each([
	['http', undefined, false],
	['https', 'https://id.example.test', true],
] as const)('under %s', (_, origin, secure) => {
	let target: Target;
	let host: string;
	beforeAll(async () => {
		target = await startTarget({ ...(origin ? { origin, env: { ALLOW_OUTBOX: '1' } } : {}) });
		host = new URL(target.origin).host;
	});
	afterAll(() => target.stop());
	const ask = (
		path: string,
		{ headers = {}, ...rest }: { method?: string; headers?: Record<string, string>; body?: string } = {},
	) => send(target.at, { path, headers: { host, ...headers }, ...rest });

	it.each(kinds)('D01: %s', async (_, path, options = {}) => expectGuarded(await ask(path, options), secure));

	it.each(assets())('D01: static %s', async (path) => {
		const got = await ask(path);
		expect(got.status).toBe(200);
		expect(got.headers['x-content-type-options']).toBe('nosniff');
		if (secure) expect(got.headers['strict-transport-security']).toMatch(/^max-age=\d{8,}/);
	});

	it('D01: signed in, the pages of the account and of the console', async () => {
		const [user, owner] = [await target.signIn('alice'), await target.owner()];
		for (const path of [
			`/apps/${app}/account`,
			`/apps/${app}/account/security`,
			`/apps/${app}/account/apps`,
			`/apps/${app}/account/__data.json`,
			'/admin',
			`/admin/apps/${app}`,
			`/admin/apps/${app}/users`,
			`/admin/apps/${app}/settings`,
			'/admin/audit',
		]) {
			const got = await ask(path, {
				headers: { cookie: path.startsWith('/admin') ? owner : user, accept: 'text/html' },
			});
			expect(got.status, path).toBe(200);
			expectGuarded(got, secure);
			expect(got.headers['cache-control'], path).toMatch(/no-store/);
		}
	});

	it('D01: the redirect that carries a code sends no referrer', async () => {
		const cookies = new Map<string, string>();
		const keep = (got: Got) => {
			for (const line of got.cookies) cookies.set(line.split('=')[0] ?? '', line.split(';')[0] ?? '');
			return got;
		};
		const go = async (path: string, fields?: Record<string, string>) => {
			const headers = {
				host,
				origin: target.origin,
				accept: 'text/html',
				cookie: [...cookies.values()].join('; '),
			};
			return keep(
				fields ? await post(target.at, path, fields, headers) : await send(target.at, { path, headers }),
			);
		};
		const pathOf = (got: Got) => (got.headers.location ?? '').replace(target.origin, '');
		let got = await go(authorize);
		const interaction = pathOf(got);
		got = await go(interaction, { identifier: 'alice', password });
		for (
			let hops = 0;
			hops < 8 && !(got.headers.location ?? '').startsWith('http://127.0.0.1:5555');
			hops++
		) {
			const path = pathOf(got);
			got = path ? await go(path) : await go(`${interaction}/consent`, { decision: 'allow' });
			if (got.status === 200 && path) got = await go(path, { decision: 'allow' });
		}
		expect(got.headers.location).toMatch(/^http:\/\/127\.0\.0\.1:5555\/cb\?code=/);
		expect(got.headers['referrer-policy']).toBe('no-referrer');
	});

	it('D02: every cookie is HttpOnly, SameSite, on its own path, and under https Secure with a prefix', async () => {
		const answers = [
			await post(
				target.at,
				`/apps/${app}/sign-in`,
				{ identifier: 'alice', password },
				{ host, origin: target.origin },
			),
			await target.api('auth.signIn', { input: { identifier: 'alice', password } }),
			await target.api('auth.register', { input: { username: 'bob', password } }),
			await post(
				target.at,
				'/admin/sign-in',
				{ email: 'owner@example.com', password: 'a-long-owner-secret' },
				{ host, origin: target.origin },
			),
			await post(target.at, `/apps/${app}/recover`, { identifier: 'alice' }, { host, origin: target.origin }),
			await ask(authorize),
			await ask(`/apps/${app}/oidc/logout`, { headers: { accept: 'text/html' } }),
			await ask(`/apps/${app}/sign-in?ui_locales=zh-CN`),
			await post(
				target.at,
				`/apps/${app}/sign-out`,
				{},
				{ host, origin: target.origin, cookie: await target.signIn('alice') },
			),
		];
		const lines = answers.flatMap(({ cookies }) => cookies);
		expect(lines.length).toBeGreaterThan(9);
		for (const line of lines) {
			const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
			const lower = attributes.map((part) => part.toLowerCase());
			expect(lower, line).toContain('httponly');
			expect(
				lower.some((part) => part === 'samesite=lax' || part === 'samesite=strict'),
				line,
			).toBe(true);
			expect(
				lower.some((part) => part.startsWith('domain')),
				line,
			).toBe(false);
			expect(lower.includes('secure'), line).toBe(secure);
			const path = attributes.find((part) => /^path=/i.test(part))?.slice(5);
			if (secure && !pair.startsWith('menshen-locale'))
				expect(pair, line).toMatch(path === '/' ? /^__Host-/ : /^__Secure-/);
			expect(path, line).toMatch(/^\/($|apps\/4\/)/);
		}
	});

	it('D01: bytes that are no request are answered without a word about the server', async () => {
		const answer = await sendBytes(target.at, 'nonsense\r\n\r\n');
		expect(answer).toMatch(/^HTTP\/1\.1 400 /);
		expect(answer).not.toMatch(/node|stack|server:/i);
	});
});

describe('D02: pages keep nothing where scripts could read it', () => {
	it('no script of ours touches localStorage or indexedDB', () => {
		const files = readdirSync(built, { recursive: true, withFileTypes: true }).filter(
			(entry) => entry.isFile() && entry.name.endsWith('.js'),
		);
		expect(files.length).toBeGreaterThan(5);
		const found = files.filter((entry) =>
			/localStorage|indexedDB/.test(readFileSync(join(entry.parentPath, entry.name), 'utf8')),
		);
		expect(found.map((entry) => entry.name)).toEqual([]);
	});
});
