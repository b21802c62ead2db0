/** The signer against the vendor's published example, and the gateway against everything a signer can get wrong. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { acs3Request, signAcs3, type Acs3Call } from './acs3';
import { Acs3Gateway } from './acs3-gateway';
import type { EmulatedCall } from './emulator';

const empty = createHash('sha256').update('').digest('hex');

describe('the signature', () => {
	it('is the published one for the published request', () => {
		const authorization = signAcs3({
			accessKeyId: 'YourAccessKeyId',
			accessKeySecret: 'YourAccessKeySecret',
			host: 'ecs.cn-shanghai.aliyuncs.com',
			path: '/',
			query: {
				RegionId: 'cn-shanghai',
				ImageId: 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd',
			},
			body: '',
			headers: {
				'x-acs-version': '2014-05-26',
				'x-acs-action': 'RunInstances',
				'x-acs-content-sha256': empty,
				'x-acs-date': '2023-10-26T10:22:32Z',
				'x-acs-signature-nonce': '3156853299f313e23d1673dc12e1703d',
			},
		});
		expect(authorization).toBe(
			'ACS3-HMAC-SHA256 Credential=YourAccessKeyId,' +
				'SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,' +
				'Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
		);
	});
});

const key = { accessKeyId: 'LTAI5t', accessKeySecret: 'canary-key-secret' };
const noon = Date.UTC(2026, 0, 1, 12);
const at = (now: number) => ({ address: () => 'https://api.example', now: () => now });
const tricky = { Zed: "a b+c*d~e!'()", Name: '门神 & Söhne', 'x.y': '%20/?=', A: '' };

type Request = ReturnType<typeof acs3Request>;

/** The request as a server reads it. */
function received({ query = {}, headers = {}, body = '' }: Request, host = 'api.example'): EmulatedCall {
	const url = new URL('https://api.example/');
	for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
	const text = String(body);
	return {
		method: 'POST',
		url,
		headers: new Headers({ ...headers, host }),
		text,
		form: new URLSearchParams(text),
		json: undefined,
		redirectUris: new Set(),
	};
}

function gatewayAt(now = noon) {
	const seen: [string, string][][] = [];
	const record = (params: URLSearchParams) => {
		seen.push([...params]);
		return Response.json({ Code: 'OK' });
	};
	return { gateway: new Acs3Gateway({ ...key, version: '2017-05-25' }, { Act: record }, () => now), seen };
}

const call = (change: Partial<Acs3Call> = {}): Acs3Call => ({
	endpoint: 'api',
	action: 'Act',
	version: '2017-05-25',
	query: tricky,
	...change,
});
const codeOf = async (answer: Response | Promise<Response>) =>
	((await (await answer).json()) as { Code: string }).Code;

describe('a signed call', () => {
	it.each([
		['in the query', call()],
		['in the form', call({ query: {}, form: tricky })],
		['in both', call({ query: { First: '1' }, form: tricky })],
	])('is taken with awkward values %s, and they arrive as they were', async (_, each) => {
		const { gateway, seen } = gatewayAt();
		expect(await codeOf(gateway.answer(received(acs3Request(each, at(noon), key))))).toBe('OK');
		for (const pair of Object.entries(tricky)) expect(seen[0]).toContainEqual(pair);
	});

	it('has a new nonce each time, and no fraction of a second', () => {
		const [one, two] = [acs3Request(call(), at(noon + 123), key), acs3Request(call(), at(noon + 123), key)];
		expect(one.headers?.['x-acs-date']).toBe('2026-01-01T12:00:00Z');
		expect(one.headers?.['x-acs-signature-nonce']).not.toBe(two.headers?.['x-acs-signature-nonce']);
		expect(JSON.stringify([one, two])).not.toContain('canary');
	});

	it('sends the form as the bytes that were signed', () => {
		const { body, headers } = acs3Request(call({ query: {}, form: tricky }), at(noon), key);
		expect(body).toContain('Zed=a%20b%2Bc%2Ad~e%21%27%28%29');
		expect(headers?.['x-acs-content-sha256']).toBe(createHash('sha256').update(String(body)).digest('hex'));
	});
});

const changed = (headers: Record<string, string | undefined>) => (request: Request) => {
	const all = { ...request.headers, ...headers };
	const kept = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
	return received({ ...request, headers: Object.fromEntries(kept) });
};
const authorization = (change: (text: string) => string) => (request: Request) =>
	changed({ authorization: change(request.headers?.['authorization'] ?? '') })(request);

describe('the gateway refuses', () => {
	it.each<[string, (request: Request) => EmulatedCall, string]>([
		['no signature', changed({ authorization: undefined }), 'IncompleteSignature'],
		['another scheme', authorization((text) => text.replace('ACS3', 'ACS2')), 'IncompleteSignature'],
		[
			'an unsigned nonce',
			authorization((text) => text.replace(';x-acs-signature-nonce', '')),
			'IncompleteSignature',
		],
		[
			'another key id',
			authorization((text) => text.replace('LTAI5t', 'LTAI5u')),
			'InvalidAccessKeyId.NotFound',
		],
		[
			'one changed digit',
			authorization((text) => text.replace(/.$/, (end) => (end === '0' ? '1' : '0'))),
			'SignatureDoesNotMatch',
		],
		['another action', changed({ 'x-acs-action': 'Other' }), 'SignatureDoesNotMatch'],
		['another date', changed({ 'x-acs-date': '2026-01-01T12:00:01Z' }), 'SignatureDoesNotMatch'],
		['another host', (request) => received(request, 'other.example'), 'SignatureDoesNotMatch'],
		[
			'another value',
			(request) => received({ ...request, query: { ...tricky, Zed: 'x' } }),
			'SignatureDoesNotMatch',
		],
		[
			'one value more',
			(request) => received({ ...request, query: { ...tricky, More: '' } }),
			'SignatureDoesNotMatch',
		],
		['another body', (request) => received({ ...request, body: 'x=1' }), 'IncompleteSignature'],
	])('%s', async (_, forge, code) => {
		const { gateway, seen } = gatewayAt();
		expect(await codeOf(gateway.answer(forge(acs3Request(call(), at(noon), key))))).toBe(code);
		expect(seen).toEqual([]);
	});

	it('a wrong secret, an unknown action, another version', async () => {
		const { gateway } = gatewayAt();
		const ask = (each: Acs3Call, secret = key.accessKeySecret) =>
			codeOf(gateway.answer(received(acs3Request(each, at(noon), { ...key, accessKeySecret: secret }))));
		expect(await ask(call(), 'other')).toBe('SignatureDoesNotMatch');
		expect(await ask(call({ action: 'toString' }))).toBe('InvalidAction.NotFound');
		expect(await ask(call({ version: '2017-05-26' }))).toBe('InvalidVersion');
	});

	it('a form whose type was not signed', async () => {
		const { gateway } = gatewayAt();
		const unsigned = authorization((text) => text.replace('content-type;', ''));
		const request = acs3Request(call({ query: {}, form: tricky }), at(noon), key);
		expect(await codeOf(gateway.answer(unsigned(request)))).toBe('IncompleteSignature');
	});

	it.each([
		[-900_001, 'InvalidTimeStamp.Expired'],
		[-899_000, 'OK'],
		[899_000, 'OK'],
		[901_000, 'InvalidTimeStamp.Expired'],
	])('what was signed %i ms from now: %s', async (away, code) => {
		const { gateway } = gatewayAt();
		expect(await codeOf(gateway.answer(received(acs3Request(call(), at(noon + away), key))))).toBe(code);
	});

	it('the same request again', async () => {
		const { gateway, seen } = gatewayAt();
		const request = acs3Request(call(), at(noon), key);
		expect(await codeOf(gateway.answer(received(request)))).toBe('OK');
		expect(await codeOf(gateway.answer(received(request)))).toBe('SignatureNonceUsed');
		expect(seen).toHaveLength(1);
	});
});
