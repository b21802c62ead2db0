/** The sign-in page is drawn once for many: what is one visitor's own must never reach another. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app, oneApp, startTarget, type Target } from './target';
import { cookieHeader, send, type Got } from './wire';

const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

let target: Target;
beforeAll(async () => {
	target = await startTarget({ apply: oneApp });
});
afterAll(() => target.stop());

interface Visitor {
	uid: string;
	path: string;
	cookie: string;
}

async function arrive(extra: Record<string, string> = {}): Promise<Visitor> {
	const query = new URLSearchParams({
		client_id: 'web',
		response_type: 'code',
		scope: 'openid',
		redirect_uri: 'http://127.0.0.1:5555/cb',
		code_challenge: challenge,
		code_challenge_method: 'S256',
		...extra,
	});
	const got = await send(target.at, {
		path: `/apps/${app}/oidc/auth?${query.toString()}`,
		headers: { host: new URL(target.origin).host },
	});
	const path = new URL(got.headers.location ?? '', target.origin).pathname;
	return { uid: path.split('/').at(-1) ?? '', path, cookie: cookieHeader(got) };
}

function look({ path, cookie }: Visitor, headers: Record<string, string> = {}): Promise<Got> {
	const host = new URL(target.origin).host;
	return send(target.at, { path, headers: { host, accept: 'text/html', cookie, ...headers } });
}

const known = (got: Got, uid: string) => got.body.replaceAll(uid, '');

describe('the sign-in page, drawn for one and sent to another', () => {
	it('is the same but for the visit, and each gets their own cookie', async () => {
		const visitors = [await arrive(), await arrive(), await arrive()];
		const pages = [];
		for (const visitor of visitors) pages.push(await look(visitor));
		const [first] = pages;
		for (const [index, page] of pages.entries()) {
			const uid = visitors[index]?.uid ?? '';
			expect(page.status).toBe(200);
			expect(page.body).toContain(`/interaction/${uid}/recover`);
			for (const other of visitors) if (other.uid !== uid) expect(page.body).not.toContain(other.uid);
			expect(known(page, uid)).toBe(known(first ?? page, visitors[0]?.uid ?? ''));
			expect(page.cookies.join()).toContain(`menshen-from-${app}=web`);
		}
	});

	it('carries the same headers as the first', async () => {
		const [one, two] = [await look(await arrive()), await look(await arrive())];
		const names = (got: Got) => Object.keys(got.headers).filter((name) => name !== 'etag');
		expect(names(two).sort()).toEqual(names(one).sort());
		for (const name of ['content-security-policy', 'content-type', 'cache-control', 'x-frame-options'])
			expect(two.headers[name]).toBe(one.headers[name]);
		expect(two.headers['menshen-request']).not.toBe(one.headers['menshen-request']);
	});

	it('speaks each visitor’s language', async () => {
		await look(await arrive());
		const chinese = await look(await arrive(), { 'accept-language': 'zh-CN' });
		expect(chinese.body).toContain('lang="zh-CN"');
		expect((await look(await arrive(), { 'accept-language': 'en' })).body).toContain('lang="en"');
	});

	it('shows a login hint to no other visitor', async () => {
		const hinted = await look(await arrive({ login_hint: 'someone@example.com' }));
		expect(hinted.body).toContain('someone@example.com');
		expect((await look(await arrive())).body).not.toContain('someone@example.com');
	});

	it('is not shown to a person who has another’s address without the cookie', async () => {
		const [one, two] = [await arrive(), await arrive()];
		await look(one);
		expect((await look({ ...one, cookie: two.cookie })).status).toBe(410);
		expect((await look({ ...one, cookie: '' })).status).toBe(410);
	});

	/** What operators can switch that this page shows, one after the other. */
	const switches: [string, 'admin.apps.update' | 'admin.connectors.save', object][] = [
		['the name', 'admin.apps.update', { name: 'Renamed' }],
		['what one signs in with', 'admin.apps.update', { signInIdentifiers: ['username', 'email'] }],
		['the title', 'admin.apps.update', { theme: { title: 'Another title' } }],
		['the mode', 'admin.apps.update', { theme: { mode: 'dark' } }],
		['the accent', 'admin.apps.update', { theme: { accent: '#123456' } }],
		['the corners', 'admin.apps.update', { theme: { radius: 3 } }],
		['own styles', 'admin.apps.update', { theme: { css: 'h1 { color: red }' } }],
		['the terms', 'admin.apps.update', { theme: { termsUrl: 'https://demo.example/terms' } }],
		['the privacy policy', 'admin.apps.update', { theme: { privacyUrl: 'https://demo.example/privacy' } }],
		['another way in', 'admin.connectors.save', { id: 'passkey', enabled: true }],
		['codes by mail', 'admin.connectors.save', { id: 'email', enabled: true }],
		['which comes first', 'admin.apps.update', { firstMethod: { desktop: 'email' } }],
		['registration', 'admin.apps.update', { registration: 'closed' }],
		['accounts of its own', 'admin.apps.update', { systemAccounts: false }],
		['one way less', 'admin.connectors.save', { id: 'passkey', enabled: false }],
	];

	it('changes at once with all that an operator switches, as a page drawn anew does', async () => {
		const headers = { cookie: await target.owner(), origin: target.origin };
		const bodies: string[] = [];
		for (const [what, procedure, input] of switches) {
			expect((await target.api(procedure, { input, headers })).code, what).toBeUndefined();
			for (const language of ['en', 'zh-CN']) {
				const visitor = await arrive();
				const shown = known(await look(visitor, { 'accept-language': language }), visitor.uid);
				// With a query it is drawn for this visitor alone.
				const anew = await look(
					{ ...visitor, path: `${visitor.path}?anew=1` },
					{ 'accept-language': language },
				);
				expect(shown, `${what}, ${language}`).toBe(known(anew, visitor.uid).replaceAll('anew=1&amp;', ''));
				expect.soft(bodies, `${what} is to be seen, ${language}`).not.toContain(shown);
				bodies.push(shown);
			}
		}
	});
});
