import { describe, expect, it } from 'vitest';
import { keyIn, pagesOf, withQuery } from './query';

const at = (search: string) => new URL(`http://localhost/admin/apps/4/users${search}`);

describe('the address of a list', () => {
	it('changes what is named and keeps the rest', () => {
		expect(withQuery(at('?search=a&status=active'), { search: 'b c' })).toBe(
			'/admin/apps/4/users?search=b+c&status=active',
		);
		expect(withQuery(at('?search=a'), { search: '' })).toBe('/admin/apps/4/users');
		expect(withQuery(at('?search=a'), { search: undefined })).toBe('/admin/apps/4/users');
	});

	it('drops the name of a form action', () =>
		expect(withQuery(at('?/disable&search=a'), {})).toBe('/admin/apps/4/users?search=a'));

	it.each([
		['?before=120', 120],
		['?before=0', undefined],
		['?before=-1', undefined],
		['?before=1e9', undefined],
		['?before=1;drop', undefined],
		['', undefined],
	])('has in %s the key %s', (search, key) => expect(keyIn(at(search))).toBe(key));
});

describe('paging by keys', () => {
	it('has neither link where everything fits on one page', () =>
		expect(pagesOf(at(''), undefined)).toEqual({}));

	it('leads there and back again, page by page, with the filters kept', () => {
		const seen: string[] = [];
		let url = at('?status=active');
		for (const next of [900, 800, 700]) {
			seen.push(url.search);
			const { next: href = '' } = pagesOf(url, next);
			url = new URL(href, url);
		}
		expect(keyIn(url)).toBe(700);
		for (const expected of seen.reverse()) {
			url = new URL(pagesOf(url, 1).previous ?? '', url);
			expect(new URLSearchParams(url.search).get('before')).toBe(new URLSearchParams(expected).get('before'));
			expect(url.searchParams.get('status')).toBe('active');
		}
		expect(pagesOf(url, 1).previous).toBeUndefined();
	});

	it('keeps the address short however many pages are passed', () => {
		let url = at('');
		for (let key = 10_000; key > 9_000; key -= 1) url = new URL(pagesOf(url, key).next ?? '', url);
		expect(url.search.length).toBeLessThan(400);
	});
});
