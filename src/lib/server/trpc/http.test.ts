/** tRPC's HTTP format, and requests that violate it: no answer is a 5xx and nothing crashes (D10, D13). */
import { connect } from 'node:net';
import fc from 'fast-check';
import { createTRPCClient, httpBatchLink, httpLink, TRPCClientError } from '@trpc/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPassword } from '../../../../tests/appliance-under-test';
import type { AppServices } from '../flows/services';
import { mostCalls } from './answer';
import { apiUnderTest, byCookie, byOperatorCookie, type ApiUnderTest, type Proof } from './api-under-test';
import type { AppRouter } from './app-router';
import { mostBytes } from './read-body';

let api: ApiUnderTest;
let app: AppServices;
let user: Proof;

beforeAll(async () => {
	api = await apiUnderTest();
	app = await api.under.app();
	user = await byCookie(app, (await api.under.user(app)).id);
	await api.under.user(app, { username: 'bob', password: goodPassword });
});
afterAll(() => api.close());

const json = (text: string) =>
	JSON.parse(text) as { error: { code: number; message: string; data: Record<string, unknown> } };

describe('tRPC’s own client', () => {
	it.each([
		['httpLink', httpLink],
		['httpBatchLink', httpBatchLink],
	] as const)('by %s gets results and errors', async (_, link) => {
		const client = createTRPCClient<AppRouter>({
			links: [link({ url: api.url.slice(0, -1), headers: user })],
		});
		const [me, sessions] = await Promise.all([client.me.get.query(), client.me.sessions.list.query()]);
		expect(me.username).toBe('alice');
		expect(sessions[0]?.current).toBe(true);
		const failed = await client.auth.verifyEmail.mutate({ code: '123456' }).catch((error: unknown) => error);
		expect(failed).toBeInstanceOf(TRPCClientError);
		expect((failed as TRPCClientError<AppRouter>).data).toMatchObject({
			code: 'auth/code-invalid',
			httpStatus: 400,
			path: 'auth.verifyEmail',
		});
	});
});

describe('a batch', () => {
	const batch = (names: string[], input = '{}') =>
		fetch(`${api.url}${names.join(',')}?batch=1&input=${encodeURIComponent(input)}`, { headers: user });

	it('answers each call by itself', async () => {
		const answer = await batch(['me.get', 'admin.users.list', 'me.nothing']);
		expect(answer.status).toBe(207);
		const [first, second, third] = (await answer.json()) as {
			result?: { data: object };
			error?: { data: { code: string } };
		}[];
		expect(first?.result?.data).toMatchObject({ username: 'alice' });
		expect(second?.error?.data.code).toBe('auth/forbidden');
		expect(third?.error?.data.code).toBe('edge/not-found');
	});

	it(`takes ${mostCalls} calls and no more`, async () => {
		const many = (count: number) => batch(new Array<string>(count).fill('me.get'));
		expect((await many(mostCalls)).status).toBe(200);
		const refused = await many(mostCalls + 1);
		expect(refused.status).toBe(400);
		expect(json(await refused.text()).error.data['code']).toBe('input/invalid');
	});

	it('reads inputs by index, and own properties only', async () => {
		for (const input of ['null', '[]', '3', '"x"', '{"__proto__":{"0":{}}}', '{"length":5}'])
			expect((await batch(['me.get'], input)).status).toBeLessThan(500);
	});

	it('of sign-ins does not get around the limits', async () => {
		const inputs = Object.fromEntries(
			Array.from({ length: 10 }, (_, index) => [index, { identifier: 'bob', password: 'wrong-password' }]),
		);
		const answer = await fetch(`${api.url}${new Array<string>(10).fill('auth.signIn').join(',')}?batch=1`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', 'menshen-app': String(app.id) },
			body: JSON.stringify(inputs),
		});
		const codes = ((await answer.json()) as { error: { data: { code: string } } }[]).map(
			({ error }) => error.data.code,
		);
		expect(codes.filter((code) => code === 'auth/invalid-credentials').length).toBeLessThanOrEqual(8);
		expect(codes).toContain('auth/too-many-attempts');
	});
});

describe('an answer', () => {
	it('is never kept, sniffed or framed, and has the request number for the log', async () => {
		const { headers } = await api.ask('me.get', { headers: user });
		expect(headers.get('content-type')).toBe('application/json');
		expect(headers.get('cache-control')).toBe('no-store');
		expect(headers.get('x-content-type-options')).toBe('nosniff');
		expect(headers.get('content-security-policy')).toContain("default-src 'none'");
		expect(headers.get('menshen-request')).toMatch(/^[\w-]{20,}$/);
	});

	it('that refuses has a code for programs and a text for people, in their language', async () => {
		const bad = {
			method: 'POST',
			headers: { 'menshen-app': String(app.id), 'content-type': 'application/json' },
			body: '{"username":"x y","password":"short"}',
		};
		const english = json(
			await (
				await fetch(`${api.url}auth.register`, {
					...bad,
					headers: { ...bad.headers, 'accept-language': 'en' },
				})
			).text(),
		);
		const chinese = json(
			await (
				await fetch(`${api.url}auth.register`, {
					...bad,
					headers: { ...bad.headers, 'accept-language': 'zh-CN' },
				})
			).text(),
		);
		expect(english.error.data['code']).toBe('input/invalid');
		expect(english.error.data['fields']).toHaveProperty('username.message');
		expect(chinese.error.message).toMatch(/\p{Script=Han}/u);
		expect(chinese.error.message).not.toBe(english.error.message);
	});

	it('carries no stack and no private detail', async () => {
		for (const answer of [
			await api.ask('me.nothing'),
			await api.tell('auth.signIn', { body: '{' }),
			await api.ask('me.get', { headers: { 'menshen-app': '77' } }),
		]) {
			expect(Object.keys(answer.error ?? {}).sort()).toEqual([
				'code',
				'fields',
				'httpStatus',
				'params',
				...(answer.text.includes('"path"') ? ['path'] : []),
			]);
			expect(answer.text).not.toMatch(/node_modules|\.ts:|at async|stack/);
		}
	});

	it('to a mistake of ours contains nothing but the request number for the log', async () => {
		const broken = await api.under.app();
		await broken.store.write((tx) => tx.settings.save('app', { name: 7, secret: 'private-detail' }, 0));
		const credentials = { identifier: 'alice', password: goodPassword };
		const answer = await api.tell('auth.signIn', {
			input: credentials,
			headers: { 'menshen-app': String(broken.id) },
		});
		expect(answer.status).toBe(500);
		const requestId = answer.headers.get('menshen-request');
		expect(answer.error).toMatchObject({ code: 'server/unexpected', params: { requestId }, fields: {} });
		expect(answer.text).not.toContain('private-detail');
	});

	it.each([
		['no such procedure', () => api.ask('me.nothing', { headers: user }), 404, 'edge/not-found'],
		['a mutation that is asked for', () => api.ask('auth.signOut', { headers: user }), 404, 'edge/not-found'],
		['no such app', () => api.ask('me.get', { headers: { 'menshen-app': '999' } }), 404, 'app/not-found'],
		['no app', () => api.ask('me.get'), 404, 'app/not-found'],
		[
			'an app that is not a number',
			() => api.ask('me.get', { headers: { 'menshen-app': '../1' } }),
			404,
			'app/not-found',
		],
		[
			'another method',
			() => api.tell('me.get', { method: 'PUT', input: {}, headers: user }),
			400,
			'input/invalid',
		],
		[
			'a body that is not JSON',
			() => api.tell('auth.signIn', { body: 'identifier=alice', headers: user }),
			400,
			'input/invalid',
		],
		[
			'JSON of another type',
			() => api.tell('auth.signIn', { body: '{}', headers: { ...user, 'content-type': 'text/plain' } }),
			400,
			'input/invalid',
		],
		[
			'half a body',
			() => api.tell('auth.signIn', { body: '{"identifier":', headers: user }),
			400,
			'input/invalid',
		],
		[
			'a body that is too long',
			() => api.tell('auth.signIn', { body: `"${'x'.repeat(mostBytes)}"`, headers: user }),
			413,
			'input/too-large',
		],
		['a bad path', () => api.ask('%E0%A4%A', { headers: user }), 400, 'input/invalid'],
	])('to %s is clear', async (_, send, status, code) => {
		const answer = await send();
		expect([answer.status, answer.error?.code]).toEqual([status, code]);
	});

	it('to an invalid app header never concerns the whole appliance', async () => {
		const owner = await byOperatorCookie(api.under, 'owner');
		for (const header of ['x', '0', '-1', '1e3', '1000000', '1.5', '1,2', ''])
			expect(
				(await api.ask('admin.connectors.list', { headers: { ...owner, 'menshen-app': header } })).error
					?.code,
			).toBe('app/not-found');
	});
});

describe('junk', () => {
	const good = () =>
		api.tell('auth.signIn', {
			input: { identifier: 'alice', password: goodPassword },
			headers: { 'menshen-app': String(app.id), 'x-forwarded-for': '1.1.1.1' },
		});

	/** Bytes on a connection of their own. @returns the first line of the answer, if one comes */
	const raw = (bytes: string) =>
		new Promise<string>((resolve) => {
			const socket = connect(Number(new URL(api.url).port), '127.0.0.1', () => socket.end(bytes));
			let answer = '';
			socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
			socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
			socket.on('error', () => resolve(''));
		});

	it('on the wire is survived: WebSocket, SSE, streams, broken requests (D13)', async () => {
		const upgrade =
			'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
		const bytes = [
			`GET /trpc/me.get?connectionParams=1 HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n\x81\xff\x00`,
			`GET /trpc/?connectionParams=%7B HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`,
			`GET /trpc/me.get?batch=1 HTTP/1.1\r\nHost: x\r\ntrpc-accept: application/jsonl\r\n\r\n`,
			`POST /trpc/auth.signIn HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{`,
			`POST /trpc/auth.signIn HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n`,
			`POST /trpc/auth.signIn HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n`,
			`GET /trpc/${'a,'.repeat(4000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
			`\x00\x01\x02\r\n\r\n`,
		];
		for (const text of bytes) expect(await raw(text)).not.toMatch(/^HTTP\/1\.1 5/);
		expect((await good()).status).toBe(200);
	});

	const names = [
		'auth.signIn',
		'auth.register',
		'auth.sendCode',
		'me.get',
		'me.update',
		'admin.users.list',
		'__proto__',
		'constructor',
		'me',
		'',
		'.',
		'me.get.query',
	];
	const calls = fc.record({
		name: fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 30 })),
		method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'),
		query: fc.oneof(
			fc.constant(''),
			fc.constant('?batch=1'),
			fc.constant('?batch=1&input={'),
			fc.string({ maxLength: 40 }).map((text) => `?input=${encodeURIComponent(text)}`),
		),
		body: fc.oneof(
			fc.json(),
			fc.string({ maxLength: 200 }),
			fc.constant('['.repeat(20_000)),
			fc.constant('{"a":'.repeat(5000)),
		),
		type: fc.constantFrom(
			'application/json',
			'Application/JSON;charset=x',
			'text/plain',
			'multipart/form-data',
			'application/octet-stream',
			'',
		),
		bearer: fc.constantFrom(undefined, '', 'Bearer', 'Bearer mss_', 'Bearer mss_x', 'Bearer ~', 'Basic x'),
	});

	it('in requests never makes a 5xx (D10)', async () => {
		await fc.assert(
			fc.asyncProperty(calls, async ({ name, method, query, body, type, bearer }) => {
				const hasBody = !['GET', 'HEAD'].includes(method);
				const answer = await fetch(`${api.url}${encodeURIComponent(name)}${query}`, {
					method,
					headers: {
						...user,
						...(type ? { 'content-type': type } : {}),
						...(bearer === undefined ? {} : { authorization: bearer }),
					},
					...(hasBody ? { body } : {}),
				});
				await answer.text();
				expect(answer.status).toBeLessThan(500);
			}),
			{ numRuns: 500 },
		);
		expect((await good()).status).toBe(200);
	});
});

describe('a path outside of the API', () => {
	it.each(['/', '/trpc', '/trpcx/me.get', '/apps/1/trpc/me.get'])('%s is left to others', async (path) => {
		const answer = await fetch(new URL(path, api.url));
		expect(await answer.text()).toBe('not the API');
	});
});
