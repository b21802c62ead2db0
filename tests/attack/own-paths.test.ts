/** D05: after signing in one stays on this site, whatever `next` says. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { app, password, startTarget, type Target } from './target';
import { post, send } from './wire';

let target: Target;
beforeAll(async () => void (target = await startTarget()));
afterAll(() => target.stop());

const evil = [
	'//evil.example',
	'///evil.example',
	'////evil.example',
	'/\\evil.example',
	'\\\\evil.example',
	'\\/evil.example',
	'/\\/evil.example',
	'/\t/evil.example',
	'/\n/evil.example',
	'/\r/evil.example',
	'\t//evil.example',
	' //evil.example',
	'/ /evil.example/..//evil.example',
	'https://evil.example',
	'HTTPS://evil.example',
	'https:evil.example',
	'https:/evil.example',
	'http:///evil.example',
	'//evil.example%2f..',
	'/%2fevil.example',
	'/%5cevil.example',
	'/%09/evil.example',
	'/.//evil.example',
	'/..//evil.example',
	'/./\\evil.example',
	'/x/..//evil.example',
	'/x/%2e%2e//evil.example',
	'javascript:alert(1)',
	'JAVASCRIPT:alert(1)',
	'java\nscript:alert(1)',
	'\u0001javascript:alert(1)',
	'data:text/html,<script>alert(1)</script>',
	'vbscript:x',
	'blob:x',
	'about:blank',
	'//user@evil.example',
	'/@evil.example',
	'@evil.example',
	'evil.example',
	'.evil.example',
	'//evil。example',
	'/／evil.example',
	'／／evil.example',
	'//[::1]',
	'//0',
	'//evil.example:80',
	'/\u0000/evil.example',
	'/%00//evil.example',
	'/;//evil.example',
	'?//evil.example',
	'#//evil.example',
	'/#//evil.example',
	'/x\r\nSet-Cookie: a=b',
	'/x%0d%0aSet-Cookie:%20a=b',
	'/\u2028/evil.example',
	'/\ufeff/evil.example',
];

/** Where a browser ends up that is sent to `location` from our page. */
const goesTo = (location: string) => new URL(location, `${target.origin}/apps/${app}/sign-in`);

it.each([
	['the sign-in page', `/apps/${app}/sign-in`, { identifier: 'alice', password }],
	['the console', '/admin/sign-in', { email: 'owner@example.com', password: 'a-long-owner-secret' }],
])(
	'D05: %s redirects to no other site',
	async (_, path, fields: Record<string, string>) => {
		for (const next of evil)
			for (const query of [
				`next=${encodeURIComponent(next)}`,
				`next=${encodeURIComponent(encodeURIComponent(next))}`,
				`next=/apps/${app}/account&next=${encodeURIComponent(next)}`,
				`next=${encodeURIComponent(next)}&next=/apps/${app}/account`,
			]) {
				const got = await post(target.at, `${path}?${query}`, fields, {
					host: new URL(target.origin).host,
					origin: target.origin,
				});
				const hint = JSON.stringify(query);
				expect(got.status, hint).toBe(303);
				expect(goesTo(got.headers.location ?? '').origin, hint).toBe(target.origin);
				expect(got.headers.location, hint).toMatch(/^\/(?![/\\])/);
				expect(
					got.cookies.some((line) => line.startsWith('a=')),
					hint,
				).toBe(false);
			}
	},
	60_000,
);

it('D05: every spelling of `next` is treated alike on the way to the page, in its links and with a session', async () => {
	const cookie = await target.signIn('alice');
	const host = new URL(target.origin).host;
	for (const next of evil) {
		const query = `next=${encodeURIComponent(next)}`;
		const shown = await send(target.at, {
			path: `/apps/${app}/sign-in?${query}`,
			headers: { host, accept: 'text/html', cookie },
		});
		const links = [...shown.body.matchAll(/(?:href|action)="([^"]*)"/g)].map(([, link]) =>
			(link ?? '').replaceAll('&amp;', '&'),
		);
		expect(links.length).toBeGreaterThan(2);
		for (const link of links) {
			const to = goesTo(link);
			expect(
				to.origin === target.origin || to.origin === 'https://demo.example',
				`${JSON.stringify(next)} ${link}`,
			).toBe(true);
		}
		const owner = await send(target.at, {
			path: `/admin/sign-in?${query}`,
			headers: { host, accept: 'text/html', cookie: await target.owner() },
		});
		expect(goesTo(owner.headers.location ?? '').origin, next).toBe(target.origin);
	}
});

it('D05: a path of our own is kept, with its query', async () => {
	const next = `/apps/${app}/account/security?x=1`;
	const got = await post(
		target.at,
		`/apps/${app}/sign-in?next=${encodeURIComponent(next)}`,
		{ identifier: 'alice', password },
		{ host: new URL(target.origin).host, origin: target.origin },
	);
	expect(got.headers.location).toBe(next);
});
