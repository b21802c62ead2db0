/** D03: no page of another site changes anything here, whatever method, content type and Origin it finds. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app, password, startTarget, type Target } from './target';
import { send, type Got } from './wire';

const foreign: Record<string, string>[] = [
	{ origin: 'https://evil.example' },
	{ origin: 'null' },
	{ origin: '' },
	{ origin: 'http://localhost' },
	{ origin: 'file://' },
	{ 'sec-fetch-site': 'cross-site' },
	{ 'sec-fetch-site': 'same-site' },
	{ 'sec-fetch-site': 'none' },
	{ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
];
/** Also what differs from ORIGIN by a little. */
const nearly = (origin: string) =>
	[
		`${origin}.evil.example`,
		`${origin}@evil.example`,
		`${origin}/`,
		origin.toUpperCase(),
		origin.replace('http:', 'https:'),
		`${origin}0`,
		`evil, ${origin}`,
		`${origin} `,
	].filter((one) => one.trim() !== origin);

const urlencoded = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
const multipart = (fields: Record<string, string>) =>
	`${Object.entries(fields)
		.map(([name, value]) => `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
		.join('')}--x--\r\n`;
const plain = (fields: Record<string, string>) =>
	Object.entries(fields)
		.map(([name, value]) => `${name}=${value}`)
		.join('\r\n');

const encodings: [type: string | undefined, encode: (fields: Record<string, string>) => string][] = [
	['application/x-www-form-urlencoded', urlencoded],
	['Application/X-WWW-Form-URLEncoded', urlencoded],
	['APPLICATION/X-WWW-FORM-URLENCODED ; charset=utf-8', urlencoded],
	[' application/x-www-form-urlencoded', urlencoded],
	['application/x-www-form-urlencoded, application/json', urlencoded],
	['multipart/form-data; boundary=x', multipart],
	['Multipart/Form-Data; Boundary=x', multipart],
	['text/plain', plain],
	['TEXT/Plain;charset=UTF-8', plain],
	['application/x-sveltekit-formdata', urlencoded],
	['application/json', JSON.stringify],
	[undefined, urlencoded],
	['', urlencoded],
	['*/*', urlencoded],
];
const methods = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** Every form action that acts for a signed-in user, with input that would work. */
const actions: [path: string, who: 'user' | 'owner', fields: Record<string, string>][] = [
	[`/apps/${app}/sign-out`, 'user', {}],
	[`/apps/${app}/account?/profile`, 'user', { name: 'Taken Over', locale: 'zh-CN' }],
	[`/apps/${app}/account/security?/changePassword`, 'user', { password, newPassword: 'taken-over-now' }],
	[`/apps/${app}/account/security?/endOthers`, 'user', {}],
	[`/apps/${app}/account/apps?/revoke`, 'user', { clientId: 'web' }],
	[`/apps/${app}/sign-in`, 'user', { identifier: 'mallory', password }],
	[`/apps/${app}/register`, 'user', { username: 'forged', password }],
	['/admin/sign-out', 'owner', {}],
	['/admin/apps/new', 'owner', { name: 'Forged app' }],
	[`/admin/apps/${app}/users/new`, 'owner', { username: 'forged', password }],
	[
		'/admin/operators/new',
		'owner',
		{ email: 'forged@example.com', password: 'taken-over-now', role: 'owner' },
	],
];

describe.each([
	['unset', undefined],
	['test', 'test'],
	['development', 'development'],
])('with NODE_ENV %s', (_, nodeEnv) => {
	let target: Target;
	let cookies: { user: string; owner: string };
	let host: string;
	beforeAll(async () => {
		target = await startTarget(nodeEnv ? { env: { NODE_ENV: nodeEnv } } : {});
		await target.api('auth.register', { input: { username: 'mallory', password } });
		cookies = { user: await target.signIn('alice'), owner: await target.owner() };
		host = new URL(target.origin).host;
	});
	afterAll(() => target.stop());

	/** All that a forged request might have changed. */
	async function state(): Promise<unknown> {
		const headers = { cookie: cookies.owner };
		const [me, sessions, users, apps, operators] = await Promise.all([
			target.api('me.get', { headers: { cookie: cookies.user } }),
			target.api('me.sessions.list', { headers: { cookie: cookies.user } }),
			target.api('admin.users.list', { headers, input: { limit: 200 } }),
			target.api('admin.apps.list', { headers, app: null }),
			target.api('admin.operators.list', { headers, app: null }),
		]);
		for (const got of [me, sessions, users, apps, operators]) expect(got.status).toBe(200);
		const ids = (sessions.data as { id: string }[]).map(({ id }) => id).sort();
		const people = (users.data as { users: { id: string; updatedAt: number }[] }).users.map(({ id }) => id);
		return {
			me: { ...(me.data as object), lastSignInAt: 0 },
			ids,
			people,
			apps: apps.data,
			operators: operators.data,
		};
	}

	const forge = (
		path: string,
		{
			method = 'POST',
			headers = {},
			body,
		}: { method?: string; headers?: Record<string, string>; body?: string },
	): Promise<Got> =>
		send(target.at, {
			method,
			path,
			headers: { host, accept: 'text/html', ...headers },
			...(body === undefined ? {} : { body }),
		});
	const typed = (type: string | undefined): Record<string, string> =>
		type === undefined ? {} : { 'content-type': type };

	it('the forms themselves do what they say when they come from our own page', async () => {
		const got = await forge(`/apps/${app}/account?/profile`, {
			headers: {
				cookie: cookies.user,
				origin: target.origin,
				'content-type': 'application/x-www-form-urlencoded',
			},
			body: urlencoded({ name: 'Alice' }),
		});
		expect(got.status).toBe(200);
		expect((await target.api('me.get', { headers: { cookie: cookies.user } })).data).toMatchObject({
			name: 'Alice',
		});
	});

	it('no form action acts for a signed-in browser on the word of another site', async () => {
		const before = await state();
		const origins = [...foreign, ...nearly(target.origin).map((origin) => ({ origin }))];
		const answers = new Map<string, number>();
		for (const [index, [path, who, fields]] of actions.entries())
			for (const [type, encode] of encodings)
				for (const method of methods) {
					// Each combination of type and method meets each origin at some action.
					for (const lie of method === 'POST'
						? origins
						: [origins[(index + encodings.length) % origins.length] ?? {}]) {
						const got = await forge(path, {
							method,
							headers: { cookie: cookies[who], ...typed(type), ...lie },
							body: encode(fields),
						});
						const hint = `${method} ${path} ${type} ${JSON.stringify(lie)}`;
						expect([400, 403, 405, 415], hint).toContain(got.status);
						expect(got.cookies, hint).toEqual([]);
						answers.set(`${method} ${got.status}`, (answers.get(`${method} ${got.status}`) ?? 0) + 1);
					}
				}
		expect(answers.get('POST 403')).toBeGreaterThan(500);
		expect(await state()).toEqual(before);
	}, 180_000);

	it('no user is signed in as another one by a form of another site (login CSRF)', async () => {
		for (const [type, encode] of encodings)
			for (const lie of [
				...foreign.filter((one) => one['sec-fetch-site'] !== 'none'),
				...nearly(target.origin).map((origin) => ({ origin })),
			])
				for (const path of [`/apps/${app}/sign-in`, '/admin/sign-in', `/apps/${app}/register`]) {
					const got = await forge(path, {
						headers: { ...typed(type), ...lie },
						body: encode({
							identifier: 'mallory',
							email: 'owner@example.com',
							username: 'forged2',
							password: path.startsWith('/admin') ? 'a-long-owner-secret' : password,
						}),
					});
					const hint = `${path} ${type} ${JSON.stringify(lie)}`;
					expect(
						got.cookies.filter((line) => !line.includes('locale')),
						hint,
					).toEqual([]);
					expect(got.status, hint).toBeGreaterThanOrEqual(400);
				}
	}, 180_000);

	it('no procedure acts for a signed-in browser on the word of another site', async () => {
		const before = await state();
		const calls: [procedure: string, who: 'user' | 'owner', input: object][] = [
			['me.update', 'user', { name: 'Taken Over' }],
			['me.changePassword', 'user', { password, newPassword: 'taken-over-now' }],
			['me.sessions.endOthers', 'user', {}],
			['auth.signOut', 'user', {}],
			['auth.signIn', 'user', { identifier: 'mallory', password }],
			['admin.users.create', 'owner', { username: 'forged', password }],
			['admin.apps.create', 'owner', { name: 'Forged app' }],
			[
				'admin.operators.add',
				'owner',
				{ email: 'forged@example.com', password: 'taken-over-now', role: 'owner' },
			],
		];
		const origins = [
			...foreign.filter((one) => one['sec-fetch-site'] !== 'none'),
			...nearly(target.origin).map((origin) => ({ origin })),
		];
		for (const [procedure, who, input] of calls)
			for (const type of [
				'application/json',
				'Application/JSON',
				'text/plain',
				'application/x-www-form-urlencoded',
				undefined,
				'multipart/form-data; boundary=x',
				'text/plain; application/json',
			])
				for (const method of methods)
					for (const lie of origins) {
						const got = await forge(`/trpc/${procedure}`, {
							method,
							headers: { cookie: cookies[who], 'menshen-app': String(app), ...typed(type), ...lie },
							body: JSON.stringify(input),
						});
						const hint = `${method} ${procedure} ${type} ${JSON.stringify(lie)}`;
						expect(got.status, hint).toBeGreaterThanOrEqual(400);
						expect(got.status, hint).toBeLessThan(500);
						expect(got.cookies, hint).toEqual([]);
					}
		// What changes something is never asked by GET.
		for (const [procedure, who, input] of calls) {
			const got = await send(target.at, {
				path: `/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`,
				headers: { cookie: cookies[who], 'menshen-app': String(app) },
			});
			expect(got.status, procedure).toBeGreaterThanOrEqual(400);
		}
		expect(await state()).toEqual(before);
	}, 180_000);

	it('no page of another site reads what a signed-in browser may read', async () => {
		for (const path of [
			'/trpc/me.get',
			'/trpc/me.sessions.list',
			'/trpc/admin.users.list?input=%7B%7D',
			'/trpc/admin.apps.list',
		]) {
			const got = await send(target.at, {
				path,
				headers: {
					cookie: `${cookies.user}; ${cookies.owner}`,
					'menshen-app': String(app),
					origin: 'https://evil.example',
				},
			});
			expect(got.status, path).toBeGreaterThanOrEqual(400);
			expect(got.headers['access-control-allow-origin'] ?? '', path).not.toMatch(/evil|\*/);
			expect(got.headers['access-control-allow-credentials'], path).toBeUndefined();
		}
		for (const path of [`/apps/${app}/account/__data.json`, '/admin/__data.json', `/apps/${app}/account`]) {
			const got = await send(target.at, {
				path,
				headers: { host, cookie: `${cookies.user}; ${cookies.owner}`, origin: 'https://evil.example' },
			});
			expect(got.headers['access-control-allow-origin'], path).toBeUndefined();
			expect(got.headers['cross-origin-opener-policy'], path).toBe('same-origin');
		}
	});

	it('a page load alone changes nothing', async () => {
		const before = await state();
		for (const path of [
			`/apps/${app}/sign-out`,
			'/admin/sign-out',
			`/apps/${app}/account?/profile`,
			`/apps/${app}/account/security?/endOthers`,
		])
			for (const method of ['GET', 'HEAD', 'OPTIONS'])
				await forge(path, { method, headers: { cookie: `${cookies.user}; ${cookies.owner}` } });
		expect(await state()).toEqual(before);
	});
});
