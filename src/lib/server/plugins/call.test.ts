import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Refusal } from '../../contract/errors';
import { DeliveryFailed, jsonOf, PluginFailure, type PluginContext } from '../../plugin-kit';
import { startLoopbackServer, type Answer } from '../../../../tests/emulators/loopback-server';
import { StartRefused } from '../config/environment';
import { folderOf, hostUnderTest, manifestOf, refusalOf } from './host-under-test';

const text = { en: 'x', 'zh-CN': 'x' };
const subject = { subject: 'openid-1', scope: 'wx1' };

let answer: Answer = (_, response) => response.end(JSON.stringify(subject));
const vendor = await startLoopbackServer((request, response) => answer(request, response));
afterAll(() => vendor.close());
beforeEach(() => {
	answer = (_, response) => response.end(JSON.stringify(subject));
	vendor.requests.splice(0);
});

type Redeem = (input: { ticket: string }, context: PluginContext<unknown>) => unknown;

/** A connector with one vendor endpoint, whose function each test writes itself. */
async function connector(
	redeem: Redeem,
	manifest: Record<string, unknown> = {},
	config: Record<string, unknown> = {},
) {
	const folder = folderOf(
		manifestOf({
			id: 'vendor',
			kinds: ['ticket'],
			endpoints: { api: 'https://api.vendor.example/v1' },
			config: [{ key: 'appSecret', type: 'text', secret: true, label: text }],
			limits: { timeoutMs: 1000 },
			...manifest,
		}),
		{ ticket: { redeem: redeem as never } },
	);
	const made = await hostUnderTest({
		folders: [folder],
		config: { ENDPOINTS: { 'vendor.api': `${vendor.url}/v1` }, ...config },
	});
	await made.app.save('vendor', { enabled: true, values: { appSecret: 'canary-app-secret' } });
	return { ...made, redeem: (ticket = 't') => made.app.ticket('vendor').redeem({ ticket, params: {} }) };
}

const schema = z.object({ subject: z.string(), scope: z.string() });
const ask: Redeem = async ({ ticket }, { http }) =>
	jsonOf(await http('api', { path: '/session', query: { code: ticket } }), schema);

describe('a good answer', () => {
	it('comes back checked and completed', async () => {
		// The first call loads code: on a busy machine that takes longer than the others are allowed.
		const { redeem } = await connector(ask, { limits: { timeoutMs: 20_000 } });
		expect(await redeem('c1')).toEqual({ ...subject, also: [], profile: {} });
		expect(vendor.requests[0]?.line).toBe('GET /v1/session?code=c1');
	});

	it('is made with time, language and the plugin’s own settings', async () => {
		const { redeem } = await connector((_, { now, locale, config }) => ({
			subject: `${now()}`,
			scope: `${locale} ${JSON.stringify(config)}`,
		}));
		expect(await redeem()).toMatchObject({
			subject: '1800000000000',
			scope: 'en {"appSecret":"canary-app-secret"}',
		});
	});
});

describe('a plugin that misbehaves ends in a refusal', () => {
	it.each<[string, Redeem]>([
		[
			'throws',
			() => {
				throw new TypeError('undefined is not a function');
			},
		],
		[
			'throws a value that is not an error',
			() => {
				throw 'text' as unknown;
			},
		],
		[
			'rejects later',
			async () => {
				await Promise.resolve();
				throw new Error('later');
			},
		],
		['hangs', () => new Promise(() => undefined)],
		['answers nothing', () => undefined],
		['answers the wrong shape', () => ({ subject: 1, scope: 'x' })],
		['answers more than is asked', () => ({ ...subject, role: 'admin' })],
		['answers an empty subject', () => ({ subject: '', scope: 'x' })],
		['calls what it did not declare', (_, { http }) => http('other')],
		['opens what it did not declare', (_, { connect }) => connect('api')],
		['leaves its endpoint', (_, { http }) => http('api', { path: '../../admin' })],
		['brings an address of its own', (_, { http }) => http('api', { url: 'https://evil.example/' })],
	])('%s', async (_, redeem) => {
		const { redeem: call, app } = await connector(redeem);
		const refusal = await refusalOf(call());
		expect(refusal).toBeInstanceOf(Refusal);
		expect(refusal).toMatchObject({
			code: 'plugin/provider-unavailable',
			detail: expect.stringContaining('vendor.ticket.redeem') as string,
		});
		expect((await app.list()).find(({ id }) => id === 'vendor')?.health.state).toBe('failing');
		expect(await app.secret('password').enrol({ secret: 'others go on' })).toMatch(/argon2/);
	});

	it('whose module cannot be loaded', async () => {
		const folder = folderOf(manifestOf({ id: 'broken' }), () => Promise.reject(new Error('syntax')));
		const { app } = await hostUnderTest({ folders: [folder] });
		await app.save('broken', { enabled: true });
		expect(await refusalOf(app.secret('broken').enrol({ secret: 'x' }))).toMatchObject({
			code: 'plugin/provider-unavailable',
		});
	});

	it('gets an abort signal when its time is up, and when it has answered', async () => {
		const signals: AbortSignal[] = [];
		const { redeem } = await connector((_, { signal }) => {
			signals.push(signal);
			return signals.length === 1 ? new Promise(() => undefined) : subject;
		});
		await refusalOf(redeem());
		await redeem();
		expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
	});
});

describe('what the vendor answers', () => {
	it.each([
		['refused', 'auth/not-accepted'],
		['cancelled', 'auth/cancelled'],
		['unavailable', 'plugin/provider-unavailable'],
		['config', 'plugin/provider-unavailable'],
	] as const)('%s becomes %s', async (reason, code) => {
		const { redeem } = await connector(() => {
			throw new PluginFailure(reason, 'errcode 40029');
		});
		expect(await refusalOf(redeem())).toMatchObject({
			code,
			detail: expect.stringContaining('40029') as string,
		});
	});

	it.each<[string, Answer]>([
		['nonsense', (_, response) => response.end('<html>')],
		['another shape', (_, response) => response.end('{"errcode":1}')],
		['nothing', (_, response) => response.destroy()],
		[
			'a bomb',
			(_, response) =>
				response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20_000_000))),
		],
		['no end', () => undefined],
		['a redirect', (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end()],
	])('%s is unavailable', async (_, behaviour) => {
		answer = behaviour;
		const { redeem } = await connector(ask);
		expect(await refusalOf(redeem())).toMatchObject({ code: 'plugin/provider-unavailable' });
	});
});

describe('the circuit breaker', () => {
	const fail: Answer = (_, response) => response.destroy();

	it('blocks calls after five failures in a row, and lets one try after a pause', async () => {
		answer = fail;
		const { redeem, pass, app } = await connector(ask);
		for (let round = 0; round < 5; round += 1) await refusalOf(redeem());
		const health = async () => (await app.list()).find(({ id }) => id === 'vendor')?.health.state;
		expect([vendor.requests.length, await health()]).toEqual([5, 'open']);
		expect(await refusalOf(redeem())).toMatchObject({ code: 'plugin/provider-unavailable' });
		expect(vendor.requests).toHaveLength(5);
		pass(30_000);
		await Promise.all([redeem(), redeem(), redeem()].map(refusalOf));
		expect(vendor.requests).toHaveLength(6);
		pass(30_000);
		answer = (_, response) => response.end(JSON.stringify(subject));
		expect(await redeem()).toMatchObject(subject);
		expect(await health()).toBe('ok');
	});

	it('counts a refusal by the vendor as a success', async () => {
		const { redeem } = await connector(async (_, { http }) => {
			await http('api');
			throw new PluginFailure('refused', 'no');
		});
		for (let round = 0; round < 8; round += 1) await refusalOf(redeem());
		expect(vendor.requests).toHaveLength(8);
	});

	it('does not count refusals of a browser’s input, however many there are', async () => {
		const { redeem } = await connector(async ({ ticket }, { http }) => {
			if (ticket === 'forged') throw new PluginFailure('unavailable', 'server_error', { counts: false });
			return jsonOf(await http('api', { path: '/session' }), schema);
		});
		for (let round = 0; round < 8; round += 1) await refusalOf(redeem('forged'));
		expect(await redeem()).toMatchObject(subject);
	});

	it('is neither opened nor closed by what fails before the vendor is called', async () => {
		const { redeem, pass } = await connector(async ({ ticket }, { http }) => {
			if (ticket === 'forged') throw new PluginFailure('config', 'redirect_uri_mismatch');
			if (ticket === 'begun') return subject;
			return jsonOf(await http('api', { path: '/session' }), schema);
		});
		for (let round = 0; round < 8; round += 1) await refusalOf(redeem('forged'));
		expect(await redeem()).toMatchObject(subject);
		// A vendor that is down is still counted as down, whatever happens in between.
		answer = fail;
		for (let round = 0; round < 5; round += 1) {
			await refusalOf(redeem());
			if (round < 4) await redeem('begun');
		}
		expect(await refusalOf(redeem('begun'))).toMatchObject({ code: 'plugin/provider-unavailable' });
		pass(30_000);
		await refusalOf(redeem('forged'));
		await refusalOf(redeem());
		const asked = vendor.requests.length;
		await refusalOf(redeem());
		expect(vendor.requests).toHaveLength(asked);
	});

	it('opens for code that throws, hangs or answers nonsense, even if it calls no vendor', async () => {
		const { redeem, app } = await connector(({ ticket }) => {
			if (ticket === 'nonsense') return { odd: true };
			throw new TypeError('undefined is not a function');
		});
		for (const ticket of ['nonsense', 't', 't', 'nonsense', 't']) await refusalOf(redeem(ticket));
		expect((await app.list()).find(({ id }) => id === 'vendor')?.health.state).toBe('open');
	});

	it('is not opened for all servers by one user’s dead server', async () => {
		answer = fail;
		const { redeem } = await connector(
			async ({ ticket }, { http }) => jsonOf(await http('any', { url: `${vendor.url}/${ticket}` }), schema),
			{ endpoints: { any: { anyPublic: true } } },
			{ EGRESS_ALLOW: ['127.0.0.1'], ENDPOINTS: {} },
		);
		for (let round = 0; round < 8; round += 1) await refusalOf(redeem());
		expect(vendor.requests).toHaveLength(8);
		answer = (_, response) => response.end(JSON.stringify(subject));
		expect(await redeem()).toMatchObject(subject);
	});

	it('starts again with new settings, and does not stop the self-test', async () => {
		answer = fail;
		const { redeem, app } = await connector(ask);
		for (let round = 0; round < 5; round += 1) await refusalOf(redeem());
		expect(await app.selfTest('vendor')).toMatchObject({ ok: true });
		answer = (_, response) => response.end(JSON.stringify(subject));
		await app.save('vendor', { values: { appSecret: 'canary-new-secret' } });
		expect(await redeem()).toMatchObject(subject);
	});

	it('of one app does not affect another', async () => {
		answer = fail;
		const { redeem, host, storage, vault } = await connector(ask);
		for (let round = 0; round < 5; round += 1) await refusalOf(redeem());
		const second = host.forApp({ store: await storage.createApp(5), vault });
		await second.save('vendor', { enabled: true });
		answer = (_, response) => response.end(JSON.stringify(subject));
		expect(await second.ticket('vendor').redeem({ ticket: 't', params: {} })).toMatchObject(subject);
	});

	it('refuses more calls at once than the manifest allows', async () => {
		const { redeem } = await connector(ask, { limits: { timeoutMs: 5_000, concurrency: 2 } });
		const release: (() => void)[] = [];
		answer = (_, response) => void release.push(() => response.end(JSON.stringify(subject)));
		const first = [redeem(), redeem()];
		await expect.poll(() => release.length).toBe(2);
		expect(await refusalOf(redeem())).toMatchObject({ code: 'plugin/provider-unavailable' });
		for (const each of release) each();
		expect(await Promise.all(first)).toHaveLength(2);
	});
});

describe('secrets (E06)', () => {
	it('never reach the log or a refusal, however the plugin puts them', async () => {
		const { redeem, logged } = await connector((_, { log, config }) => {
			const { appSecret } = config as { appSecret: string };
			log.info(`asking with ${appSecret}`, {
				url: `https://x/?secret=${encodeURIComponent(appSecret)}`,
				deep: [{ appSecret }],
				error: new Error(appSecret),
			});
			log.warn('basic', { header: Buffer.from(appSecret).toString('base64') });
			throw new Error(`vendor says: bad secret ${appSecret}`);
		});
		const refusal = (await refusalOf(redeem())) as Refusal;
		const all = `${logged()} ${refusal.detail} ${refusal.message} ${JSON.stringify(refusal)} ${String(refusal.cause)}`;
		expect(all).toContain('[secret]');
		expect(all).not.toMatch(/canary/);
		expect(all).not.toContain(Buffer.from('canary-app-secret').toString('base64'));
	});
});

describe('egress of plugins (B06)', () => {
	const address = { key: 'server', type: 'url', label: text, required: true };
	const call: Redeem = async (_, { http }) => jsonOf(await http('api'), schema);
	const configured = (config: Record<string, unknown> = {}) =>
		connector(
			call,
			{
				endpoints: { api: { fromConfig: 'server' } },
				config: [address, { key: 'appSecret', type: 'text', label: text }],
			},
			{ ENDPOINTS: undefined, ...config },
		).catch((error: unknown) => error as Refusal);

	it('refuses to switch on without a required address', async () => {
		expect(await configured()).toMatchObject({
			code: 'plugin/config-invalid',
			fields: { server: 'input/invalid' },
		});
	});

	async function withServer(
		server: string,
		options: { trusted?: boolean; allow?: string[]; lookup?: never } = {},
	) {
		const folder = folderOf(
			manifestOf({
				id: 'vendor',
				kinds: ['ticket'],
				endpoints: { api: { fromConfig: 'server' } },
				config: [address],
			}),
			{
				ticket: { redeem: call as never },
				selfTest: async ({ http }) => void (await http('api')),
			},
		);
		const made = await hostUnderTest({
			folders: [folder],
			config: { EGRESS_ALLOW: options.allow },
			lookup: async () => [{ address: '127.0.0.1', family: 4 }],
		});
		const saved = await refusalOf(
			made.app.save('vendor', { enabled: true, values: { server }, trusted: options.trusted ?? false }),
		);
		return {
			...made,
			saved,
			redeem: () => refusalOf(made.app.ticket('vendor').redeem({ ticket: 't', params: {} })),
		};
	}

	it.each(['http://127.0.0.1', 'https://[::ffff:7f00:1]/x', 'https://169.254.169.254', 'https://2130706433'])(
		'typed in the console, %s is refused at the field',
		async (server) => {
			const { saved } = await withServer(server);
			expect(saved).toMatchObject({
				code: 'plugin/config-invalid',
				fields: { server: 'plugin/egress-refused' },
			});
		},
	);

	it('refuses a name that leads to this machine when it is called; only the operator is told the name', async () => {
		const { saved, redeem, app } = await withServer(`https://localhost-lan.example:${vendor.port}`);
		expect(saved).toBe('no refusal');
		expect(await redeem()).toMatchObject({ code: 'plugin/provider-unavailable', params: {} });
		expect(await app.selfTest('vendor')).toMatchObject({
			ok: false,
			code: 'plugin/egress-refused',
			params: { host: expect.stringContaining('localhost-lan.example') as string },
		});
		expect(vendor.requests).toEqual([]);
	});

	it.each([
		['EGRESS_ALLOW by range', { allow: ['127.0.0.0/8'] }, 'https'],
		['EGRESS_ALLOW by address', { allow: ['127.0.0.1'] }, 'http'],
		['the apply file', { trusted: true }, 'http'],
	])('%s lets it out', async (_, options, scheme) => {
		const { saved, redeem } = await withServer(`${scheme}://127.0.0.1:${vendor.port}`, options);
		expect(saved).toBe('no refusal');
		const outcome = await redeem();
		// The test's vendor has no certificate for https, but the guard let the call out.
		expect(JSON.stringify(outcome)).not.toContain('egress');
		if (scheme === 'http') expect(outcome).toBe('no refusal');
	});

	it('allows calls without TLS only where permitted', async () => {
		const { redeem } = await withServer(`http://localhost-lan.example:${vendor.port}`, {
			allow: ['127.0.0.0/8'],
		});
		expect(await redeem()).toMatchObject({ detail: expect.stringContaining('only https') as string });
	});

	it('no longer trusts an address of the apply file once the console changes it', async () => {
		const { app, saved } = await withServer(`http://127.0.0.1:${vendor.port}`, { trusted: true });
		expect(saved).toBe('no refusal');
		await app.save('vendor', { values: { server: `http://127.0.0.1:${vendor.port}` } });
		expect(await refusalOf(app.save('vendor', { values: { server: 'http://127.0.0.2' } }))).toMatchObject({
			fields: { server: 'plugin/egress-refused' },
		});
	});

	it('allows with anyPublic no private address, and none without TLS', async () => {
		const urls = [
			`https://127.0.0.1:${vendor.port}/`,
			`https://localhost-webid.example:${vendor.port}/`,
			'http://webid.example/',
			'https://user:pass@webid.example/',
			'none',
		];
		const folder = folderOf(
			manifestOf({ id: 'anybody', kinds: ['ticket'], endpoints: { profile: { anyPublic: true } } }),
			{
				ticket: {
					redeem: async ({ ticket }, { http }) => {
						await http('profile', { url: ticket, redirects: 5 });
						return subject;
					},
				},
			},
		);
		const { app } = await hostUnderTest({
			folders: [folder],
			lookup: async () => [{ address: '127.0.0.1', family: 4 }],
		});
		await app.save('anybody', { enabled: true });
		for (const ticket of urls)
			expect(await refusalOf(app.ticket('anybody').redeem({ ticket, params: {} }))).toMatchObject({
				code: 'plugin/provider-unavailable',
			});
		expect(vendor.requests).toEqual([]);
		expect((await app.formOf('anybody')).reaches).toEqual(['*']);
	});
});

describe('ENDPOINTS', () => {
	it.each([
		[{ 'smtp.nothing': 'smtp://a:1' }, 'smtp.nothing'],
		[{ 'nobody.api': 'https://a' }, 'nobody.api'],
		[{ 'smtp.server': 'https-no-port' }, 'smtp://host:port'],
		[{ 'vendor.api': 'ftp://a' }, 'http or https'],
	])('%j stops the start', async (ENDPOINTS, named) => {
		const error = await connector(ask, {}, { ENDPOINTS }).catch((reason: unknown) => reason);
		expect(String(error)).toContain(named);
	});

	it('cannot redirect an endpoint for any public address', async () => {
		const anywhere = { endpoints: { web: { anyPublic: true } } };
		const ENDPOINTS = { 'vendor.web': 'http://127.0.0.1:1' };
		const error = await connector(ask, anywhere, { ENDPOINTS }).catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(StartRefused);
		expect(String(error)).toMatch(/ENDPOINTS: vendor\.web .* EGRESS_ALLOW/);
	});

	it('stops the start also when EGRESS_ALLOW is invalid', async () => {
		await expect(hostUnderTest({ config: { EGRESS_ALLOW: ['10.0.0.0/40'] } })).rejects.toThrow('10.0.0.0/40');
	});
});

describe('a sender', () => {
	const sms = {
		id: 'm',
		channel: 'sms',
		purpose: 'p',
		to: '+8613800138000',
		subject: '',
		text: 't',
		params: {},
		locale: 'en',
	} as const;
	async function sender(deliver: (context: PluginContext<unknown>) => unknown) {
		const folder = folderOf(
			manifestOf({
				id: 'texts',
				kinds: ['sender'],
				channels: ['sms'],
				endpoints: { api: 'https://localhost-sms.example' },
				limits: { timeoutMs: 200 },
			}),
			{
				sender: { deliver: ((_: unknown, context: PluginContext<unknown>) => deliver(context)) as never },
			},
		);
		const { app } = await hostUnderTest({
			folders: [folder],
			lookup: async () => [{ address: '10.0.0.1', family: 4 }],
		});
		return app.sender('texts');
	}

	it('reports the plugin’s details of the failure', async () => {
		const failing = await sender(() => {
			throw new DeliveryFailed({ retry: true, certain: true, detail: 'busy' });
		});
		expect(await failing.deliver(sms)).toEqual({
			status: 'failed',
			reason: 'refused',
			retry: true,
			certain: true,
			detail: 'texts.sender.deliver: busy',
		});
	});

	it.each<[string, () => unknown]>([
		['hangs', () => new Promise(() => undefined)],
		[
			'throws',
			() => {
				throw new Error('bug');
			},
		],
		['answers nonsense', () => ({ status: 'perhaps' })],
	])('that %s may have delivered: not tried again', async (_, deliver) => {
		expect(await (await sender(deliver)).deliver(sms)).toMatchObject({
			status: 'failed',
			retry: false,
			certain: false,
		});
	});

	it('whose call the guard refused has certainly delivered nothing', async () => {
		const refused = await sender(async ({ http }) => http('api'));
		expect(await refused.deliver(sms)).toMatchObject({ status: 'failed', retry: true, certain: true });
	});

	it('behind an open breaker has certainly delivered nothing, and may be tried later', async () => {
		const down = await sender(async ({ http }) => {
			await http('api').catch(() => undefined);
			throw new DeliveryFailed({ retry: true, certain: true, reason: 'unavailable', detail: 'down' });
		});
		for (let round = 0; round < 5; round += 1) await down.deliver(sms);
		expect(await down.deliver(sms)).toMatchObject({
			retry: true,
			certain: true,
			detail: expect.stringContaining('not called') as string,
		});
	});
});
