import { connect, createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { DeliveryFailed, PluginFailure, type OutgoingMessage, type PluginContext } from '@menshen/plugin-kit';
import { contractCases, type VendorFailure } from '@menshen/plugin-kit/contract-suite';
import { startSmtpSink, type SinkBehaviour } from '../../tests/emulators/smtp-sink';
import plugin from './index.server';

const pass = 'canary-mail-password';
const message: OutgoingMessage = {
	id: 'm-1',
	channel: 'email',
	purpose: 'recover',
	to: 'an.li@example.com',
	subject: '重设密码 · Reset your password',
	text: '验证码：123456\nOpen https://id.example.com/recover?t=abc',
	html: '<p>验证码：<b>123456</b></p>',
	params: {},
	locale: 'zh-CN',
};

const sink = await startSmtpSink({ auth: { user: 'id@example.com', pass } });
const encrypted = await startSmtpSink({ tls: true });
const plain = await startSmtpSink();
afterAll(() => Promise.all([sink.close(), encrypted.close(), plain.close()]));
beforeEach(() => {
	for (const each of [sink, encrypted, plain]) {
		each.behave('accept');
		each.clear();
	}
});

const settings = {
	host: '127.0.0.1',
	port: sink.port,
	security: 'auto',
	user: 'id@example.com',
	pass,
	from: 'id@example.com',
	fromName: '门神',
};
type Change = Partial<Record<keyof typeof settings, string | number | undefined>>;

const answers: [SinkBehaviour, VendorFailure['expected']][] = [
	['refuse-later', { reason: 'refused', retry: true, certain: true }],
	['refuse', { reason: 'refused', retry: false, certain: true }],
	['refuse-content', { reason: 'refused', retry: false, certain: true }],
	['busy', { reason: 'refused', retry: true, certain: true }],
	['nonsense', { reason: 'unavailable', retry: true, certain: true }],
	['drop-data', { reason: 'unavailable', retry: false, certain: false }],
];

describe('smtp', () => {
	for (const { name, run } of contractCases({
		plugin,
		config: settings,
		refused: {
			'a port out of range': { ...settings, port: 70_000 },
			'a host with a path': { ...settings, host: 'mail.example.com/x' },
			'a user without password': { ...settings, pass: undefined },
			'an invalid sender address': { ...settings, from: 'nobody' },
			'line breaks in the name': { ...settings, fromName: 'a\r\nBcc: b@example.com' },
		},
		call: (each, context) => each.sender?.deliver(message, context),
		accept: async (answer) => {
			expect(answer).toMatchObject({ status: 'delivered' });
			const mail = await sink.waitFor(() => true);
			expect(mail).toMatchObject({
				to: ['an.li@example.com'],
				from: 'id@example.com',
				user: 'id@example.com',
			});
			expect(mail).toMatchObject({ subject: message.subject, text: message.text, html: message.html });
		},
		failures: answers.map(([behaviour, expected]) => ({
			name: `${behaviour}: ${JSON.stringify(expected)}`,
			arrange: () => sink.behave(behaviour),
			expected,
		})),
		hang: { arrange: () => sink.behave('hang-greeting'), reached: () => sink.reached() },
		malformed: { arrange: () => sink.behave('nonsense') },
		secrets: ['123456', Buffer.from(`\0id@example.com\0${pass}`).toString('base64')],
		reset: () => sink.behave('accept'),
	}))
		it(name, run);
});

/** A context like the host's, for cases that the suite does not cover. */
function contextWith(
	change: Change,
	options: { loopback?: boolean; signal?: AbortSignal } = {},
): PluginContext & { sockets: number[] } {
	const config = Object.fromEntries(
		Object.entries({ ...settings, ...change }).filter(([, value]) => value !== undefined),
	);
	const quiet = () => undefined;
	const sockets: number[] = [];
	return {
		sockets,
		config: config,
		http: () => Promise.reject(new Error('mail needs no http')),
		address: () => '',
		connect: () =>
			new Promise((resolve, reject) => {
				const socket = connect({ host: '127.0.0.1', port: Number(config['port']) });
				socket.once('connect', () => {
					sockets.push(1);
					socket.once('close', () => sockets.pop());
					resolve({ socket, host: String(config['host']), loopback: options.loopback ?? true });
				});
				socket.on('error', (cause) => reject(new PluginFailure('unavailable', 'no connection', { cause })));
			}),
		now: () => 1_700_000_000_000,
		locale: 'en',
		log: { info: quiet, warn: quiet, error: quiet },
		signal: options.signal ?? new AbortController().signal,
	};
}

const deliver = async (context: PluginContext, change: Partial<OutgoingMessage> = {}) =>
	plugin.sender?.deliver({ ...message, ...change }, context as never);
const failureOf = (work: Promise<unknown>) =>
	work.then(
		() => undefined,
		(error: unknown) => error as DeliveryFailed,
	);
const selfTest = async (context: PluginContext) => plugin.selfTest?.(context as never);
const without = { user: undefined, pass: undefined };

describe('a delivered mail', () => {
	it('has the sender, a date, and the same id at each try', async () => {
		await deliver(contextWith({}));
		await deliver(contextWith({}));
		const ids = sink.mails.map((mail) => mail.headers['message-id']);
		expect(ids[0]).toMatch(/^<[0-9a-f]{32}@example\.com>$/);
		expect(ids[1]).toBe(ids[0]);
		expect(sink.mails[0]?.headers['date']).toBe('Tue, 14 Nov 2023 22:13:20 +0000');
		expect(sink.mails[0]?.headers['from']).toContain('<id@example.com>');
		expect(sink.mails[0]?.headers['auto-submitted']).toBe('auto-generated');
	});

	it.each([
		'an@example.com, eve@example.com',
		'an@example.com;eve@example.com',
		'An <an@example.com>',
		'an@example.com\r\nRCPT TO:<eve@example.com>',
		'list:an@example.com;',
		'an',
	])('goes to one mailbox only: %j is refused', async (to) => {
		expect(await failureOf(deliver(contextWith({}), { to }))).toMatchObject({
			retry: false,
			certain: true,
			reason: 'refused',
		});
		expect(sink.mails).toEqual([]);
	});

	it('leaves no connection behind', async () => {
		const context = contextWith({});
		await deliver(context);
		await expect.poll(() => context.sockets).toEqual([]);
	});
});

describe('a mail that failed', () => {
	it('may have arrived when the server is silent after the body, and is not sent again', async () => {
		sink.behave('hang-data');
		const controller = new AbortController();
		const failure = failureOf(deliver(contextWith({}, { signal: controller.signal })));
		await sink.reached();
		controller.abort();
		expect(await failure).toMatchObject({ retry: false, certain: false, reason: 'unavailable' });
	});

	it('has certainly not arrived when no server listens', async () => {
		const probe = createServer();
		const port = await new Promise<number>((resolve) =>
			probe.listen(0, '127.0.0.1', () => resolve((probe.address() as AddressInfo).port)),
		);
		await new Promise((closed) => probe.close(closed));
		expect(await failureOf(deliver(contextWith({ port })))).toMatchObject({
			retry: true,
			certain: true,
			reason: 'unavailable',
		});
	});

	it('has certainly not arrived after a wrong password, and the settings are at fault', async () => {
		const failure = await failureOf(deliver(contextWith({ pass: 'wrong-password' })));
		expect(failure).toBeInstanceOf(DeliveryFailed);
		expect(failure).toMatchObject({ retry: false, certain: true, reason: 'config' });
		// The sink repeats the password in its answer, as some servers do.
		expect(failure?.message).not.toContain('wrong-password');
	});
});

describe('encryption', () => {
	it('off this machine a password is never sent in the clear', async () => {
		const failure = await failureOf(deliver(contextWith({}, { loopback: false })));
		expect(failure).toMatchObject({ certain: true, reason: 'config' });
		expect(sink.mails).toEqual([]);
	});

	it('an untrusted certificate is refused', async () => {
		const failure = await failureOf(
			deliver(contextWith({ ...without, port: encrypted.port, security: 'starttls' })),
		);
		expect(failure).toMatchObject({ certain: true, reason: 'config' });
		expect(encrypted.mails).toEqual([]);
	});

	it('STARTTLS that is required but not offered sends nothing', async () => {
		await failureOf(deliver(contextWith({ ...without, port: plain.port, security: 'starttls' })));
		expect(plain.mails).toEqual([]);
	});

	it('a relay on this machine needs none', async () => {
		await deliver(contextWith({ ...without, port: encrypted.port }));
		expect(encrypted.mails).toHaveLength(1);
	});

	it('TLS from the start against a server that has no TLS fails', async () => {
		const failure = await failureOf(deliver(contextWith({ ...without, port: plain.port, security: 'tls' })));
		expect(failure).toMatchObject({ certain: true });
		expect(plain.mails).toEqual([]);
	});
});

describe('the self-test', () => {
	it('connects and signs in, and sends nothing', async () => {
		await selfTest(contextWith({}));
		expect(sink.mails).toEqual([]);
	});

	it('reports a wrong password', async () => {
		const failure = await failureOf(selfTest(contextWith({ pass: 'wrong' })));
		expect(failure).toMatchObject({ reason: 'config', message: expect.stringContaining('535') as string });
	});

	it('reports that the server offers no login', async () => {
		expect(await failureOf(selfTest(contextWith({ port: plain.port })))).toMatchObject({ reason: 'config' });
	});
});
