/** E06, E07: marked secrets go through everything the product does, and are then looked for everywhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../conformance/browser';
import { callApi } from '../api';
import { freePort } from '../appliance';
import { app, startTarget, type Target } from './target';
import { cookieHeader, post, send, type Got } from './wire';

const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const redirect = 'https://rp.example/cb';
/** Typed by people and operators. */
const chosen = {
	applied: 'Canary-applied-password-7f3a',
	registered: 'Canary-registered-password-91bc',
	wrong: 'Canary-wrong-password-22de',
	wrongAsName: 'Canary-password-typed-as-name-5aa1',
	changed: 'Canary-changed-password-77f0',
	recovered: 'Canary-recovered-password-0c1d',
	set: 'Canary-set-password-66b2',
	operator: 'Canary-operator-password-31ee',
	client: 'Canary-client-secret-48ab',
	wrongClient: 'Canary-wrong-client-secret-90aa',
	smtp: 'Canary-smtp-password-1b77',
	bearer: 'mss_canarybearer5d5d5d5d5d',
	bearerToken: 'CanaryAccessToken8e8e8e8e',
} as const;
/** Made by the product: collected as they come by. */
const made = new Map<string, string>();

let target: Target;
let host: string;
/** All that was answered, with where. */
const answers: { where: string; got: Got }[] = [];

const own = () => ({ host, origin: target.origin });
async function seen(where: string, asked: Promise<Got>): Promise<Got> {
	const got = await asked;
	answers.push({ where, got });
	return got;
}
const form = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
	seen(`POST ${path}`, post(target.at, path, fields, { ...own(), ...headers }));
const page = (path: string, headers: Record<string, string> = {}) =>
	seen(`GET ${path}`, send(target.at, { path, headers: { ...own(), accept: 'text/html', ...headers } }));
const api = (procedure: string, input: unknown, headers: Record<string, string> = {}) =>
	seen(procedure, target.api(procedure, { input, headers }));

function keepCookies(name: string, got: Got): string {
	for (const line of got.cookies) {
		const [pair = ''] = line.split(';');
		const value = pair.slice(pair.indexOf('=') + 1);
		if (/menshen-(4|operator|known)/.test(pair) && value)
			made.set(`${name} cookie ${pair.split('=')[0]}`, value);
	}
	return cookieHeader(got);
}

async function peopleDoEverything(): Promise<void> {
	keepCookies(
		'registered',
		await form(`/apps/${app}/register`, {
			username: 'bob',
			email: 'bob@example.com',
			password: chosen.registered,
		}),
	);
	await form(`/apps/${app}/sign-in`, { identifier: 'bob', password: chosen.wrong });
	await form(`/apps/${app}/sign-in`, { identifier: chosen.wrongAsName, password: 'x' });
	await api('auth.signIn', { identifier: chosen.wrongAsName, password: chosen.wrong });
	await api('auth.signIn', { identifier: 'bob', password: chosen.wrong, extra: chosen.wrong });
	await form(`/apps/${app}/register`, { username: 'b', password: chosen.wrong });
	await form(`/admin/sign-in`, { email: chosen.wrongAsName, password: chosen.wrong });
	const cookie = keepCookies(
		'signed in',
		await form(`/apps/${app}/sign-in`, { identifier: 'bob', password: chosen.registered }),
	);
	const changed = await form(
		`/apps/${app}/account/security?/changePassword`,
		{ password: chosen.registered, newPassword: chosen.changed },
		{ cookie },
	);
	const current = keepCookies('changed', changed);
	for (const path of ['', '/security', '/apps'])
		for (const data of ['', '/__data.json'])
			await page(`/apps/${app}/account${path}${data}`, { cookie: current });
	await form(`/apps/${app}/recover`, { identifier: 'bob' });
	const mail = (await target.mails()).find(({ purpose }) => purpose === 'recover');
	const link = /\?token=([\w-]+)/.exec(mail?.content.text ?? '')?.[1] ?? '';
	made.set('recovery link', link);
	await page(`/apps/${app}/recover?token=${link}`);
	await form(`/apps/${app}/recover?token=${link}`, { newPassword: 'short' });
	await form(`/apps/${app}/recover?token=${link}`, { newPassword: chosen.recovered });
	keepCookies(
		'recovered',
		await form(`/apps/${app}/sign-in`, { identifier: 'bob', password: chosen.recovered }),
	);
	await api('me.get', undefined, { authorization: `Bearer ${chosen.bearer}` });
	await api('me.get', undefined, { authorization: `Bearer ${chosen.bearerToken}` });
	const token = await callApi(
		{ origin: target.origin, app, headers: { 'menshen-session': 'token' } },
		'auth.signIn',
		{ identifier: 'bob', password: chosen.recovered },
	);
	made.set(
		'session in a body',
		(token.data as { session: { token: string } }).session.token.replace(/^mss_/, ''),
	);
}

async function clientsDoEverything(): Promise<void> {
	const browser = new Browser(target.origin);
	const query = new URLSearchParams({
		client_id: 'web',
		response_type: 'code',
		scope: 'openid profile email offline_access',
		prompt: 'consent',
		redirect_uri: redirect,
		code_challenge: challenge,
		code_challenge_method: 'S256',
	});
	let step = await browser.open(`${target.origin}/apps/${app}/oidc/auth?${query.toString()}`);
	step = await browser.open(step.url, { identifier: 'alice', password: chosen.applied });
	step = await browser.open(step.url, { decision: 'allow' });
	const code = step.url.searchParams.get('code') ?? '';
	made.set('authorization code', code);
	for (const { name, value } of browser.cookies)
		if (/menshen-(4|op|known)/.test(name) && !name.endsWith('.sig')) made.set(`browser ${name}`, value);
	const exchange = {
		grant_type: 'authorization_code',
		code,
		redirect_uri: redirect,
		code_verifier: verifier,
	};
	const basic = (secret: string) => ({
		authorization: `Basic ${Buffer.from(`web:${secret}`).toString('base64')}`,
	});
	await form(`/apps/${app}/oidc/token`, exchange, basic(chosen.wrongClient));
	await form(`/apps/${app}/oidc/token`, { ...exchange, client_id: 'web', client_secret: chosen.wrongClient });
	const tokens = JSON.parse(
		(await post(target.at, `/apps/${app}/oidc/token`, exchange, basic(chosen.client))).body,
	) as Record<'access_token' | 'refresh_token' | 'id_token', string>;
	for (const name of ['access_token', 'refresh_token'] as const) made.set(name, tokens[name]);
	made.set('signature of the ID token', tokens.id_token.split('.')[2] ?? '');
	await page(`/apps/${app}/oidc/userinfo`, { authorization: `Bearer ${tokens.access_token}` });
	const renewed = JSON.parse(
		(
			await post(
				target.at,
				`/apps/${app}/oidc/token`,
				{ grant_type: 'refresh_token', refresh_token: tokens.refresh_token },
				basic(chosen.client),
			)
		).body,
	) as typeof tokens;
	made.set('renewed refresh token', renewed.refresh_token);
	// A spent one, again: refused, logged, written down.
	await form(`/apps/${app}/oidc/token`, exchange, basic(chosen.client));
	await form(`/apps/${app}/oidc/introspection`, { token: renewed.access_token }, basic(chosen.client));
	await form(`/apps/${app}/oidc/revocation`, { token: renewed.refresh_token }, basic(chosen.client));
	await page(`/apps/${app}/oidc/logout?id_token_hint=${tokens.id_token}`, { cookie: browser.headerFor('/') });
}

async function operatorsDoEverything(): Promise<void> {
	const cookie = await target.owner();
	for (const pair of cookie.split('; ')) made.set('owner cookie', pair.slice(pair.indexOf('=') + 1));
	const headers = { cookie };
	await api(
		'admin.operators.add',
		{ email: 'second@example.com', password: chosen.operator, role: 'operator' },
		headers,
	);
	await api(
		'admin.operators.resetPassword',
		{ email: 'second@example.com', newPassword: chosen.operator },
		headers,
	);
	const id = (
		(await target.api('admin.users.list', { input: { search: 'alice' }, headers })).data as {
			users: { id: string }[];
		}
	).users[0]?.id;
	await api('admin.users.setPassword', { id, newPassword: chosen.set }, headers);
	await api(
		'admin.connectors.save',
		{
			id: 'smtp',
			values: {
				host: '127.0.0.1',
				port: await freePort(),
				username: 'mailer',
				password: chosen.smtp,
				from: 'id@example.com',
			},
		},
		headers,
	);
	await api('admin.connectors.form', { id: 'smtp' }, headers);
	await api('admin.connectors.test', { id: 'smtp' }, headers);
	await api('admin.connectors.list', undefined, headers);
	const rotated = await target.api('admin.clients.rotateSecret', { input: { id: 'web' }, headers });
	made.set('rotated client secret', (rotated.data as { secret: string }).secret);
	for (const procedure of [
		'admin.clients.list',
		'admin.users.list',
		'admin.audit.list',
		'admin.messages.list',
		'admin.apps.get',
	])
		await api(
			procedure,
			procedure === 'admin.clients.list' || procedure === 'admin.apps.get' ? undefined : {},
			headers,
		);
	const paths = [
		'',
		`/apps/${app}`,
		`/apps/${app}/clients`,
		`/apps/${app}/clients/web`,
		`/apps/${app}/connectors`,
		`/apps/${app}/messages`,
		`/apps/${app}/messages/senders/smtp`,
		`/apps/${app}/users`,
		`/apps/${app}/users/${id}`,
		`/apps/${app}/keys`,
		`/apps/${app}/audit`,
		`/apps/${app}/settings`,
		'/audit',
		'/operators',
		'/settings',
		'/plugins',
	];
	for (const path of paths)
		for (const data of ['', '/__data.json']) await page(`/admin${path}${data}`, headers);
}

beforeAll(async () => {
	target = await startTarget({
		env: { LOG_LEVEL: 'trace' },
		apply: `apps:
  - id: ${app}
    name: Demo
    clients:
      - { id: web, name: Demo web, secret: ${chosen.client}, redirectUris: ['${redirect}'] }
    users:
      - { username: alice, email: alice@example.com, emailVerified: true, password: ${chosen.applied} }
`,
	});
	host = new URL(target.origin).host;
	await peopleDoEverything();
	await clientsDoEverything();
	await operatorsDoEverything();
	// Delivery by the sender that cannot be reached, its retries and its log.
	await api('admin.apps.update', { senders: { email: 'smtp', sms: '' } }, { cookie: await target.owner() });
	await form(`/apps/${app}/recover`, { identifier: 'alice' });
}, 180_000);
afterAll(() => target.stop());

const all = () => [...Object.entries(chosen), ...made].filter(([, value]) => value.length >= 8);
/** As it is, and as it would be in a URL, in JSON, in base64 and in hex. */
const spellings = (value: string) => [
	...new Set([
		value,
		encodeURIComponent(value),
		Buffer.from(value).toString('hex'),
		Buffer.from(value).toString('base64').slice(0, -3),
	]),
];

describe('E06: marked secrets', () => {
	it('were collected, so that not finding them means something', () => {
		expect(made.size).toBeGreaterThan(12);
		for (const [name, value] of made) expect(value.length, name).toBeGreaterThanOrEqual(8);
		expect(answers.filter(({ got }) => got.status === 200).length).toBeGreaterThan(40);
	});

	it('are in no line that the process printed, at the most talkative level', () => {
		const printed = target.appliance.output();
		expect(printed.length).toBeGreaterThan(500);
		const found = all().flatMap(([name, value]) =>
			spellings(value)
				.filter((text) => printed.includes(text))
				.map(() => name),
		);
		expect(found).toEqual([]);
	});

	it('are in no answer, beyond the one that hands them out', () => {
		const found = answers.flatMap(({ where, got }) => {
			// What a person typed into a field that is not secret is shown to them again; a page may lead to itself.
			const shown = [
				...(where.startsWith('POST') ? [chosen.wrongAsName] : []),
				/token=(.*)/.exec(where)?.[1],
			];
			const text = `${got.body}\n${JSON.stringify({ ...got.headers, 'set-cookie': '' })}`;
			return all()
				.filter(
					([, value]) =>
						!shown.includes(value) && spellings(value).some((spelling) => text.includes(spelling)),
				)
				.map(([name]) => `${name} in ${where}`);
		});
		expect(found).toEqual([]);
	});

	it('are not in the audit log, nor is a password that was typed as a name', async () => {
		const headers = { cookie: await target.owner() };
		const logs = await Promise.all(
			[app, null].map((of) => target.api('admin.audit.list', { input: { limit: 200 }, app: of, headers })),
		);
		const text = logs.map(({ body }) => body).join('\n');
		expect(text).toContain('user.recover');
		expect(
			all()
				.filter(([, value]) => text.includes(value))
				.map(([name]) => name),
		).toEqual([]);
	});
});

describe('E07: on disk', () => {
	function* files(folder: string): Generator<string> {
		for (const entry of readdirSync(folder, { withFileTypes: true })) {
			const path = join(folder, entry.name);
			if (entry.isDirectory()) yield* files(path);
			else if (entry.isFile() && entry.name !== 'apply.yaml') yield path;
		}
	}
	it('no password, token, code, session, client secret, connector secret or private key is readable in any file', async () => {
		const paths = [...files(target.appliance.dataDir)];
		expect(paths.some((path) => path.endsWith('app.db'))).toBe(true);
		const found = paths.flatMap((path) => {
			const bytes = readFileSync(path);
			const secrets = all().filter(
				([, value]) =>
					spellings(value).some((text) => bytes.includes(text)) ||
					bytes.includes(Buffer.from(value, 'utf16le')),
			);
			const keys = ['"d":"', '"dp":"', 'PRIVATE KEY'].filter((mark) => bytes.includes(mark));
			return [...secrets.map(([name]) => `${name} in ${path}`), ...keys.map((mark) => `${mark} in ${path}`)];
		});
		expect(found).toEqual([]);
	});

	it('neither are the codes in mails nor what mails say', async () => {
		const mails = await target.mails();
		expect(mails.length).toBeGreaterThan(0);
		for (const path of files(target.appliance.dataDir)) {
			const bytes = readFileSync(path);
			for (const { content } of mails) expect(bytes.includes(content.text.slice(0, 40)), path).toBe(false);
		}
	});

	it('the master key is in its own file only', () => {
		const key = readFileSync(join(target.appliance.dataDir, 'master.key'));
		const raw = Buffer.from(key.toString().trim(), 'base64');
		expect(raw.length).toBe(32);
		for (const path of files(target.appliance.dataDir)) {
			if (path.endsWith('master.key')) continue;
			const bytes = readFileSync(path);
			expect(
				bytes.includes(raw) || bytes.includes(key.toString().trim()) || bytes.includes(raw.toString('hex')),
				path,
			).toBe(false);
		}
	});
});

describe('E06: set-up', () => {
	it('the code of the first run is printed for the person who started it, and is in no log line and no file', async () => {
		const fresh = await startTarget({ apply: '', claimed: false, env: { LOG_LEVEL: 'trace' } });
		try {
			const code = fresh.appliance.setupCode();
			expect(code.length).toBeGreaterThan(8);
			const jsonLines = () =>
				fresh.appliance
					.output()
					.split('\n')
					.filter((line) => line.startsWith('{'))
					.join('\n');
			expect(jsonLines()).not.toContain(code);
			const headers = { host: new URL(fresh.origin).host, origin: fresh.origin };
			const claimed = await post(
				fresh.at,
				'/setup',
				{ setupCode: code, email: 'owner@example.com', password: chosen.operator },
				headers,
			);
			expect(claimed.status).toBe(303);
			// C16: once only.
			const again = await post(
				fresh.at,
				'/setup',
				{ setupCode: code, email: 'second@example.com', password: chosen.operator },
				headers,
			);
			expect(again.status).toBe(409);
			expect(jsonLines()).not.toContain(code);
			for (const path of readdirSync(fresh.appliance.dataDir).filter((name) => name.includes('control.db')))
				expect(readFileSync(join(fresh.appliance.dataDir, path)).includes(code), path).toBe(false);
		} finally {
			await fresh.stop();
		}
	});
});
