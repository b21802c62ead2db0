/** D10, D13: ten thousand requests that no honest client sends, to pages, API and engine, while people sign in. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app, oneApp, password, startTarget, type Target } from './target';
import { connectorsLine } from './vendors';
import { post, send, sendBytes, type Got, type Sent } from './wire';
import { bestOfThree } from '../measured';

let target: Target;
let host: string;
beforeAll(async () => {
	const ways = connectorsLine({}, ['sms', 'email', 'passkey', 'guest']);
	target = await startTarget({
		apply: oneApp + ways,
		env: { TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'warn' },
	});
	host = new URL(target.origin).host;
});
afterAll(() => target.stop());

/** A generator of its own seed: a failure can be had again (mulberry32). */
function chanceOf(seed: number) {
	let state = seed;
	const next = (): number => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
	const below = (most: number) => Math.floor(next() * most);
	const one = <T>(from: readonly T[]): T => from[below(from.length)] as T;
	return { next, below, one };
}
type Chance = ReturnType<typeof chanceOf>;

const scraps = [
	'',
	' ',
	'\0',
	'\u0000'.repeat(20),
	'\ufffd',
	'\ud800',
	'🙂'.repeat(30),
	'../',
	'..\\',
	'..%2f..%2f',
	'%00',
	'%',
	'%zz',
	'%c0%ae',
	"' OR 1=1--",
	'"; DROP TABLE user;--',
	'${7*7}',
	'{{7*7}}',
	'<script>',
	'-1',
	'0',
	'1e999',
	'NaN',
	'null',
	'undefined',
	'true',
	'[]',
	'{}',
	'[object Object]',
	'__proto__',
	'constructor',
	'99999999999999999999',
	'4',
	'alice',
	'alice@example.com',
	'a'.repeat(300),
	'a'.repeat(3000),
	'\r\nX: y',
	'\n',
	'\t',
	'\x7f',
	'\x1b[31m',
	'+8613800138000',
	'&',
	'=',
	'&=&=',
	'?',
	'#',
	';',
	'/',
	'//',
	'\\',
	'密码',
	'\u202e',
	'ÿ',
	'x'.repeat(64),
	'1'.repeat(64),
	'2024-01-01',
	'=cmd|x',
	'file:///etc/passwd',
	'http://127.0.0.1:1/',
];
const doors = [
	'/',
	'/healthz',
	'/readyz',
	'/setup',
	'/admin',
	'/admin/sign-in',
	'/admin/apps/4',
	'/admin/apps/4/users',
	'/admin/apps/new',
	`/apps/${app}`,
	`/apps/${app}/sign-in`,
	`/apps/${app}/register`,
	`/apps/${app}/recover`,
	`/apps/${app}/verify-email`,
	`/apps/${app}/account`,
	`/apps/${app}/account/security`,
	`/apps/${app}/sign-out`,
	`/apps/${app}/code`,
	`/apps/${app}/connect`,
	`/apps/${app}/connect/oidc/callback`,
	`/apps/${app}/connect/apple/callback`,
	`/apps/${app}/prove`,
	`/apps/${app}/scan`,
	`/apps/${app}/scan/state`,
	`/apps/${app}/scan/image`,
	`/apps/${app}/passkey`,
	`/apps/${app}/account/security?/link`,
	`/apps/${app}/account/security?/addPasskey`,
	`/apps/${app}/interaction/x`,
	`/apps/${app}/interaction/x/consent`,
	`/apps/${app}/interaction/x/code`,
	`/apps/${app}/interaction/x/connect`,
	`/apps/${app}/interaction/x/scan`,
	`/apps/${app}/interaction/x/prove`,
	`/apps/${app}/theme.css`,
	`/apps/${app}/images/x`,
	`/apps/${app}/.well-known/openid-configuration`,
	`/apps/${app}/oidc/auth`,
	`/apps/${app}/oidc/token`,
	`/apps/${app}/oidc/userinfo`,
	`/apps/${app}/oidc/jwks`,
	`/apps/${app}/oidc/introspection`,
	`/apps/${app}/oidc/revocation`,
	`/apps/${app}/oidc/logout`,
	`/apps/${app}/oidc/logout/confirm`,
	`/apps/${app}/oidc/auth/x`,
	'/trpc/auth.signIn',
	'/trpc/auth.register',
	'/trpc/auth.sendCode',
	'/trpc/auth.resetPassword',
	'/trpc/auth.verifyEmail',
	'/trpc/auth.completeRegistration',
	'/trpc/auth.methods',
	'/trpc/auth.signInWithCode',
	'/trpc/auth.signInWithTicket',
	'/trpc/auth.joinExternal',
	'/trpc/auth.proveJoining',
	'/trpc/auth.passkeyOptions',
	'/trpc/auth.signInWithPasskey',
	'/trpc/auth.scan.begin',
	'/trpc/auth.scan.watch',
	'/trpc/auth.scan.collect',
	'/trpc/auth.scan.open',
	'/trpc/auth.scan.confirm',
	'/trpc/me.identities.linkTicket',
	'/trpc/me.passkeys.add',
	'/trpc/me.get',
	'/trpc/me.update',
	'/trpc/admin.users.list',
	'/trpc/admin.apps.create',
	'/trpc/auth.signIn,me.get',
	'/trpc/',
	'/_app/immutable/x.js',
	'/_app/version.json',
	'/favicon.svg',
	'/metrics',
	'/oauth/4',
	'/uni-id/4',
	'/api/AppUsers/4/x',
	'/menshen.sock',
];
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND', 'TRACE', 'QUERY'];
const types = [
	'application/x-www-form-urlencoded',
	'application/json',
	'multipart/form-data; boundary=x',
	'multipart/form-data',
	'text/plain',
	'application/x-www-form-urlencoded; charset=utf-16',
	'application/json; charset=x',
	'',
	';',
	'x'.repeat(500),
	'application/xml',
	'multipart/form-data; boundary=' + '-'.repeat(200),
];
const headerNames = [
	'accept',
	'accept-language',
	'accept-encoding',
	'authorization',
	'cookie',
	'menshen-app',
	'menshen-session',
	'origin',
	'referer',
	'user-agent',
	'if-none-match',
	'if-modified-since',
	'range',
	'x-forwarded-for',
	'forwarded',
	'x-sveltekit-action',
	'x-sveltekit-invalidated',
	'sec-fetch-site',
	'te',
	'content-encoding',
	'expect-ct',
	'trpc-accept',
	'x-http-method-override',
	'upgrade-insecure-requests',
	'host',
];
const names = [
	'identifier',
	'password',
	'newPassword',
	'code',
	'username',
	'email',
	'name',
	'decision',
	'connector',
	'step',
	'next',
	'token',
	'client_id',
	'redirect_uri',
	'scope',
	'state',
	'grant_type',
	'client_secret',
	'refresh_token',
	'id_token_hint',
	'post_logout_redirect_uri',
	'prompt',
	'max_age',
	'claims',
	'request',
	'response_type',
	'code_challenge',
	'ui_locales',
	'input',
	'batch',
	'xsrf',
	'setupCode',
	'id',
	'__proto__',
	'purpose',
	'verification',
	'ticket',
	'params',
	'pending',
	'ceremony',
	'response',
	'secret',
	'key',
	'to',
	'posted',
	'phone',
	'country',
	'with',
	'/profile',
];

const headerSafe = (text: string) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '');
const scrap = (chance: Chance): string =>
	chance.below(4) === 0 ? chance.one(scraps) + chance.one(scraps) : chance.one(scraps);

function mangledPath(chance: Chance): string {
	const door = chance.one(doors);
	const kind = chance.below(8);
	const text = scrap(chance);
	if (kind === 0)
		return door.replace(/4/, encodeURIComponent(text.replace(/[\ud800-\udfff]/g, '')).slice(0, 2000) || 'x');
	if (kind === 1) return `${door}/${encodeURIComponent(text.replace(/[\ud800-\udfff]/g, '')).slice(0, 2000)}`;
	if (kind === 2) return door + text.replace(/[^\x21-\x7e]/g, '').slice(0, 2000);
	if (kind === 3) return `/${'x/'.repeat(chance.below(400))}`;
	if (kind === 4) return door.toUpperCase();
	const query = Array.from(
		{ length: chance.below(6) },
		() =>
			`${chance.one(names)}=${chance.below(2) ? encodeURIComponent(scrap(chance).replace(/[\ud800-\udfff]/g, '')) : scrap(chance).replace(/[^\x21-\x7e]/g, '')}`,
	);
	return `${door}?${query.join('&')}`.slice(0, 6000);
}

function mangledJson(chance: Chance, depth = 0): unknown {
	const kind = chance.below(depth > 3 ? 4 : 7);
	if (kind === 0) return scrap(chance);
	if (kind === 1) return chance.one([0, -1, 1e308, 1.5, Number.MAX_SAFE_INTEGER]);
	if (kind === 2) return chance.one([null, true, false]);
	if (kind === 3) return [];
	if (kind === 4) return Array.from({ length: chance.below(4) }, () => mangledJson(chance, depth + 1));
	return Object.fromEntries(
		Array.from({ length: chance.below(6) }, () => [chance.one(names), mangledJson(chance, depth + 1)]),
	);
}

function mangledBody(chance: Chance): string | Buffer {
	const kind = chance.below(7);
	if (kind === 0) return JSON.stringify(mangledJson(chance));
	if (kind === 1) return JSON.stringify(mangledJson(chance)).slice(0, -1 - chance.below(5));
	if (kind === 2) return Buffer.from(Array.from({ length: chance.below(300) }, () => chance.below(256)));
	if (kind === 3) return '['.repeat(chance.below(20_000));
	if (kind === 4)
		return `--x\r\ncontent-disposition: form-data; name="${headerSafe(scrap(chance))}"; filename="${headerSafe(scrap(chance))}"\r\n\r\n${scrap(chance)}\r\n--x${chance.below(2) ? '--' : ''}\r\n`;
	return Array.from(
		{ length: chance.below(12) },
		() =>
			`${chance.one(names)}=${chance.below(2) ? encodeURIComponent(scrap(chance).replace(/[\ud800-\udfff]/g, '')) : scrap(chance)}`,
	).join('&');
}

function mangled(chance: Chance, cookies: readonly string[]): Sent {
	const method = chance.one(methods.slice(0, 2 + chance.below(methods.length - 1)));
	const headers: Record<string, string> = {
		host,
		'x-forwarded-for': `198.51.${chance.below(200)}.${chance.below(250)}`,
	};
	if (chance.below(3)) headers['content-type'] = headerSafe(chance.one(types)).trim();
	if (chance.below(2)) headers['origin'] = target.origin;
	if (chance.below(2)) headers['menshen-app'] = String(app);
	if (chance.below(4) === 0) headers['cookie'] = chance.one(cookies);
	for (let more = chance.below(3); more > 0; more--)
		headers[chance.one(headerNames)] = headerSafe(scrap(chance)).slice(0, 2000);
	const hasBody = method !== 'GET' && method !== 'HEAD' && chance.below(5) > 0;
	return { method, path: mangledPath(chance), headers, ...(hasBody ? { body: mangledBody(chance) } : {}) };
}

/** What no client library would send: invalid request lines and headers. */
const broken = [
	'\r\n\r\n',
	'GET\r\n\r\n',
	'GET / HTTP/9.9\r\n\r\n',
	'GET /\r\n\r\n',
	'GET / HTTP/1.1\r\n\r\n',
	'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
	'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
	'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n',
	'POST /trpc/auth.signIn HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n',
	'POST /trpc/auth.signIn HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
	`GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(5000)}\r\n`,
	`GET /${'a'.repeat(40_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
	`GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'a=b; '.repeat(10_000)}\r\n\r\n`,
	'GET / HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n',
	'GET / HTTP/1.1\r\nHost: x\r\n\0: y\r\n\r\n',
	'GET \0 HTTP/1.1\r\nHost: x\r\n\r\n',
	'GET http:// HTTP/1.1\r\nHost: x\r\n\r\n',
	'GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
	'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
	'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n',
	'GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
	'GET //[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
	'GET /\\ HTTP/1.1\r\nHost: \\\r\nConnection: close\r\n\r\n',
	'GET /?a=%ZZ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
	'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
	'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
	'GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n',
	'POST / HTTP/1.1\r\nHost: x\r\nExpect: nonsense\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc',
	'GET / HTTP/1.1\r\nHost: [::1\r\nAccept: text/html\r\nConnection: close\r\n\r\n',
	'GET / HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nX-Forwarded-Host: [\r\nConnection: close\r\n\r\n',
	'HEAD /apps/4/sign-in HTTP/1.0\r\n\r\n',
];
const upgrade = (path: string, more = '') =>
	`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`;

const percentile = (values: readonly number[], share: number) =>
	[...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
const goodSignIn = (): Promise<Got> =>
	post(
		target.at,
		`/apps/${app}/sign-in`,
		{ identifier: 'alice', password },
		{ host, origin: target.origin, 'x-forwarded-for': '192.0.2.99' },
	);

/** One after the other, and a moment between: people, not another flood. */
async function signInsWhile(isOver: () => boolean): Promise<number[]> {
	const times: number[] = [];
	while (!isOver()) {
		const got = await goodSignIn();
		expect(got.status).toBe(303);
		times.push(got.ms);
		await new Promise((again) => setTimeout(again, 150));
	}
	return times;
}

const isUp = async () => (await send(target.at, { path: '/readyz' })).status;

/** What was logged as our own failure, each message once. */
function complaints(): string[] {
	const lines = target.appliance
		.output()
		.split('\n')
		.filter((line) => /"level":(50|60)/.test(line));
	return [
		...new Set(
			lines.map(
				(line) => (JSON.parse(line) as { err?: { message?: string }; msg?: string }).err?.message ?? line,
			),
		),
	];
}

describe('D10', bestOfThree, () => {
	const total = 10_000;
	it(`${total} malformed requests: the process stays, none is answered with 5xx, people sign in as fast as with as many good ones`, async () => {
		const cookies = [
			await target.signIn('alice', { headers: { 'x-forwarded-for': '192.0.2.98' } }),
			await target.owner(),
			'menshen-4=x',
			'menshen-4="; menshen-operator=%',
			`menshen-op-4=${'a'.repeat(3000)}`,
			'=; ;;=x; menshen-4',
			'menshen-note-4=%7B%22at%22%3A%22recover%22%7D',
			'menshen-note-4=[]',
			`menshen-note-4=${encodeURIComponent('{"at":"code","connector":"__proto__","verification":"x","to":"x","page":"//evil"}')}`,
			`menshen-note-4=${encodeURIComponent('{"at":"connect","pending":"x","join":true,"connector":"nothing","name":""}')}`,
			`menshen-note-4=${encodeURIComponent('{"at":"prove","pending":"x","what":"phone"}')}`,
			`menshen-note-4=${encodeURIComponent('{"at":"scan","connector":"constructor","secret":""}')}`,
			`menshen-note-4=${encodeURIComponent('{"at":"told","connector":"nothing-like-it","what":"linked"}')}`,
			`menshen-linking-4=${encodeURIComponent('{"at":"linking","pending":"x","connector":"nothing-like-it","name":"x"}')}`,
			`menshen-browser-4=${'A'.repeat(43)}`,
			'menshen-locale=../../x',
			'menshen-from-4=%00',
		];
		const failures: string[] = [];
		const statuses = new Map<number, number>();
		let sent = 0;
		const flood = async (seed: number, next: (chance: Chance) => Sent) => {
			const chance = chanceOf(seed);
			while (sent < total) {
				const number = sent++;
				const request = next(chance);
				const got = await send(target.at, request).catch((error: unknown) => ({
					status: /ECONNREFUSED/.test(String(error)) ? 599 : 0,
					body: String(error),
				}));
				statuses.set(got.status, (statuses.get(got.status) ?? 0) + 1);
				if (got.status >= 500)
					failures.push(
						`${number} (seed ${seed}): ${got.status} ${JSON.stringify(request).slice(0, 600)} → ${got.body.slice(0, 200)}`,
					);
			}
		};
		const lanes = [1, 2, 3, 4];
		// The yardstick: the same number of lanes, busy with a page that nothing is wrong with.
		sent = total - 1500;
		const calm = Promise.all(
			lanes.map((seed) => flood(seed, () => ({ path: `/apps/${app}/sign-in`, headers: { host } }))),
		);
		const usual = await signInsWhile(() => sent >= total);
		await calm;
		statuses.clear();
		sent = 0;
		const storm = Promise.all(lanes.map((seed) => flood(seed, (chance) => mangled(chance, cookies))));
		const during = await signInsWhile(() => sent >= total);
		await storm;
		expect(failures).toEqual([]);
		expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(total);
		// Turned away by the request line itself; a few only, or the others were never tried.
		expect(statuses.get(0) ?? 0).toBeLessThan(total / 10);
		expect((statuses.get(200) ?? 0) + (statuses.get(400) ?? 0) + (statuses.get(404) ?? 0)).toBeGreaterThan(
			total / 4,
		);
		expect(percentile(during, 0.99)).toBeLessThan(2 * percentile(usual, 0.99) + 100);
		expect(await isUp()).toBe(200);
		expect(complaints()).toEqual([]);
	}, 120_000);

	it.each(broken.map((bytes, index) => [index, bytes] as const))(
		'bytes %i that are no request are survived',
		async (_, bytes) => {
			const answer = await sendBytes(target.at, Buffer.from(bytes, 'latin1'), 700);
			expect(answer).not.toMatch(/^HTTP\/1\.\d 5(?!05)/);
			expect(answer).not.toMatch(/node_modules|at .*\.js:\d/);
			expect(await isUp()).toBe(200);
		},
	);
});

describe('D10: cookies that are not ours', () => {
	it.each([
		'broken=%',
		'%=%',
		'x="',
		'=',
		';;;',
		`big=${'a'.repeat(8000)}`,
		'menshen-4=%; menshen-operator=%',
		'__Host-x=%E0%A4%A',
	])('lock no one out: %.30s', async (cookie) => {
		for (const path of ['/', '/admin/sign-in', `/apps/${app}/sign-in`])
			expect(
				(await send(target.at, { path, headers: { host, cookie, accept: 'text/html' } })).status,
				path,
			).toBe(200);
		const mine = await target.signIn('alice', { headers: { 'x-forwarded-for': '192.0.2.97', cookie } });
		const both = `${cookie}; ${mine}; ${cookie}`;
		expect((await target.api('me.get', { headers: { cookie: both } })).status).toBe(
			/menshen-4=/.test(cookie) ? 401 : 200,
		);
	});
});

describe('D13', () => {
	it('nonsense over WebSocket and event streams ends nothing', async () => {
		const junk = [
			'',
			'\x81\x05hello',
			'\x81\xff\xff\xff\xff\xff',
			Buffer.from([0x88, 0x02, 0xff, 0xff]).toString('latin1'),
			'{"id":1,"jsonrpc":"2.0","method":"subscription","params":null}',
			'\0'.repeat(5000),
		];
		const paths = [
			'/trpc',
			'/trpc/',
			'/trpc/me.get?connectionParams=1',
			'/',
			`/apps/${app}/oidc/auth`,
			'/_app/version.json',
		];
		for (const path of paths)
			for (const text of junk) await sendBytes(target.at, Buffer.from(upgrade(path) + text, 'latin1'), 60);
		for (const connectionParams of ['', 'null', '{', '{"a":', '[]', '"x"', '%'])
			for (const accept of ['text/event-stream', 'application/jsonl'])
				for (const path of [
					`/trpc/me.get?connectionParams=${encodeURIComponent(connectionParams)}`,
					`/trpc/nothing?connectionParams=${encodeURIComponent(connectionParams)}&batch=1`,
				])
					expect(
						(
							await send(target.at, {
								path,
								headers: { accept, 'trpc-accept': accept, 'menshen-app': String(app) },
							})
						).status,
					).toBeLessThan(500);
		expect(await isUp()).toBe(200);
	});
});
