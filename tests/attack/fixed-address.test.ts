/** A02: what a caller writes about its host, scheme or address moves nothing that leaves the appliance. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app, startTarget, type Target } from './target';
import { post, send, sendBytes, type Sent } from './wire';

let target: Target;
beforeAll(async () => void (target = await startTarget()));
afterAll(() => target.stop());

const evil = 'evil.example';
const lies: Record<string, string>[] = [
	{ host: evil },
	{ host: `${evil}:80` },
	{ host: `localhost.${evil}` },
	{ 'x-forwarded-host': evil },
	{ 'x-forwarded-proto': 'https' },
	{ 'x-forwarded-proto': 'javascript' },
	{ 'x-forwarded-port': '1' },
	{ 'x-forwarded-server': evil },
	{ 'x-forwarded-prefix': `//${evil}` },
	{ 'x-forwarded-for': '198.51.100.1' },
	{ forwarded: `for=198.51.100.1;host=${evil};proto=https` },
	{ 'x-original-host': evil, 'x-host': evil, 'x-original-url': `//${evil}/`, 'x-rewrite-url': '/admin' },
	{
		host: evil,
		'x-forwarded-host': evil,
		'x-forwarded-proto': 'https',
		forwarded: `host=${evil};proto=https`,
	},
];

const paths = [
	`/apps/${app}/.well-known/openid-configuration`,
	`/apps/${app}/.well-known/oauth-authorization-server`,
	`/apps/${app}/oidc/jwks`,
	`/apps/${app}/oidc/auth?client_id=web&response_type=code&scope=openid&redirect_uri=http%3A%2F%2F127.0.0.1%3A5555%2Fcb&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256`,
	`/apps/${app}/oidc/auth?client_id=nobody`,
	`/apps/${app}/oidc/logout`,
	`/apps/${app}/account`,
	`/apps/${app}`,
	`/apps/${app}/sign-in`,
	`/apps/${app}/recover`,
	'/',
	'/admin',
];

const changing = new Set(['date', 'menshen-request', 'etag', 'set-cookie', 'content-length']);
/** What the answer says that does not differ from one request to the next. */
const said = ({ status, headers, body }: Awaited<ReturnType<typeof send>>) => ({
	status,
	headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !changing.has(name))),
	body: body.replace(/name="xsrf" value="\w+"/, ''),
});
const withoutUid = (text: string) => text.replace(/(interaction|oidc\/auth)\/[\w-]+/g, '$1/uid');
const host = () => new URL(target.origin).host;

describe('A02: an address is what ORIGIN says', () => {
	it.each(paths)('%s is the same to the byte, whatever the caller claims', async (path) => {
		const honest = said(await send(target.at, { path, headers: { host: host() } }));
		for (const lie of lies) {
			const got = said(await send(target.at, { path, headers: { host: host(), ...lie } }));
			expect(withoutUid(JSON.stringify(got)), JSON.stringify(lie)).toBe(withoutUid(JSON.stringify(honest)));
			expect(JSON.stringify(got)).not.toContain('evil');
		}
	});

	it('cookies of an engine keep name, path and attributes', async () => {
		const names = async (headers: Record<string, string>) =>
			(await send(target.at, { path: paths[3] ?? '', headers })).cookies
				.map((line) => withoutUid(line.replace(/=[^;]*/, '').replace(/expires=[^;]*/i, '')))
				.sort();
		const honest = await names({ host: host() });
		expect(honest.length).toBeGreaterThan(0);
		for (const lie of lies)
			expect(await names({ host: host(), ...lie }), JSON.stringify(lie)).toEqual(honest);
	});

	it('a page load by another name is shown the right one, without a link to the wrong one', async () => {
		const got = await send(target.at, {
			path: `/apps/${app}/sign-in`,
			headers: { host: evil, accept: 'text/html' },
		});
		expect(got.status).toBe(421);
		expect(got.body).toContain(target.origin);
		expect(got.body).not.toContain(evil);
	});

	it('the claim of an untrusted caller about its host is not a reason to refuse it', async () => {
		const got = await send(target.at, {
			path: `/apps/${app}/sign-in`,
			headers: { host: host(), accept: 'text/html', 'x-forwarded-host': evil },
		});
		expect(got.status).toBe(200);
	});

	it.each([`http://${evil}`, `https://${evil}:444`, `HTTP://user:pass@${evil}`, 'http://[::1]:1'])(
		'a request line with %s in full is not another address',
		async (authority) => {
			for (const path of [
				`/apps/${app}/.well-known/openid-configuration`,
				`/apps/${app}/account`,
				'/admin',
			]) {
				const answer = await sendBytes(
					target.at,
					`GET ${authority}${path} HTTP/1.1\r\nHost: ${evil}\r\nConnection: close\r\n\r\n`,
				);
				expect(answer).toMatch(/^HTTP\/1\.1 [234]\d\d /);
				expect(answer).not.toContain('evil');
			}
		},
	);
});

describe('A02, C13: mails', () => {
	const ask = (path: string, fields: Record<string, string>, lie: Sent['headers']) =>
		post(target.at, path, fields, { host: host(), origin: target.origin, ...lie });
	it('carry links of ORIGIN, whatever was claimed when they were asked for', async () => {
		const asked = lies.map(async (lie, index) => {
			const email = `person${index}@example.com`;
			await target.api('auth.register', {
				input: { username: `person${index}`, email, password: 'a-long-enough-secret' },
				headers: lie,
			});
			const got = await ask(`/apps/${app}/recover`, { identifier: `person${index}` }, lie);
			expect([303, 403, 421]).toContain(got.status);
		});
		await Promise.all(asked);
		await target.api('auth.sendCode', {
			input: { purpose: 'recover', identifier: 'alice' },
			headers: { host: evil, 'x-forwarded-host': evil },
		});
		const mails = await target.mails();
		expect(mails.length).toBeGreaterThan(lies.length);
		const links = mails.flatMap(({ content }) => content.text.match(/[a-z]+:\/\/\S+/gi) ?? []);
		expect(links.length).toBeGreaterThanOrEqual(mails.length);
		for (const link of links) expect(link.startsWith(`${target.origin}/apps/${app}/`), link).toBe(true);
		expect(JSON.stringify(mails)).not.toContain('evil');
	});
});
