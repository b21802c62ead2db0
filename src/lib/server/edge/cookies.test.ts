import { describe, expect, it } from 'vitest';
import { bindBrowser, markGuest, readBrowserBinding } from './cookies';

function jar(start: Record<string, string> = {}) {
	const values = new Map(Object.entries(start));
	const attributes = new Map<string, Record<string, unknown>>();
	return {
		values,
		attributes,
		get: (name: string) => values.get(name),
		set(name: string, value: string, options: object) {
			values.set(name, value);
			attributes.set(name, { ...options });
		},
	};
}

describe('the cookie that binds a sign-in under way to a browser', () => {
	it('is made on demand, for half an hour, out of reach of scripts and other sites', () => {
		const cookies = jar();
		const value = bindBrowser(cookies, 4, true);
		expect(value).toMatch(/^[\w-]{43}$/);
		expect(cookies.attributes.get('__Host-menshen-browser-4')).toEqual({
			path: '/',
			httpOnly: true,
			secure: true,
			sameSite: 'lax',
			maxAge: 1800,
		});
	});

	it('stays the same for sign-ins that are under way already', () => {
		const cookies = jar();
		const value = bindBrowser(cookies, 4, false);
		expect(bindBrowser(cookies, 4, false)).toBe(value);
		expect(readBrowserBinding(cookies, 4, false)).toBe(value);
	});

	it('is another one in each app', () => {
		const cookies = jar();
		expect(bindBrowser(cookies, 4, false)).not.toBe(bindBrowser(cookies, 5, false));
		expect(readBrowserBinding(cookies, 6, false)).toBeUndefined();
	});

	it.each(['', 'short', 'x'.repeat(44), 'x'.repeat(42) + '!'])('is not accepted as %j', (planted) => {
		const cookies = jar({ 'menshen-browser-4': planted });
		expect(readBrowserBinding(cookies, 4, false)).toBeUndefined();
		expect(bindBrowser(cookies, 4, false)).not.toBe(planted);
	});
});

describe('the mark of a guest', () => {
	it('is random, lasts a year from each use, and is out of reach of scripts and other sites', () => {
		const cookies = jar();
		const mark = markGuest(cookies, 4, true);
		expect(mark).toMatch(/^[0-9a-f]{32}$/);
		expect(markGuest(jar(), 4, true)).not.toBe(mark);
		expect(cookies.attributes.get('__Host-menshen-guest-4')).toEqual({
			path: '/',
			httpOnly: true,
			secure: true,
			sameSite: 'lax',
			maxAge: 365 * 24 * 3600,
		});
		cookies.attributes.clear();
		expect(markGuest(cookies, 4, true)).toBe(mark);
		expect(cookies.attributes.size).toBe(1);
	});

	it('is another one in each app, and never one of another shape', () => {
		const cookies = jar({ 'menshen-guest-4': 'F'.repeat(32) });
		expect(markGuest(cookies, 4, false)).toMatch(/^[0-9a-f]{32}$/);
		expect(markGuest(cookies, 4, false)).not.toBe(markGuest(cookies, 5, false));
	});
});
