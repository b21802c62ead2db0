import { describe, expect, it } from 'vitest';
import { createCookieSigner } from './cookie-signer';

const signer = createCookieSigner('a secret');
const signature = signer.sign('menshen-in-4=abc');

describe('a signed cookie', () => {
	it('is accepted unchanged', () => {
		expect(signer.verify('menshen-in-4=abc', signature)).toBe(true);
		expect(signer.index('menshen-in-4=abc', signature)).toBe(0);
		expect(signature).toMatch(/^[\w-]{43}$/);
	});

	it.each([
		['another value', 'menshen-in-4=abd', signature],
		['another name', 'menshen-in-5=abc', signature],
		['no signature', 'menshen-in-4=abc', ''],
		['a piece of one', 'menshen-in-4=abc', signature.slice(0, -1)],
		['more than one', 'menshen-in-4=abc', `${signature}A`],
		['what is no text of ASCII', 'menshen-in-4=abc', 'é'.repeat(43)],
	])('with %s is not', (_, data, given) => {
		expect(signer.verify(data, given)).toBe(false);
		expect(signer.index(data, given)).toBe(-1);
	});

	it('is refused when signed with another key', () => {
		const other = createCookieSigner('another secret').sign('menshen-in-4=abc');
		expect(signer.verify('menshen-in-4=abc', other)).toBe(false);
	});
});
