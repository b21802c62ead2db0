import { describe, expect, it } from 'vitest';
import { KeptPages } from './kept-pages';

const [alice, bob] = ['alice-visit-000000001', 'bob-visit-00000000002'];
const shownTo = (id: string, title = 'Demo') => ({ href: `/interaction/${id}`, title });
const drawn = (id: string, html = `<a href="/interaction/${id}/register">${id}</a>`) =>
	new Response(html, {
		headers: {
			'content-type': 'text/html',
			'content-security-policy': "default-src 'none'",
			'set-cookie': `from=${id}`,
			etag: '"1"',
		},
	});

function name(pages: KeptPages, id: string, title?: string): string {
	const found = pages.nameOf(shownTo(id, title), id);
	if (found === undefined) throw new Error('no name');
	return found;
}

async function afterAlice(most = 10): Promise<KeptPages> {
	const pages = new KeptPages(most);
	await pages.keep(name(pages, alice), alice, drawn(alice));
	return pages;
}

describe('a cached page', () => {
	it('is the same for visitors who are shown the same, except for their own id', async () => {
		const pages = await afterAlice();
		const found = pages.find(name(pages, bob), bob);
		expect(await found?.text()).toBe(`<a href="/interaction/${bob}/register">${bob}</a>`);
		expect(found?.status).toBe(200);
		expect(found?.headers.get('content-security-policy')).toBe("default-src 'none'");
	});

	it('has no cookie of the first visitor, and no mark of their copy', async () => {
		const pages = await afterAlice();
		const found = pages.find(name(pages, bob), bob);
		expect(found?.headers.getSetCookie()).toEqual([]);
		expect(found?.headers.has('etag')).toBe(false);
	});

	it('is sent complete to its first visitor', async () => {
		const pages = new KeptPages(10);
		const sent = await pages.keep(name(pages, alice), alice, drawn(alice));
		expect(sent.headers.getSetCookie()).toEqual([`from=${alice}`]);
		expect(await sent.text()).toContain(alice);
	});

	it('is not used where anything shown differs', async () => {
		const pages = await afterAlice();
		expect(pages.find(name(pages, bob, 'Other'), bob)).toBeUndefined();
	});

	it('is only stored where it is a page', async () => {
		const pages = new KeptPages(10);
		const failed = new Response('gone', { status: 410 });
		expect(await pages.keep(name(pages, alice), alice, failed)).toBe(failed);
		expect(pages.find(name(pages, alice), alice)).toBeUndefined();
	});

	it('is not stored where the id is too short to be cut out', () => {
		expect(new KeptPages(10).nameOf(shownTo('a'), 'a')).toBeUndefined();
	});

	it('cannot be requested by sending the id’s placeholder', async () => {
		const pages = await afterAlice();
		const shown = JSON.stringify(shownTo(alice));
		expect(name(pages, alice)).not.toBe(shown);
		expect(name(new KeptPages(10), alice)).not.toBe(name(pages, alice));
	});

	it('is dropped for a new one when it is the oldest', async () => {
		const pages = await afterAlice(2);
		for (const title of ['second', 'third'])
			await pages.keep(name(pages, alice, title), alice, drawn(alice, title));
		expect(pages.find(name(pages, alice), alice)).toBeUndefined();
		expect(await pages.find(name(pages, alice, 'third'), alice)?.text()).toBe('third');
	});
});
