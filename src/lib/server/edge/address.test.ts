import { describe, expect, it } from 'vitest';
import { canonicalAddress, clientAddress, parseRanges } from './address';

const trusted = parseRanges(['10.0.0.0/8', 'fd00::/8', '192.0.2.1']);
const from = (peer: string, headers: Record<string, string>) =>
	clientAddress(peer, new Headers(headers), trusted);

describe('the address of a client', () => {
	it('is the peer, whatever an untrusted client writes into the headers', () => {
		expect(from('203.0.113.9', { 'x-forwarded-for': '1.2.3.4' })).toBe('203.0.113.9');
		expect(from('203.0.113.9', { forwarded: 'for=1.2.3.4' })).toBe('203.0.113.9');
	});

	it('is what a trusted proxy says', () => {
		expect(from('10.1.2.3', { 'x-forwarded-for': '198.51.100.7' })).toBe('198.51.100.7');
		expect(from('192.0.2.1', { forwarded: 'for="[2001:db8::7]:4711";proto=https' })).toBe(
			'2001:db8:0:0:0:0:0:7',
		);
	});

	it('is the nearest hop that is not a trusted proxy: entries to its left may be forged', () => {
		expect(from('10.1.2.3', { 'x-forwarded-for': '6.6.6.6, 198.51.100.7, 10.9.9.9' })).toBe('198.51.100.7');
	});

	it('stays the last believable one when a hop is not an address', () => {
		expect(from('10.1.2.3', { 'x-forwarded-for': '198.51.100.7, not-an-address' })).toBe('10.1.2.3');
		expect(from('10.1.2.3', {})).toBe('10.1.2.3');
		expect(from('nonsense', {})).toBe('unknown');
	});

	it('is taken from neither header where the two differ: a proxy writes one and passes the other on', () => {
		expect(from('10.1.2.3', { forwarded: 'for=6.6.6.6', 'x-forwarded-for': '198.51.100.7' })).toBe(
			'10.1.2.3',
		);
		expect(
			from('10.1.2.3', { forwarded: 'for=198.51.100.7', 'x-forwarded-for': '198.51.100.7, 10.9.9.9' }),
		).toBe('198.51.100.7');
	});

	it.each([
		['::ffff:192.0.2.5', '192.0.2.5'],
		['::FFFF:C000:0205', '192.0.2.5'],
		['2001:DB8:0::1', '2001:db8:0:0:0:0:0:1'],
		['[2001:db8::1]:443', '2001:db8:0:0:0:0:0:1'],
		['192.0.2.5:8080', '192.0.2.5'],
		['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
	])('%s is spelled %s', (value, canonical) => expect(canonicalAddress(value)).toBe(canonical));

	it('refuses an invalid range', () => expect(() => parseRanges(['10.0.0.0/99'])).toThrow('10.0.0.0/99'));
});
