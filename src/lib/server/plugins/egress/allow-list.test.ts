import { describe, expect, it } from 'vitest';
import { parseAllowList } from './allow-list';

describe('EGRESS_ALLOW', () => {
	it('allows public addresses only when it is empty', () => {
		const none = parseAllowList([]);
		expect(none.hasAddress('8.8.8.8')).toBe(true);
		expect(none.hasAddress('10.0.0.1')).toBe(false);
		expect(none.hasHost('localhost')).toBe(false);
	});

	it('allows with a range its addresses, in every form, and no others', () => {
		const list = parseAllowList(['10.1.0.0/16', 'fd12::/32']);
		expect(list.hasAddress('10.1.2.3')).toBe(true);
		expect(list.hasAddress('::ffff:10.1.2.3')).toBe(true);
		expect(list.hasAddress('10.2.0.0')).toBe(false);
		expect(list.hasAddress('fd12::1')).toBe(true);
		expect(list.hasAddress('fd13::1')).toBe(false);
	});

	it('accepts a single address, a bracketed one, a mapped one', () => {
		const list = parseAllowList(['127.0.0.1', '[::1]', '::ffff:10.0.0.9']);
		expect(['127.0.0.1', '::1', '10.0.0.9'].every((address) => list.hasAddress(address))).toBe(true);
		expect(list.hasAddress('127.0.0.2')).toBe(false);
	});

	it('allows with a name only that name', () => {
		const list = parseAllowList(['Mail.LAN.']);
		expect(list.hasHost('mail.lan')).toBe(true);
		expect(list.hasHost('x.mail.lan')).toBe(false);
		expect(list.hasHost('lan')).toBe(false);
	});

	it('can be extended by hosts without changing the list', () => {
		const list = parseAllowList(['a.lan']);
		const more = list.including(['b.lan']);
		expect([more.hasHost('a.lan'), more.hasHost('b.lan'), list.hasHost('b.lan')]).toEqual([
			true,
			true,
			false,
		]);
	});

	it.each(['10.0.0.0/33', 'host/24', 'a b', 'https://a.lan', 'fd00::/129', '*'])(
		'%s stops the start and is named',
		(entry) => {
			expect(() => parseAllowList(['ok.lan', entry])).toThrow(entry);
		},
	);
});
