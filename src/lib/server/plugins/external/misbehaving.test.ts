/**
 * Operators' plugins that do what they must not: each causes one failed call, is shown as unhealthy, and everything
 * else goes on: other plugins meanwhile, and the same one afterwards where it works again.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../host-under-test';
import { externalUnderTest, type ExternalUnderTest, type Written } from './external-under-test';
import { bestOfThree } from '../../../../../tests/measured';

const redeem = (under: Pick<ExternalUnderTest, 'app'>, ticket: string, id = 'sample') =>
	under.app.ticket(id).redeem({ ticket, params: {} });

/** Well behaved, unless the ticket says otherwise. */
const twoFaced = (evil: string, top = ''): Written => ({
	top,
	parts: `{ manifest, ticket: { async redeem({ ticket }, context) {
		if (ticket === 'evil') { ${evil} }
		return { subject: ticket, scope: 's' };
	} } }`,
});

const isAlive = (pid: number): boolean => {
	if (pid === 0) throw new Error('there was no process');
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
};

/** The longest time that this process was blocked, in ms. */
async function longestPause(work: () => Promise<unknown>): Promise<number> {
	let longest = 0;
	let last = performance.now();
	const timer = setInterval(() => {
		longest = Math.max(longest, performance.now() - last);
		last = performance.now();
	}, 10);
	await work();
	clearInterval(timer);
	return longest;
}

interface Evil {
	name: string;
	code: string;
	/** Text in the failure's detail. */
	says: RegExp;
}

/** Code that ends its process, or forces the host to end it; the first is harmless, for comparison. */
const violent: Evil[] = [
	{ name: 'throws', code: `throw new TypeError('boom')`, says: /threw TypeError: boom/ },
	{ name: 'hangs', code: `await new Promise(() => {})`, says: /no answer within 2500 ms/ },
	{ name: 'loops', code: `for (;;) {}`, says: /no answer within 2500 ms/ },
	{ name: 'loops in microtasks', code: `for (;;) await null`, says: /no answer within 2500 ms/ },
	{
		name: 'takes 3 GB of buffers',
		code: `const all = []; for (let i = 0; i < 30; i += 1) all.push(Buffer.alloc(1e8, 1)); return all.length`,
		says: /process ended|too much memory|RangeError|allocation|no answer/,
	},
	{
		name: 'fills the heap',
		code: `const all = []; for (;;) all.push({ text: 'x'.repeat(100) + all.length })`,
		says: /out of memory|too much memory|process ended|no answer/,
	},
	{
		name: 'opens what a timer throws',
		code: `setTimeout(() => { throw new Error('late') }); await new Promise(() => {})`,
		says: /threw Error outside of any call/,
	},
	{
		name: 'forgets a rejection',
		code: `Promise.reject(new RangeError('lost')); await new Promise(() => {})`,
		says: /threw RangeError outside of any call/,
	},
	{
		name: 'writes a novel into the log',
		code: `for (let i = 0; i < 1e4; i += 1) context.log.info('x'.repeat(100))`,
		says: /more than 200 things/,
	},
];

/** Code that fails one call, and the process goes on. */
const gentle: Evil[] = [
	{ name: 'throws nothing', code: `throw undefined`, says: /unavailable|threw/ },
	{
		name: 'throws what throws when read',
		code: `throw { get message() { throw 1 }, get name() { throw 2 } }`,
		says: /nonsense/,
	},
	{ name: 'asks to exit', code: `process.exit(0)`, says: /not a function/ },
	{ name: 'shoots its parent', code: `process.kill(process.ppid, 'SIGKILL')`, says: /not a function/ },
	{ name: 'evaluates text', code: `return eval('1 + 1')`, says: /Code generation from strings/ },
	{
		name: 'makes functions of text',
		code: `return new Function('return process')()`,
		says: /Code generation/,
	},
	{ name: 'asks for built-ins', code: `return process.getBuiltinModule('fs')`, says: /not a function/ },
	{ name: 'fetches', code: `await fetch('http://127.0.0.1:1/')`, says: /fetch is not there for plugins/ },
	{ name: 'opens a WebSocket', code: `new WebSocket('ws://127.0.0.1:1/')`, says: /WebSocket is not there/ },
	{
		name: 'sends a huge message',
		code: `return { subject: 'x'.repeat(5e6), scope: 's' }`,
		says: /RangeError: more than/,
	},
	{ name: 'answers nonsense', code: `return 42`, says: /unexpected shape/ },
	{ name: 'answers a circle', code: `const a = {}; a.a = a; return a`, says: /circular/ },
	{
		name: 'answers a prototype',
		code: `return JSON.parse('{"subject":"x","scope":"s","__proto__":{"emailVerified":true},"constructor":{"prototype":{"polluted":1}}}')`,
		says: /unexpected shape/,
	},
	{
		name: 'calls an endpoint that it did not declare',
		code: `await context.http('bank', { path: '/' })`,
		says: /declares no endpoint bank/,
	},
	{
		name: 'calls a prototype of an endpoint',
		code: `await context.http('__proto__', { path: '/' })`,
		says: /declares no endpoint/,
	},
	{ name: 'opens a connection', code: `await context.connect('api')`, says: /open no connections/ },
];

describe('a plugin that', bestOfThree, () => {
	it.each(violent)('$name costs one call', async ({ code, says }) => {
		const under = await externalUnderTest();
		await under.install(twoFaced(code));
		const password = under.app.secret('password');
		expect(await redeem(under, 'good')).toMatchObject({ subject: 'good' });
		let fine = 0;
		const pause = await longestPause(async () => {
			const evil = refusalOf(redeem(under, 'evil'));
			let done = false;
			void evil.then(() => (done = true));
			// Other ways to sign in work while it misbehaves.
			do fine += (await password.check({ secret: 'x', stored: undefined })).ok ? 0 : 1;
			while (!done);
			expect(await evil).toMatchObject({
				code: 'plugin/provider-unavailable',
				detail: expect.stringMatching(says) as string,
			});
		});
		expect(fine).toBeGreaterThan(0);
		// Shared machines pause by themselves; a host that waited for the plugin would have waited for 2500 ms.
		expect(pause).toBeLessThan(1500);
		const { health } = (await under.app.list()).find(({ id }) => id === 'sample') ?? {};
		expect(health).toMatchObject({ state: 'failing', detail: expect.stringMatching(says) as string });
		expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
		// The next call finds it working again, if need be in a new process.
		await expect
			.poll(() => redeem(under, 'good again').catch(() => undefined), { timeout: 8000 })
			.toMatchObject({ subject: 'good again' });
	});

	it('does any of the following costs one call, and its process goes on', async () => {
		const under = await externalUnderTest();
		const cases = gentle.map(({ name, code }) => `${JSON.stringify(name)}: async (context) => { ${code} }`);
		await under.install({
			top: `const evils = { ${cases.join(',\n')} };`,
			parts: `{ manifest, ticket: { redeem: ({ ticket }, context) =>
				Object.hasOwn(evils, ticket) ? evils[ticket](context) : { subject: ticket, scope: 's' } } }`,
		});
		await redeem(under, 'good');
		const pid = (await under.find())?.pid;
		for (const { name, says } of gentle) {
			const refusal = await refusalOf(redeem(under, name));
			expect.soft(refusal, name).toMatchObject({
				code: 'plugin/provider-unavailable',
				detail: expect.stringMatching(says) as string,
			});
			const { health } = (await under.app.list()).find(({ id }) => id === 'sample') ?? {};
			expect.soft(health, name).toMatchObject({ state: 'failing' });
			expect.soft(await redeem(under, 'good'), name).toMatchObject({ subject: 'good' });
		}
		expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
		expect((await under.find())?.pid).toBe(pid);
	});

	const specifiers = [
		'node:net',
		'node:tls',
		'node:http',
		'node:https',
		'node:http2',
		'node:dgram',
		'node:dns',
		'node:fs',
		'fs/promises',
		'node:child_process',
		'node:worker_threads',
		'node:cluster',
		'node:module',
		'node:process',
		'node:console',
		'node:vm',
		'node:v8',
		'node:inspector',
		'node:async_hooks',
		'node:os',
		'node:sqlite',
		'node:wasi',
		'node:repl',
		'node:test',
		'./other.js',
		'data:text/javascript,export default 1',
		'file:///etc/passwd',
		'http://127.0.0.1/x.js',
		'zod',
	];

	it('imports a module that reaches outside is refused, whichever it is', async () => {
		const under = await externalUnderTest();
		await under.install({
			parts: `{ manifest, ticket: { async redeem({ ticket }) { await import(ticket); return { subject: 'in', scope: 's' }; } } }`,
		});
		for (const specifier of specifiers) {
			expect.soft(await refusalOf(redeem(under, specifier)), specifier).toMatchObject({
				detail: expect.stringMatching(/cannot be imported: what a plugin needs is bundled/) as string,
			});
			// So that the breaker does not open.
			await redeem(under, 'node:crypto');
		}
	});

	it.each(['node:net', './other.js'])('imports %s at the top cannot be loaded', async (specifier) => {
		const under = await externalUnderTest();
		await under.install({ top: `import '${specifier}';` });
		expect(await refusalOf(redeem(under, 'good'))).toMatchObject({
			code: 'plugin/provider-unavailable',
			detail: expect.stringMatching(/its code cannot be loaded: .* cannot be imported/) as string,
		});
		expect((await under.find())?.health).toMatchObject({ state: 'failing' });
	});

	it('searches for the process, its streams and a way out finds none', async () => {
		const under = await externalUnderTest();
		await under.install(
			twoFaced(`
			const { EventEmitter } = await import('node:events');
			const { Writable, Readable, Duplex } = await import('node:stream');
			const util = await import('node:util');
			const caught = [];
			for (const [where, name] of [[EventEmitter.prototype, 'emit'], [Writable.prototype, 'write'], [Readable.prototype, 'push'], [Duplex.prototype, 'write'], [EventEmitter.prototype, 'on']]) {
				const before = where[name];
				where[name] = function (...all) { caught.push(this?.constructor?.name ?? typeof this); return before.apply(this, all); };
			}
			util.deprecate(() => 1, 'old')();
			process.emitWarning('w');
			console.log('hello'); console.error('hello');
			context.log.info('hello');
			await new Promise((soon) => setTimeout(soon, 20));
			return { subject: JSON.stringify([caught, Object.keys(process.env), typeof require, typeof globalThis[Symbol.for('menshen.leave')], typeof process.binding]), scope: 's' };
		`),
		);
		const { subject } = await redeem(under, 'evil');
		expect(JSON.parse(subject)).toEqual([[], [], 'undefined', 'undefined', 'undefined']);
	});

	it('finds no built-in module in the global scope, nor Node’s own network functions', async () => {
		const under = await externalUnderTest();
		const { builtinModules } = await import('node:module');
		await under.install(
			twoFaced(`
			for (const name of ['Request', 'Response', 'Headers', 'FormData', 'MessageEvent', 'CloseEvent'])
				try { void globalThis[name]; } catch {}
			const dispatchers = Object.getOwnPropertySymbols(globalThis).filter((symbol) => typeof globalThis[symbol]?.dispatch === 'function');
			context.log.info(JSON.stringify([Object.getOwnPropertyNames(globalThis), dispatchers.map(String)]));
			return { subject: 'done', scope: 's' };
		`),
		);
		expect(await redeem(under, 'evil')).toMatchObject({ subject: 'done' });
		const line =
			under
				.logged()
				.split('\n')
				.find((each) => each.includes('Uint8Array')) ?? '{}';
		const [names, dispatchers] = JSON.parse((JSON.parse(line) as { msg: string }).msg) as [
			string[],
			string[],
		];
		expect(names).toContain('structuredClone');
		const modules = [
			...builtinModules,
			'node:sqlite',
			'node:test',
			'node:sea',
			'require',
			'module',
			'Worker',
		];
		// The console is mute, the process a facade, and `crypto` the web’s.
		expect(names.filter((name) => modules.includes(name)).sort()).toEqual(['console', 'crypto', 'process']);
		expect(dispatchers).toEqual([]);
	});

	it('has no network of its own where the system can block it, even from the outside of JavaScript', async () => {
		const under = await externalUnderTest();
		const pid = await pidOf(under);
		expect(pid).toBeGreaterThan(0);
		if (!(await under.external.hasNoNetwork())) return;
		const { readFileSync } = await import('node:fs');
		const devices = readFileSync(`/proc/${pid}/net/dev`, 'utf8');
		expect(devices).not.toMatch(/eth|wlan|en[ps]/);
		expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/Max data size\s+819200000/);
		expect(readFileSync(`/proc/${pid}/environ`, 'utf8').replace(/PWD=\/|OLDPWD=\/|\0/g, '')).toBe('');
	});
});

async function pidOf(under: ExternalUnderTest, id = 'sample'): Promise<number> {
	if (!(await under.find(id))) await under.install({ manifest: { id } });
	await redeem(under, 'good', id);
	return (await under.find(id))?.pid ?? 0;
}

describe('a plugin that hangs', () => {
	it('is ended when it does not react, and leaves no process behind', async () => {
		const under = await externalUnderTest();
		await under.install(twoFaced(`for (;;) {}`));
		await redeem(under, 'good');
		const pid = (await under.find())?.pid ?? 0;
		expect(isAlive(pid)).toBe(true);
		await refusalOf(redeem(under, 'evil'));
		await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
		expect((await under.find())?.health).toMatchObject({ state: 'failing', detail: 'no answer in time' });
	});

	it('is replaced when it reacts but goes on; its other calls finish first', async () => {
		const under = await externalUnderTest();
		await under.install({
			manifest: { limits: { timeoutMs: 2500 } },
			parts: `{ manifest, ticket: { async redeem({ ticket }) {
				if (ticket === 'evil') await new Promise(() => {});
				if (ticket === 'slow') await new Promise((soon) => setTimeout(soon, 2000));
				return { subject: ticket, scope: 's' };
			} } }`,
		});
		await redeem(under, 'good');
		const pid = (await under.find())?.pid ?? 0;
		const evil = refusalOf(redeem(under, 'evil'));
		await new Promise((soon) => setTimeout(soon, 1000));
		const slow = redeem(under, 'slow');
		expect(await evil).toMatchObject({ code: 'plugin/provider-unavailable' });
		expect(await slow).toMatchObject({ subject: 'slow' });
		await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
		expect(await redeem(under, 'good')).toMatchObject({ subject: 'good' });
	});

	it('while its code is loaded is given up as well', async () => {
		const under = await externalUnderTest();
		await under.install({ top: 'for (;;) {}' });
		expect(await refusalOf(redeem(under, 'good'))).toMatchObject({ code: 'plugin/provider-unavailable' });
		await expect
			.poll(async () => (await under.find())?.health, { timeout: 5000 })
			.toMatchObject({
				state: 'failing',
			});
	});

	it('but stops on the abort signal keeps its process', async () => {
		const under = await externalUnderTest();
		await under.install({
			parts: `{ manifest, ticket: { redeem: ({ ticket }, { signal }) => ticket === 'evil'
				? new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
				: { subject: ticket, scope: 's' } } }`,
		});
		await redeem(under, 'good');
		const pid = (await under.find())?.pid ?? 0;
		await refusalOf(redeem(under, 'evil'));
		await new Promise((soon) => setTimeout(soon, 1200));
		await redeem(under, 'good');
		expect((await under.find())?.pid).toBe(pid);
	});
});

describe('a plugin that breaks again and again', () => {
	it('is blocked by the breaker, which the list shows; new code gets a new chance', async () => {
		const under = await externalUnderTest();
		await under.install(twoFaced(`setTimeout(() => { throw new Error('x') }); await new Promise(() => {})`));
		for (let round = 0; round < 5; round += 1) await refusalOf(redeem(under, 'evil'));
		expect(await refusalOf(redeem(under, 'good'))).toMatchObject({
			detail: expect.stringContaining('not called') as string,
		});
		expect((await under.app.list()).find(({ id }) => id === 'sample')?.health.state).toBe('open');
		expect((await under.find())?.health).toMatchObject({
			state: 'failing',
			detail: 'threw Error outside of any call',
		});
		under.write({});
		await under.approve();
		expect(await redeem(under, 'good')).toMatchObject({ subject: 'good' });
	});
});

describe('a process that does not keep to the messages', () => {
	/** Bypasses the shim's own checks: what a plugin could do that got past them. */
	const forged = (frame: string) => `
		const stringify = JSON.stringify;
		const { Buffer: B } = await import('node:buffer');
		const from = B.from;
		B.from = function (text, ...rest) { return typeof text === 'string' && text.includes('"result"') ? from.call(B, ${frame}) : from.call(B, text, ...rest); };
	`;

	it.each([
		['a message of no kind', `'{"type":"nonsense"}'`, /makes no sense/],
		['what is no JSON', `'{{{{'`, /no message/],
		['a second greeting', `'{"type":"loaded","kinds":["ticket"]}'`, /makes no sense/],
		[
			'a result with a prototype',
			`'{"type":"result","call":2,"__proto__":{"x":1},"value":{"subject":"a","scope":"s","__proto__":{"profile":{}}}}'`,
			undefined,
		],
		['a result for another call', `'{"type":"result","call":77,"value":{}}'`, /no answer within/],
	])('%s', async (_, frame, says) => {
		const under = await externalUnderTest();
		await under.install(twoFaced(forged(frame)));
		await redeem(under, 'good');
		const answer = await redeem(under, 'evil').catch((error: unknown) => error);
		if (says) expect(answer).toMatchObject({ detail: expect.stringMatching(says) as string });
		else expect(answer).toEqual({ subject: 'a', scope: 's', also: [], profile: {} });
		expect((await under.app.secret('password').check({ secret: 'x', stored: undefined })).ok).toBe(false);
	});
});

describe('a process that floods its host', () => {
	it.each([
		['news of calls that nobody gave up', `'{"type":"aborted","call":' + n++ + '}'`, /belong to no call/],
		[
			'answers to calls that were not made',
			`'{"type":"result","call":' + (1000 + n++) + '}'`,
			/belong to no call/,
		],
		[
			'a log line as deep as the sea',
			`text.replace('"fields":{}', '"fields":' + '{"a":'.repeat(20000) + '1' + '}'.repeat(20000))`,
			/no message|cannot be taken/,
		],
	])('with %s is ended', async (_, frame, says) => {
		const under = await externalUnderTest();
		await under.install(
			twoFaced(`
				const { Buffer: B } = await import('node:buffer');
				const from = B.from;
				let n = 0;
				B.from = (text, ...rest) => from.call(B, typeof text === 'string' && text.includes('"log"') ? ${frame} : text, ...rest);
				for (let round = 0; round < 400; round += 1) context.log.info('x');
				B.from = from;
				await new Promise(() => {});
			`),
		);
		await redeem(under, 'good');
		const pid = (await under.find())?.pid ?? 0;
		expect(await refusalOf(redeem(under, 'evil'))).toMatchObject({
			detail: expect.stringMatching(says) as string,
		});
		await expect.poll(() => isAlive(pid)).toBe(false);
		expect(await redeem(under, 'good')).toMatchObject({ subject: 'good' });
	});

	it('with requests whose answers it does not read is ended', async () => {
		const vendor = createServer((request, response) => {
			request.resume();
			response.end(Buffer.alloc(900_000));
		});
		await new Promise<void>((listening) => vendor.listen(0, '127.0.0.1', listening));
		const api = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
		try {
			const under = await externalUnderTest();
			const field = { key: 'server', type: 'url', label: { en: 'S', 'zh-CN': 'S' } };
			await under.install({
				...twoFaced(
					`for (let n = 0; n < 190; n += 1) void context.http('api', { path: '/' }); await null; for (;;) {}`,
				),
				manifest: {
					endpoints: { api: { fromConfig: 'server' } },
					config: [field],
					limits: { timeoutMs: 25_000 },
				},
			});
			await under.app.save('sample', { values: { server: api }, trusted: true });
			expect(await refusalOf(redeem(under, 'evil'))).toMatchObject({
				detail: expect.stringContaining('does not read what it asked for') as string,
			});
		} finally {
			vendor.close();
		}
	}, 180_000);
});

describe('endpoints', () => {
	it('are reached through the host alone, where the manifest and the guard allow it', async () => {
		const seen: string[] = [];
		const vendor = createServer((request, response) => {
			seen.push(`${request.method} ${request.url} ${String(request.headers['x-key'])}`);
			request.resume();
			response.end('{"openid":"from-the-vendor"}');
		});
		await new Promise<void>((listening) => vendor.listen(0, '127.0.0.1', listening));
		const api = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}/v1`;
		try {
			const under = await externalUnderTest({ config: {} });
			const manifest = {
				endpoints: { api: { fromConfig: 'server' } },
				config: [{ key: 'server', type: 'url', label: { en: 'S', 'zh-CN': 'S' } }],
			};
			await under.install({
				manifest,
				parts: `{ manifest, ticket: { async redeem({ ticket }, { http, address, config }) {
					const request = ticket === 'out' ? { path: '/../../secret' } : ticket === 'odd' ? { query: { a: 1 } } : { path: '/who', headers: { 'x-key': ticket } };
					try {
						const reply = await http('api', request);
						return { subject: JSON.parse(new TextDecoder().decode(reply.body)).openid, scope: address('api') };
					} catch (error) {
						if (ticket === 'instance') return { subject: String(error instanceof PluginFailure), scope: error.reason };
						throw error;
					}
				} } }`,
			});
			await under.app.save('sample', { values: { server: api }, trusted: true });
			expect(await redeem(under, 'key')).toMatchObject({ subject: 'from-the-vendor', scope: api });
			expect(seen).toEqual(['GET /v1/who key']);
			expect(await refusalOf(redeem(under, 'out'))).toMatchObject({
				detail: expect.stringContaining('leads out of the endpoint') as string,
			});
			expect(await refusalOf(redeem(under, 'odd'))).toMatchObject({
				detail: expect.stringContaining('not a request: query.a') as string,
			});
			expect(seen).toHaveLength(1);
			// Typed in the console, a private address is refused, and the operator is told which.
			await under.app.save('sample', { values: { server: 'https://localhost:8443/' } });
			expect(await refusalOf(redeem(under, 'key'))).toMatchObject({
				detail: expect.stringContaining('not allowed') as string,
			});
			expect(await redeem(under, 'instance')).toMatchObject({ subject: 'true', scope: 'unavailable' });
			expect(await under.app.selfTest('sample')).toMatchObject({ ok: true });
		} finally {
			vendor.close();
		}
	});
});
