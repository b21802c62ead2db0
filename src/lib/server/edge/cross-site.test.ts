import { describe, expect, it } from 'vitest';
import { judgeCrossSite } from './cross-site';

const origin = 'https://id.example';
const judge = (method: string, headers: Record<string, string>, cookie = true) =>
	judgeCrossSite(new Request('https://id.example/x', { method, headers }), origin, cookie);

describe('a request that changes something', () => {
	it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s from our own page is ours', (method) =>
		expect(judge(method, { origin })).toBe('own'),
	);

	it.each([
		['another site', 'https://evil.example'],
		['a sandboxed frame', 'null'],
		['our host on http', 'http://id.example'],
		['our host on another port', 'https://id.example:8443'],
		['a subdomain', 'https://a.id.example'],
		['a look-alike', 'https://id.example.evil.example'],
	])('with our cookie from %s is foreign', (_, from) => {
		for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
			expect(judge(method, { origin: from })).toBe('foreign');
	});

	it.each([
		'text/plain',
		'TEXT/PLAIN; charset=x',
		'multipart/form-data; boundary=x',
		'application/x-www-form-urlencoded',
		'application/json',
		'',
	])('is treated the same with content type "%s"', (type) =>
		expect(judge('POST', { origin: 'https://evil.example', ...(type ? { 'content-type': type } : {}) })).toBe(
			'foreign',
		),
	);

	it('without Origin is foreign when the browser says so', () => {
		expect(judge('POST', { 'sec-fetch-site': 'cross-site' })).toBe('foreign');
		expect(judge('POST', { 'sec-fetch-site': 'same-site' })).toBe('foreign');
		expect(judge('POST', { 'sec-fetch-site': 'none' })).toBe('foreign');
		expect(judge('POST', { 'sec-fetch-site': 'same-origin' })).toBe('own');
		expect(judge('POST', {})).toBe('own');
	});

	it('without our cookie has no user’s authority', () =>
		expect(judge('POST', { origin: 'https://shop.example' }, false)).toBe('without-cookies'));

	it('is never refused for reading', () => {
		for (const method of ['GET', 'HEAD', 'OPTIONS'])
			expect(judge(method, { origin: 'https://evil.example' })).toBe('own');
	});
});
