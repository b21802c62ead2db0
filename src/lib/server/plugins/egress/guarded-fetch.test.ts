import type { ServerResponse } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { EgressFailure } from './failure';
import type { Lookup } from './guard';
import { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions } from './guarded-fetch';
import { startLoopbackServer } from '../../../../../tests/emulators/loopback-server';
import { privateSpellings } from '../../../../../tests/emulators/private-spellings';

const bomb = gzipSync(Buffer.alloc(300_000_000), { level: 9 });
const nested = gzipSync(bomb, { level: 9 });
const onlyHere = ['127.0.0.1'];

type Route = (response: ServerResponse, path: string) => void;
const redirect =
	(status: number, location: string): Route =>
	(response) =>
		response.writeHead(status, { location }).end();
const compressed =
	(encoding: string, body: Buffer): Route =>
	(response) =>
		response.writeHead(200, { 'content-encoding': encoding }).end(body);

const routes: Record<string, Route> = {
	'/ok': (response) => response.writeHead(200, { 'content-type': 'text/plain', 'x-one': '1' }).end('fine'),
	'/empty': (response) => response.writeHead(204).end(),
	'/gzip': compressed('gzip', gzipSync('small')),
	'/brotli': compressed('br', brotliCompressSync('small')),
	'/bomb': compressed('gzip', bomb),
	'/nested': compressed('gzip, gzip', nested),
	'/broken': compressed('gzip', Buffer.from('not gzip')),
	'/large': (response) =>
		response.writeHead(200, { 'content-length': '2000001' }).end(Buffer.alloc(2_000_001)),
	'/endless': (response) => {
		const write = () => {
			while (response.writable && response.write(Buffer.alloc(65_536)));
			response.once('drain', write);
		};
		write();
	},
	'/silent': () => undefined,
	'/half': (response) => void response.writeHead(200, { 'content-length': '100' }).write('half'),
	'/headers': (response) => response.writeHead(200, { 'x-long': 'a'.repeat(40_000) }).end(),
	'/cut': (response) => response.destroy(),
	'/here': redirect(302, '/ok'),
	'/post-303': redirect(303, '/ok'),
	'/post-307': redirect(307, '/ok'),
	'/round': redirect(302, '/round'),
	'/file': redirect(302, 'file:///etc/passwd'),
	'/metadata': redirect(302, 'http://169.254.169.254/latest'),
	'/nowhere': redirect(302, 'http://'),
};

const server = await startLoopbackServer((request, response) => {
	const path = new URL(request.url ?? '/', 'http://x').pathname;
	(routes[path] ?? ((each) => each.writeHead(404).end()))(response, path);
});
const other = await startLoopbackServer((_, response) => response.end('other'));
routes['/other'] = redirect(302, `${other.url}/stolen`);
afterAll(() => Promise.all([server.close(), other.close()]));

const made: GuardedFetch[] = [];
const guarded = (options: GuardedFetchOptions = {}) => {
	const each = createGuardedFetch(options);
	made.push(each);
	return each;
};
afterEach(async () => {
	await Promise.all(made.splice(0).map((each) => each.close()));
});

async function failureOf(work: Promise<unknown>): Promise<EgressFailure> {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!(error instanceof EgressFailure)) throw new Error(`expected an EgressFailure, got ${String(error)}`);
	return error;
}

describe('an answer', () => {
	it('is what the server said', async () => {
		const response = await guarded({ allow: onlyHere })(`${server.url}/ok`);
		expect([response.status, response.headers.get('x-one'), await response.text()]).toEqual([
			200,
			'1',
			'fine',
		]);
	});

	it('may be empty, compressed, or an error', async () => {
		const get = guarded({ allow: onlyHere });
		expect((await get(`${server.url}/empty`)).status).toBe(204);
		expect(await (await get(`${server.url}/gzip`)).text()).toBe('small');
		expect(await (await get(`${server.url}/brotli`)).text()).toBe('small');
		expect((await get(`${server.url}/missing`)).status).toBe(404);
	});

	it('a POST arrives whole, from the parts of a Request as well', async () => {
		const send = guarded({ allow: onlyHere });
		await send(`${server.url}/ok`, {
			method: 'POST',
			body: new URLSearchParams({ logout_token: 'ey' }),
			headers: new Headers({ 'x-a': 'b' }),
		});
		expect(server.requests.at(-1)).toMatchObject({
			line: 'POST /ok',
			body: 'logout_token=ey',
			headers: { 'x-a': 'b' },
		});
		await send(new Request(`${server.url}/ok`, { method: 'PUT', body: 'text' }));
		expect(server.requests.at(-1)).toMatchObject({ line: 'PUT /ok', body: 'text' });
	});

	it('a dispatcher that a library brings along is not used', async () => {
		const dispatcher = {
			dispatch: () => {
				throw new Error('used');
			},
		};
		const response = await guarded({ allow: onlyHere })(`${server.url}/ok`, { dispatcher } as RequestInit);
		expect(response.status).toBe(200);
	});
});

describe('where a call may go (B06)', () => {
	it.each(['http', 'https'])('no private address by any spelling over %s', async (scheme) => {
		const get = guarded({ lookup: () => Promise.reject(new Error('asked')) });
		for (const spelling of privateSpellings) {
			const address = `${scheme}://${spelling}:${server.port}/ok`;
			if (URL.canParse(address))
				expect([spelling, (await failureOf(get(address))).kind]).toEqual([spelling, 'refused']);
		}
	});

	it.each([
		'file:///etc/passwd',
		'ftp://8.8.8.8/',
		'data:text/plain,hi',
		'http://user:pass@127.0.0.1/',
		'gopher://8.8.8.8/',
	])('%s is not called', async (address) => {
		expect((await failureOf(guarded({ allow: onlyHere })(address))).kind).toBe('refused');
	});

	it('refuses a name that leads to this machine before a connection is made', async () => {
		const before = server.connections();
		const get = guarded({ lookup: async () => [{ address: '127.0.0.1', family: 4 }] });
		const failure = await failureOf(get(`http://localhost-elsewhere.example:${server.port}/ok`));
		expect(failure).toMatchObject({ kind: 'refused', host: 'localhost-elsewhere.example' });
		expect(server.connections()).toBe(before);
	});

	it('connects to the address that was checked, without a second look-up (rebinding)', async () => {
		let asked = 0;
		// The first answer is allowed; every later one points at a machine that is not allowed.
		const lookup: Lookup = async () => {
			asked += 1;
			return [{ address: asked === 1 ? '127.0.0.1' : '10.255.255.1', family: 4 }];
		};
		const get = guarded({ allow: onlyHere, lookup });
		const response = await get(`http://localhost-rebind.example:${server.port}/ok`);
		expect([response.status, asked]).toEqual([200, 1]);
	});

	it('refuses rebinding to a private address on the second connection', async () => {
		const answers = ['127.0.0.1', '127.0.0.2'];
		const get = guarded({
			allow: onlyHere,
			lookup: async () => [{ address: answers.shift() ?? '127.0.0.2', family: 4 }],
		});
		await get(`http://localhost-rebind.example:${server.port}/ok`);
		// Another port, so that the first connection cannot serve again.
		expect((await failureOf(get(`http://localhost-rebind.example:${other.port}/`))).kind).toBe('refused');
	});
});

describe('redirects', () => {
	it('are answers unless they are asked for', async () => {
		const response = await guarded({ allow: onlyHere })(`${server.url}/here`);
		expect([response.status, response.headers.get('location')]).toEqual([302, '/ok']);
	});

	it('are followed as often as asked, and no more', async () => {
		expect((await guarded({ allow: onlyHere, redirects: 1 })(`${server.url}/here`)).status).toBe(200);
		expect((await failureOf(guarded({ allow: onlyHere, redirects: 3 })(`${server.url}/round`))).kind).toBe(
			'network',
		);
	});

	it('never reach a private address elsewhere, even an allowed one', async () => {
		for (const path of ['/other', '/metadata', '/file', '/nowhere']) {
			const before = other.connections();
			const failure = await failureOf(
				guarded({ allow: ['127.0.0.0/8', '169.254.169.254'], redirects: 5 })(`${server.url}${path}`),
			);
			expect([path, path === '/nowhere' ? 'network' : 'refused']).toEqual([path, failure.kind]);
			expect(other.connections()).toBe(before);
		}
	});

	it('stay on their origin where that is asked', async () => {
		expect(
			(await failureOf(guarded({ allow: onlyHere, redirects: 1, offOrigin: false })(`${server.url}/other`)))
				.kind,
		).toBe('refused');
	});

	it('turn a POST into a GET after 303, and keep it after 307', async () => {
		const send = guarded({ allow: onlyHere, redirects: 1 });
		await send(`${server.url}/post-303`, {
			method: 'POST',
			body: 'secret',
			headers: { 'content-type': 'text/plain' },
		});
		expect(server.requests.at(-1)).toMatchObject({ line: 'GET /ok', body: '' });
		await send(`${server.url}/post-307`, { method: 'POST', body: 'again' });
		expect(server.requests.at(-1)).toMatchObject({ line: 'POST /ok', body: 'again' });
	});
});

describe('limits (B07)', () => {
	it.each(['/bomb', '/nested', '/large', '/endless'])(
		'%s is cut off, within 50 MB of memory',
		async (path) => {
			const before = process.memoryUsage.rss();
			expect((await failureOf(guarded({ allow: onlyHere })(`${server.url}${path}`))).kind).toBe('too-large');
			expect(process.memoryUsage.rss() - before).toBeLessThan(50_000_000);
		},
	);

	it('allow a body of exactly the limit', async () => {
		const get = guarded({ allow: onlyHere, maxBytes: 2_000_001 });
		expect((await (await get(`${server.url}/large`)).arrayBuffer()).byteLength).toBe(2_000_001);
	});

	it.each(['/silent', '/half'])('%s ends when the time is up', async (path) => {
		expect((await failureOf(guarded({ allow: onlyHere, timeoutMs: 150 })(`${server.url}${path}`))).kind).toBe(
			'timeout',
		);
	});

	it('include the time of a name server that never answers', async () => {
		const get = guarded({ timeoutMs: 150, lookup: () => new Promise(() => undefined) });
		expect((await failureOf(get('https://localhost-slow.example/'))).kind).toBe('timeout');
	});

	it('let the caller abort earlier', async () => {
		const controller = new AbortController();
		const arrived = server.nextRequest();
		const call = failureOf(
			guarded({ allow: onlyHere })(`${server.url}/silent`, { signal: controller.signal }),
		);
		await arrived;
		controller.abort();
		expect((await call).kind).toBe('timeout');
	});

	it.each(['/headers', '/cut', '/broken'])('%s is a broken network', async (path) => {
		expect((await failureOf(guarded({ allow: onlyHere })(`${server.url}${path}`))).kind).toBe('network');
	});
});
