import { describe, expect, it } from 'vitest';
import { parseRanges } from './address';
import { isWrongAddress } from './right-address';

const origin = 'https://id.example.com';
const trusted = parseRanges(['10.0.0.0/8']);
const wrong = (headers: Record<string, string>, peer = '203.0.113.9', method = 'GET') =>
	isWrongAddress(
		new Request(`${origin}/setup`, { method, headers: { accept: 'text/html', ...headers } }),
		peer,
		{ origin, trusted },
	);

/** The page it gets (`edge/wrong-address`) is shown in tests/durability. */
describe('a browser at another address than ORIGIN', () => {
	it.each(['localhost:3000', '127.0.0.1:3000', 'id.example.com:8443', 'other.example.com'])(
		'%s gets the page',
		(host) => expect(wrong({ host })).toBe(true),
	);

	it('at ORIGIN itself is let through, however it is spelled', () => {
		expect(wrong({ host: 'id.example.com' })).toBe(false);
		expect(wrong({ host: 'ID.Example.COM' })).toBe(false);
	});

	it('is judged by what a trusted proxy says it asked for, and by no other header', () => {
		const headers = { host: 'internal:3000', 'x-forwarded-host': 'id.example.com' };
		expect(wrong(headers, '10.1.2.3')).toBe(false);
		expect(wrong(headers)).toBe(true);
		expect(wrong({ host: 'id.example.com', 'x-forwarded-host': 'evil.example' })).toBe(false);
	});

	it('is stopped only when loading a page: health checks, programs and posts may use any name', () => {
		expect(wrong({ host: 'localhost:3000', accept: '*/*' })).toBe(false);
		expect(wrong({ host: 'localhost:3000' }, '203.0.113.9', 'POST')).toBe(false);
	});
});
