import { describe, expect, it } from 'vitest';
import { manifestSchema, PluginFailure } from '../../plugin-kit';
import { addressOf, endpointOf, reachesOf, type EndpointSource } from './endpoints';
import { manifestOf } from './host-under-test';

const label = { en: 'x', 'zh-CN': 'x' };
const manifest = manifestSchema.parse(
	manifestOf({
		id: 'v',
		kinds: ['sender'],
		channels: ['email'],
		config: [
			{ key: 'issuer', type: 'url', label },
			{ key: 'host', type: 'host', label },
			{ key: 'port', type: 'integer', label },
		],
		endpoints: {
			api: 'https://api.vendor.example/v1/',
			issuer: { fromConfig: 'issuer' },
			issuersHost: { fromConfig: 'issuer', origin: true },
			mail: { connect: { host: 'host', port: 'port' } },
			any: { anyPublic: true },
		},
	}),
);
const source = (change: Partial<EndpointSource> = {}): EndpointSource => ({
	manifest,
	overrides: {},
	values: { issuer: 'https://id.example/realm', host: 'mail.example', port: 25 },
	trusted: new Set(),
	...change,
});

describe('an endpoint', () => {
	it('leads to the declared address, or to the operator’s', () => {
		expect(endpointOf('api', source())).toMatchObject({
			kind: 'http',
			trusted: false,
			base: { host: 'api.vendor.example' },
		});
		expect(endpointOf('issuer', source())).toMatchObject({ kind: 'http', base: { host: 'id.example' } });
		expect(endpointOf('mail', source())).toEqual({
			kind: 'tcp',
			host: 'mail.example',
			port: 25,
			trusted: false,
		});
		expect(endpointOf('any', source())).toEqual({ kind: 'anyPublic' });
	});

	it('is trusted where the apply file or the environment named it', () => {
		expect(endpointOf('issuer', source({ trusted: new Set(['issuer']) }))).toMatchObject({ trusted: true });
		expect(endpointOf('mail', source({ trusted: new Set(['host']) }))).toMatchObject({ trusted: true });
		const overrides = { 'v.api': 'http://127.0.0.1:1/x', 'v.mail': 'smtp://[::1]:2525' };
		expect(endpointOf('api', source({ overrides }))).toMatchObject({ trusted: true, base: { port: '1' } });
		expect(endpointOf('mail', source({ overrides }))).toEqual({
			kind: 'tcp',
			host: '::1',
			port: 2525,
			trusted: true,
		});
	});

	it.each(['none', 'toString', '__proto__', 'constructor', ''])('%j is not declared', (name) => {
		expect(() => endpointOf(name, source())).toThrow(PluginFailure);
	});

	it('without a declared address must be set by the operator', () => {
		expect(() => endpointOf('issuer', source({ values: {} }))).toThrow(
			expect.objectContaining({ reason: 'config' }),
		);
	});

	it('with `origin` covers the whole host in the field, and no further', () => {
		const trusted = new Set(['issuer']);
		expect(endpointOf('issuersHost', source({ trusted }))).toMatchObject({ trusted: true });
		const host = endpointOf('issuersHost', source());
		expect(host).toMatchObject({ kind: 'http', base: { href: 'https://id.example/' }, trusted: false });
		if (host.kind === 'tcp') throw new Error('not http');
		expect(addressOf(host, { path: '/oauth2/token' }).href).toBe('https://id.example/oauth2/token');
		expect(addressOf(host, { path: '//other.example/x' }).host).toBe('id.example');
	});

	it('is listed for operators with its host', () => {
		expect(reachesOf(source())).toEqual(['api.vendor.example', 'id.example', 'mail.example', '*']);
		expect(reachesOf(source({ values: {} }))).toEqual(['api.vendor.example', '*']);
	});
});

describe('a path', () => {
	const api = { kind: 'http', base: new URL('https://api.vendor.example/v1/'), trusted: false } as const;
	const urlOf = (path: string, query?: Record<string, string>) =>
		addressOf(api, { path, ...(query ? { query } : {}) }).href;

	it('lies below the endpoint', () => {
		expect(addressOf(api, {}).href).toBe('https://api.vendor.example/v1/');
		expect(urlOf('token')).toBe('https://api.vendor.example/v1/token');
		expect(urlOf('/token', { a: '1&2' })).toBe('https://api.vendor.example/v1/token?a=1%262');
		expect(urlOf('token?grant=x', { a: 'b' })).toBe('https://api.vendor.example/v1/token?grant=x&a=b');
		expect(urlOf('a/../b')).toBe('https://api.vendor.example/v1/b');
	});

	it.each([
		'//evil.example/x',
		'https://evil.example/',
		'\\\\evil.example',
		'@evil.example',
		':80@evil.example',
		'/x#@evil.example',
	])('%j stays with its host', (path) => {
		expect(new URL(urlOf(path)).host).toBe('api.vendor.example');
	});

	it.each(['..', '../', '../v2', 'a/../../b', '%2e%2e/v2', '.%2E/v2', '..\\v2', '/../v10'])(
		'%j leads out and is refused',
		(path) => {
			expect(() => urlOf(path)).toThrow(PluginFailure);
		},
	);
});
