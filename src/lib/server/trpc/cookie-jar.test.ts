import { describe, expect, it } from 'vitest';
import { createCookieJar } from './cookie-jar';

describe('a cookie jar', () => {
	it.each([
		['a=1; menshen-4=x.y; b=2', 'x.y'],
		['menshen-4=x.y', 'x.y'],
		['menshen-4="x.y"', 'x.y'],
		['menshen-4=%7Bx%7D', '{x}'],
		['menshen-4=%zz', '%zz'],
		['xmenshen-4=other; menshen-44=other', undefined],
		['', undefined],
		[null, undefined],
	])('reads %j', (header, value) => expect(createCookieJar(header).get('menshen-4')).toBe(value));

	it('writes attributes, and the last value of a name', () => {
		const jar = createCookieJar(null);
		const attributes = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' as const, maxAge: 60 };
		jar.set('a', 'first', attributes);
		jar.set('a', 'second; x=1\r\ny', attributes);
		expect(jar.lines()).toEqual([
			'a=second%3B%20x%3D1%0D%0Ay; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax',
		]);
	});
});
