import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalHost, isPublicAddress, parseAddress } from './addresses';
import { privateSpellings, publicSpellings } from '../../../../../tests/emulators/private-spellings';

describe('a private address, however it is written (B06)', () => {
	it('has more than two hundred spellings to try', () => {
		expect(privateSpellings.length).toBeGreaterThan(200);
	});

	it.each(privateSpellings)('%s', (spelling) => {
		const host = canonicalHost(spelling);
		expect(host !== undefined && isPublicAddress(host)).toBe(false);
	});
});

describe('a public address', () => {
	it.each(publicSpellings)('%s', (spelling) => {
		expect(isPublicAddress(canonicalHost(spelling) ?? '')).toBe(true);
	});
});

describe('input that is not a canonical address', () => {
	it.each([
		'',
		' ',
		'localhost',
		'8.8.8',
		'08.8.8.8',
		'0x8.8.8.8',
		'8.8.8.8 ',
		'fe80::1%eth0',
		'2606:4700::1%eth0',
		'::ffff:1.2.3.4.5',
	])('%j is not public', (text) => {
		expect(isPublicAddress(text)).toBe(false);
	});
});

describe('a host', () => {
	it.each([
		['Example.COM.', 'example.com'],
		['127.1', '127.0.0.1'],
		['0x7f.1', '127.0.0.1'],
		['2130706433', '127.0.0.1'],
		['::1', '::1'],
		['[::1]', '::1'],
		['bücher.example', 'xn--bcher-kva.example'],
	])('%s is %s', (typed, host) => {
		expect(canonicalHost(typed)).toBe(host);
	});

	it.each([
		'',
		'a b',
		'a/b',
		'a?b',
		'a#b',
		'user@host',
		'a\\b',
		'host:80',
		'[::1]:80',
		'[::1',
		'a\nb',
		'1.2.3.4.5.6',
	])('%j is not one', (typed) => {
		expect(canonicalHost(typed)).toBeUndefined();
	});
});

describe('any IPv4 address', () => {
	it('is treated alike in its own form and inside IPv6', () => {
		fc.assert(
			fc.property(fc.ipV4(), (address) => {
				const expected = isPublicAddress(address);
				expect(isPublicAddress(`::ffff:${address}`)).toBe(expected);
				expect(isPublicAddress(`64:ff9b::${address}`)).toBe(expected);
				expect(isPublicAddress(`::${address}`)).toBe(false);
				expect(parseAddress(`::ffff:${address}`)?.toString()).toBe(address);
			}),
		);
	});
});
