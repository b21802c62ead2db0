import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingMessage, PluginContext } from '@menshen/plugin-kit';
import { contextFor, thrownBy } from '@menshen/plugin-kit/context-under-test';
import { contractCases, type VendorFailure } from '@menshen/plugin-kit/contract-suite';
import type { ReceivedMessage } from '@menshen/plugin-kit/inbox';
import { startEmulator } from './emulator';
import plugin from './index.server';

const now = Date.UTC(2026, 0, 1);
const emulator = await startEmulator(0, () => now);
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const { config } = emulator;
const secret = String(config['secret']);
const message: OutgoingMessage = {
	id: 'm-1',
	channel: 'email',
	purpose: 'recover',
	to: 'an.li@example.com',
	subject: '重设密码',
	text: '验证码：123456\n\u2028"quoted"',
	html: '<p>验证码：<b>123456</b></p>',
	params: { code: '123456', minutes: '5' },
	locale: 'zh-CN',
};

const received = async () => (await (await fetch(`${emulator.url}/__messages`)).json()) as ReceivedMessage[];

const never = { reason: 'refused', retry: false, certain: true } as const;
const settings = { reason: 'config', retry: false, certain: true } as const;
const busy = { reason: 'unavailable', retry: true, certain: true } as const;
const unknown = { reason: 'unavailable', retry: false, certain: false } as const;

const answers: Readonly<Record<string, VendorFailure['expected']>> = {
	'401 wrong signature': settings,
	'404 no such address': settings,
	'308 moved': settings,
	'408 half a request': busy,
	'422 no such recipient': never,
	'429 too many': busy,
	'500 broken': unknown,
	'503 later': busy,
	'503 for whatever reason': unknown,
	down: unknown,
};

describe('webhook', () => {
	for (const { name, run } of contractCases({
		plugin,
		config,
		refused: {
			'a secret of 15 characters': { ...config, secret: 'x'.repeat(15) },
			'an invalid address': { ...config, url: 'nowhere' },
			'an address with a password': { ...config, url: 'https://u:p@id.example/' },
		},
		endpoints: emulator.endpoints,
		call: (each, context) => each.sender?.deliver(message, context),
		accept: async (answer) => {
			expect(answer).toEqual({ status: 'delivered', reference: 'mine-1' });
			expect(await received()).toEqual([
				{
					channel: 'email',
					to: message.to,
					subject: message.subject,
					text: message.text,
					html: message.html,
					params: message.params,
					facts: { id: 'm-1', purpose: 'recover', locale: 'zh-CN' },
				},
			]);
		},
		failures: Object.entries(answers).map(([name, expected]) => ({
			name: `${name}: ${JSON.stringify(expected)}`,
			arrange: () => emulator.fail(name),
			expected,
		})),
		hang: { arrange: () => emulator.fail('hang'), reached: () => emulator.reached() },
		// Only the status counts: an HTML page as the answer is a failure only if its status is.
		malformed: { arrange: () => emulator.fail('down') },
		secrets: ['123456', 'an.li@example.com'],
		reset: () => emulator.reset(),
	}))
		it(name, run);

	it('is tried with every failure of the emulator', () => {
		const others = emulator.failures.filter((name) => !['hang', 'nonsense'].includes(name));
		expect(Object.keys(answers).sort()).toEqual(others.sort());
	});
});

const contextWith = (change: Record<string, string> = {}, at = now) =>
	contextFor(plugin, { emulator, config: change, now: at });
const deliver = async (change: Partial<OutgoingMessage> = {}, context: PluginContext = contextWith()) =>
	plugin.sender?.deliver({ ...message, ...change }, context as never);
const selfTest = async (context: PluginContext) => plugin.selfTest?.(context as never);

describe('what is sent', () => {
	it('is signed over the timestamp and the exact bytes of the body', async () => {
		await deliver();
		const [call] = emulator.calls;
		const header = (name: string) => call?.headers.get(name);
		expect(header('menshen-timestamp')).toBe('1767225600');
		expect(header('menshen-id')).toBe('m-1');
		expect(header('content-type')).toBe('application/json');
		expect(header('menshen-signature')).toBe(
			createHmac('sha256', secret).update(`1767225600.${call?.text}`).digest('hex'),
		);
		expect(header('menshen-signature')).toMatch(/^[0-9a-f]{64}$/);
	});

	it('has these fields for a mail', async () => {
		await deliver();
		const { id, channel, purpose, to, subject, text, html, params, locale } = message;
		expect(emulator.calls[0]?.json).toEqual({
			type: 'message',
			id,
			channel,
			purpose,
			to,
			subject,
			text,
			html,
			params,
			locale,
		});
	});

	it('has neither subject nor html for an SMS', async () => {
		await deliver({ channel: 'sms', to: '+8613800138000', subject: '', html: undefined });
		expect(Object.keys(emulator.calls[0]?.json as object).sort()).toEqual(
			['channel', 'id', 'locale', 'params', 'purpose', 'text', 'to', 'type'].sort(),
		);
		expect(await received()).toMatchObject([{ channel: 'sms', to: '+8613800138000' }]);
	});

	it('has the same id at a second try, so that the receiver delivers once', async () => {
		expect(await deliver()).toEqual({ status: 'delivered', reference: 'mine-1' });
		expect(await deliver()).toEqual({ status: 'delivered' });
		expect(emulator.calls).toHaveLength(2);
		expect(await received()).toHaveLength(1);
	});

	it.each(['429 too many', '503 later'])(
		'a receiver that answers %s says when to try again',
		async (failure) => {
			emulator.fail(failure);
			expect(await thrownBy(() => deliver())).toMatchObject({ ...busy, retryAfter: 30 });
		},
	);

	it('any 2xx will do, whatever its body', async () => {
		emulator.fail('nonsense');
		expect(await deliver()).toEqual({ status: 'delivered' });
	});

	it('the query of the address is kept', async () => {
		const context = {
			...contextWith(),
			http: contextFor(plugin, {
				emulator: { ...emulator, endpoints: { receiver: `${emulator.url}/hook?tenant=1` } },
			}).http,
		};
		await deliver({}, context);
		expect(emulator.calls[0]?.url.search).toBe('?tenant=1');
	});

	it('is not sent again, as it may have arrived, when the receiver never answers', async () => {
		emulator.fail('hang');
		const controller = new AbortController();
		const failure = thrownBy(() =>
			deliver({}, contextFor(plugin, { emulator, now, signal: controller.signal })),
		);
		await emulator.reached();
		controller.abort();
		expect(await failure).toMatchObject(unknown);
	});
});

describe('the receiver refuses', () => {
	it('another secret', async () => {
		const failure = await thrownBy(() => deliver({}, contextWith({ secret: 'canary-another-secret' })));
		expect(failure).toMatchObject({ ...settings, message: 'HTTP 401' });
		expect(await received()).toEqual([]);
	});

	it.each([
		[-901_000, true],
		[-899_000, false],
		[899_000, false],
		[901_000, true],
	])('a request signed %i ms from now: %s', async (away, refused) => {
		const failure = await thrownBy(() => deliver({}, contextWith({}, now + away)));
		expect(Boolean(failure)).toBe(refused);
	});

	it('a changed body, a changed time, a changed id', async () => {
		await deliver();
		const [sent] = emulator.calls;
		if (!sent) throw new Error('nothing was sent');
		const again = async (change: Record<string, string>, body = sent.text) =>
			(
				await fetch(`${emulator.url}/hook`, {
					method: 'POST',
					headers: { ...Object.fromEntries(sent.headers), ...change },
					body,
				})
			).status;
		expect(await again({})).toBe(200);
		expect(await again({}, sent.text.replace('123456', '654321'))).toBe(401);
		expect(await again({ 'menshen-timestamp': '1767225601' })).toBe(401);
		expect(await again({ 'menshen-signature': '0'.repeat(64) })).toBe(401);
		expect(await again({ 'menshen-id': 'm-2' })).toBe(400);
		expect(await received()).toHaveLength(1);
	});
});

describe('the self-test', () => {
	it('sends a test that must not be delivered', async () => {
		await selfTest(contextWith());
		expect(emulator.calls[0]?.json).toEqual({ type: 'test', id: `test-${now}` });
		expect(await received()).toEqual([]);
	});

	it.each([
		['401 wrong signature', 'config', 'HTTP 401'],
		['422 no such recipient', 'config', 'HTTP 422'],
		['503 later', 'unavailable', 'HTTP 503'],
		['down', 'unavailable', 'HTTP 502'],
	])('%s: %s', async (failure, reason, text) => {
		emulator.fail(failure);
		expect(await thrownBy(() => selfTest(contextWith()))).toMatchObject({
			reason,
			message: expect.stringContaining(text) as string,
		});
	});
});

describe('the README', () => {
	const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
	const [, example = ''] = /```js\n(.*?)```/s.exec(readme) ?? [];

	it('shows a receiver that takes what is sent, and nothing else', async () => {
		const source = `data:text/javascript,${encodeURIComponent(example)}`;
		const { isFromMenshen } = (await import(/* @vite-ignore */ source)) as {
			isFromMenshen(headers: Record<string, string>, body: string, secret: string, now: number): boolean;
		};
		await deliver();
		const [call] = emulator.calls;
		const headers = Object.fromEntries(call?.headers ?? []);
		const text = call?.text ?? '';
		expect(isFromMenshen(headers, text, secret, now)).toBe(true);
		expect(isFromMenshen(headers, text, secret, now + 600_000)).toBe(false);
		expect(isFromMenshen(headers, `${text} `, secret, now)).toBe(false);
		expect(isFromMenshen(headers, text, `${secret}x`, now)).toBe(false);
		expect(isFromMenshen({ ...headers, 'menshen-signature': 'short' }, text, secret, now)).toBe(false);
		expect(isFromMenshen({}, text, secret, now)).toBe(false);
	});

	it('gives an example whose signature is right', () => {
		const [, exampleSecret = ''] = /secret `([^`]+)`/.exec(readme) ?? [];
		const [, signed = ''] = /signed text `([^`]+)`/.exec(readme) ?? [];
		const [, signature] = /signature `([0-9a-f]{64})`/.exec(readme) ?? [];
		expect(createHmac('sha256', exampleSecret).update(signed).digest('hex')).toBe(signature);
	});
});
