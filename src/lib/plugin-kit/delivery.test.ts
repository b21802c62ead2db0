import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fateOf, handOver, receiptOf, templateFor, undelivered, type Fate } from './delivery';
import { PluginFailure } from './failures';
import { requestLoopback } from './loopback';

const caught = (work: () => unknown) =>
	Promise.resolve()
		.then(work)
		.then(
			() => undefined,
			(error: unknown) => error,
		);
const failing = (error: unknown) => ({ http: () => Promise.reject(error) });
const unavailable = (cause: unknown) => new PluginFailure('unavailable', 'no answer', { cause });
const coded = (code: string) => Object.assign(new Error('x'), { code });

describe('a fate', () => {
	it.each<[Fate, unknown]>([
		['later', { retry: true, certain: true, reason: 'refused' }],
		['never', { retry: false, certain: true, reason: 'refused' }],
		['settings', { retry: false, certain: true, reason: 'config' }],
		['busy', { retry: true, certain: true, reason: 'unavailable' }],
		['unknown', { retry: false, certain: false, reason: 'unavailable' }],
	])('%s', (fate, said) => {
		expect(undelivered(fate, 'why')).toMatchObject({ ...(said as object), message: 'why' });
	});
});

describe('a vendor that says when to try again', () => {
	const date = 'Fri, 20 Nov 2026 12:00:00 GMT';
	it.each<[Record<string, string>, number | undefined]>([
		[{ 'retry-after': '30' }, 30],
		[{ 'retry-after': ' 0 ' }, 0],
		[{ 'retry-after': 'Fri, 20 Nov 2026 12:01:30 GMT', date }, 90],
		[{ 'retry-after': 'Fri, 20 Nov 2026 11:00:00 GMT', date }, undefined],
		[{ 'retry-after': 'Fri, 20 Nov 2026 12:01:30 GMT' }, undefined],
		[{ 'retry-after': '-5' }, undefined],
		[{ 'retry-after': 'soon', date }, undefined],
		[{}, undefined],
	])('%o', (headers, seconds) => {
		expect(undelivered('busy', 'why', { reply: { headers } }).retryAfter).toBe(seconds);
	});
});

describe('handing a message over', () => {
	it('returns the answer, whatever its status', async () => {
		const reply = { status: 500, headers: {}, body: new Uint8Array() };
		expect(await handOver({ http: () => Promise.resolve(reply) }, 'api', {})).toBe(reply);
	});

	it.each([
		['refused', unavailable(coded('ECONNREFUSED'))],
		['no such host, deep down', unavailable(new TypeError('failed', { cause: coded('ENOTFOUND') }))],
		['not connected in time', unavailable(coded('UND_ERR_CONNECT_TIMEOUT'))],
		['a certificate of another', unavailable(coded('ERR_TLS_CERT_ALTNAME_INVALID'))],
		['not let out', unavailable(Object.assign(new Error('x'), { kind: 'refused' }))],
	])('%s: certainly not sent, later perhaps', async (_, error) => {
		expect(await caught(() => handOver(failing(error), 'api', {}))).toMatchObject({
			retry: true,
			certain: true,
			reason: 'unavailable',
			cause: error,
		});
	});

	it.each([
		['no answer in time', unavailable(Object.assign(new Error('x'), { kind: 'timeout' }))],
		['a broken connection', unavailable(coded('ECONNRESET'))],
		['an answer too large', unavailable(Object.assign(new Error('x'), { kind: 'too-large' }))],
		['no reason given', unavailable(undefined)],
	])('%s: may have arrived, never again', async (_, error) => {
		expect(await caught(() => handOver(failing(error), 'api', {}))).toMatchObject({
			retry: false,
			certain: false,
			reason: 'unavailable',
		});
	});

	it('blames the settings when no address is set', async () => {
		const error = new PluginFailure('config', 'the address of api is not set');
		expect(await caught(() => handOver(failing(error), 'api', {}))).toMatchObject({
			retry: false,
			certain: true,
			reason: 'config',
		});
	});

	it('rethrows a bug unchanged', async () => {
		const bug = new TypeError('x');
		expect(await caught(() => handOver(failing(bug), 'api', {}))).toBe(bug);
	});

	it('knows that a port without a server received nothing', async () => {
		const probe = createServer();
		const port = await new Promise<number>((resolve) =>
			probe.listen(0, '127.0.0.1', () => resolve((probe.address() as AddressInfo).port)),
		);
		await new Promise((closed) => probe.close(closed));
		const http = () =>
			requestLoopback(`http://127.0.0.1:${port}`, { json: {} }, new AbortController().signal);
		expect(await caught(() => handOver({ http }, 'api', {}))).toMatchObject({ retry: true, certain: true });
	});
});

describe('a receipt', () => {
	const reply = (text: string) => ({ status: 200, headers: {}, body: new TextEncoder().encode(text) });
	const shape = z.object({ id: z.string() });

	it('is read', () => {
		expect(receiptOf(reply('{"id":"1"}'), shape)).toEqual({ id: '1' });
	});

	it.each(['<html>', '{}', 'null', ''])('does not accept %j: the message may have arrived', async (text) => {
		expect(await caught(() => receiptOf(reply(text), shape))).toMatchObject({ retry: false, certain: false });
	});
});

describe('a table of fates', () => {
	const table: Record<string, Fate> = { 'A.': 'later', 'A.B': 'never', 'A.C.': 'busy', Plain: 'settings' };

	it.each([
		['A.B', 'never'],
		['A.X', 'later'],
		['A.C.D', 'busy'],
		['A.C.D.E', 'busy'],
		['Plain', 'settings'],
		['Plain.X', undefined],
		['A', undefined],
		['', undefined],
		['toString', undefined],
	])('%j: %s', (code, fate) => {
		expect(fateOf(code, table)).toBe(fate);
	});
});

describe('the template', () => {
	const settings = { templateCode: 'T', templateSignIn: 'S', templateRecover: 'R', templateVerify: 'V' };
	const of = (purpose: string) => templateFor({ purpose, params: { code: '1' } }, settings).template;

	it.each([
		['sign-in', 'S'],
		['recover', 'R'],
		['verify-email', 'V'],
		['change-email', 'V'],
		['change-phone', 'V'],
		['register', 'T'],
		['whatever', 'T'],
		['toString', 'T'],
	])('for %s is %s', (purpose, template) => {
		expect(of(purpose)).toBe(template);
	});

	it('is missing where its setting is empty', () => {
		const empty = { ...settings, templateSignIn: '' };
		expect(templateFor({ purpose: 'sign-in', params: { code: '1' } }, empty).template).toBe('T');
	});

	it('does not exist for a message without a code', async () => {
		expect(
			await caught(() => templateFor({ purpose: 'password-changed', params: {} }, settings)),
		).toMatchObject({
			retry: false,
			certain: true,
			reason: 'refused',
		});
	});
});
