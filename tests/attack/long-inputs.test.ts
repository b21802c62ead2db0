/** D12: input that is far too long costs almost nothing, and delays no other request. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app, oneApp, password, startTarget, type Target } from './target';
import { connectorsLine } from './vendors';
import { orCut, post, send, sendBytes, type Got } from './wire';
import { bestOfThree } from '../measured';

let target: Target;
let host: string;
beforeAll(async () => {
	const ways = connectorsLine({}, ['sms', 'email', 'passkey', 'guest', 'webid']);
	target = await startTarget({ apply: oneApp + ways, env: { LOG_LEVEL: 'warn' } });
	host = new URL(target.origin).host;
});
afterAll(() => target.stop());

const goodSignIn = (): Promise<Got> =>
	post(target.at, `/apps/${app}/sign-in`, { identifier: 'alice', password }, { host, origin: target.origin });

/** Processor time of the appliance so far, ms: other than time on the wall it is the same on a busy machine. */
function cpu(): number | undefined {
	if (process.platform !== 'linux') return undefined;
	const fields = readFileSync(`/proc/${target.appliance.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
	return (Number(fields[11]) + Number(fields[12])) * 10;
}

describe('D12', bestOfThree, () => {
	const long = 50_000;
	const identifiers = [
		'a'.repeat(long),
		`${'a'.repeat(long)}@example.com`,
		`a@${'a.'.repeat(long / 2)}com`,
		`${'a@'.repeat(long / 2)}`,
		'1'.repeat(long),
		`+${'86'.repeat(long / 2)}`,
		'('.repeat(long),
		' '.repeat(long),
		`${'a-'.repeat(long / 2)}!`,
		'\u0301'.repeat(long),
		'ﷺ'.repeat(long / 3),
		'＠'.repeat(long / 3),
		`0${' -'.repeat(long / 2)}x`,
		'.'.repeat(long),
		'\u0000'.repeat(long),
	];

	const own = () => ({ host, origin: target.origin });
	const doors: [name: string, ask: (text: string) => Promise<Got>][] = [
		[
			'the sign-in page',
			(text) => post(target.at, `/apps/${app}/sign-in`, { identifier: text, password: 'x' }, own()),
		],
		[
			'the registration page',
			(text) =>
				post(
					target.at,
					`/apps/${app}/register`,
					{ username: text, email: text, password: 'a-long-enough-secret' },
					own(),
				),
		],
		['the recovery page', (text) => post(target.at, `/apps/${app}/recover`, { identifier: text }, own())],
		[
			'the set-up',
			(text) => post(target.at, '/setup', { setupCode: text, email: text, password: 'x' }, own()),
		],
		['the console', (text) => post(target.at, '/admin/sign-in', { email: text, password: 'x' }, own())],
		['auth.signIn', (text) => target.api('auth.signIn', { input: { identifier: text, password: 'x' } })],
		[
			'auth.register',
			(text) =>
				target.api('auth.register', {
					input: { username: text, email: text, password: 'a-long-enough-secret' },
				}),
		],
		[
			'auth.sendCode',
			(text) => target.api('auth.sendCode', { input: { purpose: 'recover', identifier: text } }),
		],
		[
			'the sign-in page, for a code by mail',
			(text) => post(target.at, `/apps/${app}/sign-in`, { connector: 'email', email: text }, own()),
		],
		[
			'the sign-in page, for a code by text message',
			(text) =>
				post(target.at, `/apps/${app}/sign-in`, { connector: 'sms', phone: text, country: 'CN' }, own()),
		],
		[
			'the sign-in page, for a WebID',
			(text) => post(target.at, `/apps/${app}/sign-in`, { connector: 'webid', identifier: text }, own()),
		],
		[
			'the sign-in page, with a passkey',
			(text) =>
				post(
					target.at,
					`/apps/${app}/sign-in`,
					{ connector: 'passkey', ceremony: text, response: JSON.stringify({ id: text }) },
					own(),
				),
		],
		[
			'the way back from a vendor',
			(text) =>
				send(target.at, {
					path: `/apps/${app}/connect/webid/callback?state=${encodeURIComponent(text).slice(0, 6000)}&code=${encodeURIComponent(text).slice(0, 6000)}`,
				}),
		],
		...(
			[
				['auth.sendCode', (to) => ({ purpose: 'sign-in', connector: 'email', to })],
				['auth.sendCode', (to) => ({ purpose: 'sign-in', connector: 'sms', to })],
				['auth.signInWithCode', (code) => ({ verification: code, code })],
				['auth.signInWithTicket', (ticket) => ({ connector: 'guest', ticket, params: { [ticket]: ticket } })],
				['auth.joinExternal', (pending) => ({ pending })],
				['auth.signInWithPasskey', (id) => ({ ceremony: id, response: { id, response: { x: id } } })],
				['auth.scan.open', (key) => ({ key })],
				['auth.scan.collect', (secret) => ({ secret })],
			] satisfies [string, (text: string) => object][]
		).map(([procedure, inputOf]): [string, (text: string) => Promise<Got>] => [
			`${procedure} ${Object.keys(inputOf('')).join()}`,
			(text) => target.api(procedure, { input: inputOf(text) }),
		]),
		[
			'the token endpoint',
			(text) =>
				post(target.at, `/apps/${app}/oidc/token`, {
					grant_type: 'authorization_code',
					client_id: text,
					code: text,
				}),
		],
		[
			'the authorization endpoint',
			(text) =>
				send(target.at, {
					path: `/apps/${app}/oidc/auth?client_id=web&login_hint=${encodeURIComponent(text).slice(0, 7000)}&scope=${encodeURIComponent(text).slice(0, 7000)}`,
				}),
		],
	];

	it.each(doors)(
		'at %s an identifier of 50,000 characters costs nothing',
		async (_, ask) => {
			// The first request of a kind costs what compiling its code costs.
			await orCut(ask('alice'));
			for (const text of identifiers) {
				const before = cpu();
				const got = await orCut(ask(text));
				const spent = before === undefined ? got.ms : (cpu() ?? 0) - before;
				const hint = JSON.stringify(text.slice(0, 12));
				expect(got.status === 200 ? got.body : '{"type":"failure"', hint).toMatch(/^{"type":"failure"/);
				expect(got.status, hint).toBeLessThan(500);
				expect(spent, hint).toBeLessThan(200);
			}
		},
		60_000,
	);

	it('passwords of a megabyte delay no other request', async () => {
		const huge = 'p'.repeat(1_000_000);
		const usual = Math.max(...(await Promise.all(Array.from({ length: 5 }, goodSignIn))).map(({ ms }) => ms));
		const attempts = Array.from({ length: 20 }, (_, index) =>
			index % 2
				? post(
						target.at,
						`/apps/${app}/sign-in`,
						{ identifier: 'alice', password: huge },
						{ host, origin: target.origin },
					)
				: target.api('auth.signIn', { input: { identifier: 'alice', password: huge } }),
		);
		const good = await goodSignIn();
		for (const got of await Promise.all(attempts.map(orCut))) expect([400, 413]).toContain(got.status);
		expect(good.status).toBe(303);
		expect(good.ms).toBeLessThan(2 * usual + 1000);
		// Only a password within the limit costs as much as any other.
		for (const length of [1024, 4096]) {
			const before = cpu() ?? 0;
			await target.api('auth.signIn', { input: { identifier: 'nobody', password: 'p'.repeat(length) } });
			expect((cpu() ?? 0) - before).toBeLessThan(300);
		}
	}, 180_000);

	it('the unread rest of a body does not delay later requests on the same connection', async () => {
		for (const path of [
			`/apps/${app}/sign-in`,
			'/admin/sign-in',
			'/readyz',
			'/trpc/auth.signIn',
			`/apps/${app}/oidc/token`,
			`/apps/${app}/oidc/jwks`,
			'/favicon.svg',
			'/nowhere',
		])
			for (const size of [70_000, 300_000, 6_000_000]) {
				const first = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${target.origin}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${size}\r\n\r\n${'a'.repeat(size)}`;
				const before = performance.now();
				const answer = await sendBytes(
					target.at,
					`${first}GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
					10_000,
				);
				// Answered, or the connection is closed at once.
				expect(performance.now() - before, `${path} ${size}`).toBeLessThan(4000);
				if (size < 1_000_000 && /^HTTP\/1\.1 \d+ [^]*?\r\nconnection: keep-alive/i.test(answer))
					expect(answer, `${path} ${size}`).toMatch(/\r\nok\n/);
			}
	}, 180_000);

	it('a body without end is cut off, in whatever way it comes', async () => {
		for (const path of [
			`/apps/${app}/sign-in`,
			'/trpc/auth.signIn',
			`/apps/${app}/oidc/token`,
			`/apps/${app}/oidc/auth`,
		]) {
			const chunk = `${(65_536).toString(16)}\r\n${'a'.repeat(65_536)}\r\n`;
			const type = path.startsWith('/trpc') ? 'application/json' : 'application/x-www-form-urlencoded';
			const answer = await sendBytes(
				target.at,
				`POST ${path} HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${target.origin}\r\nAccept: text/html\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(40)}`,
				4000,
			);
			expect(answer, path).toMatch(/^HTTP\/1\.1 4(00|13)|^$/);
		}
		const bomb = gzipSync(Buffer.alloc(50_000_000, 'a'));
		const got = await send(target.at, {
			method: 'POST',
			path: `/apps/${app}/sign-in`,
			headers: {
				host,
				origin: target.origin,
				accept: 'text/html',
				'content-type': 'application/x-www-form-urlencoded',
				'content-encoding': 'gzip',
			},
			body: bomb,
		});
		expect([400, 401, 413, 415]).toContain(got.status);
	}, 180_000);
});
