/** D08: every procedure with ids of another person and of another app, called by each kind of caller. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authenticator } from '../../plugins/passkey/authenticator-under-test';
import { startEmulator, type MiniProgramEmulator } from '../../plugins/wechat-miniprogram/emulator';
import { procedures } from '../../src/lib/server/trpc/procedures';
import { Browser } from '../conformance/browser';
import { endpointsEnv } from '../emulators/vendors';
import { password, startTarget, type ApiGot, type Target } from './target';
import { connectorsLine } from './vendors';
import { post, send } from './wire';

const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const redirect = 'https://rp.example/cb';

let wechat: MiniProgramEmulator;
const appBlock = (id: number) => `
  - id: ${id}
    name: App ${id}
    roles:
      - { id: admin, name: Administrator, permissions: [] }
    clients:
      - { id: first, name: First party, firstParty: true, secret: a-secret-of-first-party, redirectUris: ['${redirect}'] }
      - { id: third${id}, name: Third party, secret: a-secret-of-third-party, redirectUris: ['${redirect}'] }
    users:
      - { username: alice, email: alice${id}@example.com, emailVerified: true, password: ${password} }
      - { username: bob, email: bob${id}@example.com, emailVerified: true, password: ${password} }
      - { username: dora, password: ${password} }
      - { username: chief, password: ${password}, roles: [admin] }
${connectorsLine({ 'wechat-miniprogram': wechat }, ['passkey'])}`;

type Who =
	| 'nobody'
	| 'user'
	| 'otherApp'
	| 'token'
	| 'adminToken'
	| 'thirdToken'
	| 'otherAdminToken'
	| 'operator'
	| 'owner';
/** Callers whose proof reaches a procedure at all; others are refused before any check of ids. */
const levels = {
	anybody: [
		'nobody',
		'user',
		'otherApp',
		'token',
		'adminToken',
		'thirdToken',
		'otherAdminToken',
		'operator',
		'owner',
	],
	user: ['user', 'token'],
	session: ['user'],
	appAdmin: ['adminToken', 'operator', 'owner'],
	operator: ['operator', 'owner'],
	owner: ['owner'],
	/** The command line, which does not call over the network. */
	commandLine: [],
} as const satisfies Record<string, readonly Who[]>;

interface Ids {
	bob: string;
	/** Bob of the other app. */
	stranger: string;
	bobSession: string;
	message: string;
	otherMessage: string;
	/** What signs bob in, here and in the other app. */
	bobIdentity: string;
	strangerIdentity: string;
	bobPasskey: string;
	strangerPasskey: string;
}

interface Row {
	level: keyof typeof levels;
	/** Complete enough to reach what the procedure does, with ids that are not the caller's. */
	input?: (ids: Ids) => unknown;
}

/** Every procedure there is: a new one fails the first test until it is listed here. */
const table: Record<string, Row> = {
	'auth.register': { level: 'anybody' },
	'auth.completeRegistration': { level: 'anybody' },
	'auth.signIn': { level: 'anybody' },
	'auth.methods': { level: 'anybody' },
	'auth.signInWithCode': { level: 'anybody' },
	'auth.signInWithTicket': { level: 'anybody' },
	'auth.joinExternal': { level: 'anybody' },
	'auth.proveJoining': { level: 'anybody' },
	'auth.passkeyOptions': { level: 'anybody' },
	'auth.signInWithPasskey': { level: 'anybody' },
	'auth.scan.begin': { level: 'anybody' },
	'auth.scan.watch': { level: 'anybody' },
	'auth.scan.collect': { level: 'anybody' },
	'auth.scan.open': { level: 'anybody' },
	'auth.scan.confirm': { level: 'anybody' },
	'auth.scan.deny': { level: 'anybody' },
	'auth.signOut': { level: 'anybody' },
	'auth.sendCode': { level: 'anybody' },
	'auth.resetPassword': { level: 'anybody' },
	'auth.verifyEmail': { level: 'anybody' },
	'me.get': { level: 'user' },
	'me.update': { level: 'user', input: () => ({}) },
	'me.changePassword': {
		level: 'session',
		input: () => ({ password: 'wrong-wrong', newPassword: 'another-good-one' }),
	},
	'me.becomeUser': {
		level: 'session',
		input: () => ({ username: 'somebody-new', newPassword: 'another-good-one' }),
	},
	'me.changeEmail': {
		level: 'session',
		input: () => ({ email: 'taken@example.com', password: 'wrong-wrong' }),
	},
	'me.confirmNewEmail': {
		level: 'session',
		input: () => ({ email: 'taken@example.com', code: '000000' }),
	},
	'me.removeEmail': { level: 'session', input: () => ({ password: 'wrong-wrong' }) },
	'me.removePhone': { level: 'session', input: () => ({ password: 'wrong-wrong' }) },
	'me.sessions.list': { level: 'user' },
	'me.sessions.end': { level: 'user', input: ({ bobSession }) => ({ id: bobSession }) },
	'me.sessions.endOthers': { level: 'session' },
	'me.identities.list': { level: 'user' },
	'me.identities.linkTicket': {
		level: 'session',
		input: () => ({ connector: 'nothing-like-it', ticket: 'x', password }),
	},
	'me.identities.linkPending': { level: 'session', input: () => ({ pending: 'of-somebody-else', password }) },
	'me.identities.beginScan': {
		level: 'session',
		input: () => ({ connector: 'nothing-like-it', password }),
	},
	'me.identities.linkScan': { level: 'session', input: () => ({ secret: 'of-somebody-else' }) },
	'me.identities.unlink': {
		level: 'session',
		input: ({ bobIdentity }) => ({ id: bobIdentity, password }),
	},
	'me.passkeys.list': { level: 'user' },
	'me.passkeys.options': { level: 'session', input: () => ({ password }) },
	'me.passkeys.add': {
		level: 'session',
		input: ({ bobPasskey }) => ({ ceremony: 'of-somebody-else', response: { id: bobPasskey } }),
	},
	'me.passkeys.remove': { level: 'session', input: ({ bobPasskey }) => ({ id: bobPasskey, password }) },
	'me.consents.list': { level: 'user' },
	'me.consents.revoke': { level: 'user', input: () => ({ clientId: 'third4' }) },
	'admin.apps.list': { level: 'operator' },
	'admin.apps.get': { level: 'appAdmin' },
	'admin.apps.create': { level: 'operator', input: () => ({ id: 5, name: 'taken' }) },
	'admin.apps.update': { level: 'operator', input: () => ({}) },
	'admin.apps.delete': { level: 'operator', input: () => ({ id: 999 }) },
	'admin.apps.uploadLogo': { level: 'operator', input: () => ({ data: 'AAAA' }) },
	'admin.users.list': { level: 'appAdmin', input: () => ({}) },
	'admin.users.get': { level: 'appAdmin', input: ({ stranger }) => ({ id: stranger }) },
	'admin.users.create': { level: 'operator', input: () => ({ username: 'bob' }) },
	'admin.users.update': {
		level: 'operator',
		input: ({ stranger }) => ({ id: stranger, name: 'Taken Over' }),
	},
	'admin.users.setPassword': {
		level: 'operator',
		input: ({ stranger }) => ({ id: stranger, newPassword: 'taken-over-now' }),
	},
	'admin.users.sendRecovery': { level: 'operator', input: ({ stranger }) => ({ id: stranger }) },
	'admin.users.signOutEverywhere': { level: 'appAdmin', input: ({ stranger }) => ({ id: stranger }) },
	'admin.users.delete': { level: 'operator', input: ({ stranger }) => ({ id: stranger }) },
	'admin.users.identities.list': { level: 'appAdmin', input: ({ stranger }) => ({ id: stranger }) },
	'admin.users.identities.unlink': {
		level: 'operator',
		input: ({ strangerIdentity }) => ({ id: strangerIdentity, evenIfLast: true }),
	},
	'admin.users.passkeys.list': { level: 'appAdmin', input: ({ stranger }) => ({ id: stranger }) },
	'admin.users.passkeys.remove': {
		level: 'operator',
		input: ({ strangerPasskey }) => ({ id: strangerPasskey, evenIfLast: true }),
	},
	'admin.users.merges.list': { level: 'appAdmin', input: ({ stranger }) => ({ id: stranger }) },
	'admin.users.merges.undo': { level: 'operator', input: ({ stranger }) => ({ id: stranger }) },
	'admin.config.apply': { level: 'commandLine', input: () => ({ text: 'apps: []' }) },
	'admin.connectors.list': { level: 'operator' },
	'admin.connectors.form': { level: 'operator', input: () => ({ id: 'smtp' }) },
	'admin.connectors.save': { level: 'operator', input: () => ({ id: 'nothing-like-it' }) },
	'admin.connectors.test': { level: 'operator', input: () => ({ id: 'nothing-like-it' }) },
	'admin.clients.list': { level: 'appAdmin' },
	'admin.clients.get': { level: 'appAdmin', input: () => ({ id: 'third5' }) },
	'admin.clients.create': {
		level: 'operator',
		input: () => ({ id: 'first', name: 'x', redirectUris: [redirect] }),
	},
	'admin.clients.update': { level: 'operator', input: () => ({ id: 'third5', name: 'Taken Over' }) },
	'admin.clients.rotateSecret': { level: 'operator', input: () => ({ id: 'third5' }) },
	'admin.clients.delete': { level: 'operator', input: () => ({ id: 'third5' }) },
	'admin.plugins.list': { level: 'owner' },
	'admin.plugins.approve': {
		level: 'owner',
		input: () => ({ id: 'nothing-like-it', digest: '0'.repeat(64) }),
	},
	'admin.plugins.revoke': { level: 'owner', input: () => ({ id: 'nothing-like-it' }) },
	'admin.roles.list': { level: 'appAdmin' },
	'admin.roles.delete': { level: 'operator', input: () => ({ id: 'nothing-like-it' }) },
	'admin.messages.list': { level: 'operator', input: () => ({}) },
	'admin.messages.read': { level: 'owner', input: ({ otherMessage }) => ({ id: otherMessage }) },
	'admin.messages.saveWords': {
		level: 'operator',
		input: () => ({ channel: 'email', purpose: 'recover', words: { en: { subject: 'x', text: 'no code' } } }),
	},
	'admin.messages.test': {
		level: 'operator',
		input: () => ({ channel: 'email', purpose: 'nothing-like-it', to: 'x@example.com' }),
	},
	'admin.senders.list': { level: 'operator' },
	'admin.senders.get': { level: 'operator' },
	'admin.senders.save': { level: 'owner', input: () => ({}) },
	'admin.senders.testAlert': { level: 'owner' },
	'admin.operators.list': { level: 'operator' },
	'admin.operators.add': {
		level: 'owner',
		input: () => ({ email: 'owner@example.com', password: 'a-long-enough-secret', role: 'operator' }),
	},
	'admin.operators.remove': { level: 'owner', input: () => ({ id: 'nobody' }) },
	'admin.operators.resetPassword': {
		level: 'owner',
		input: () => ({ email: 'nobody@example.com', newPassword: 'a-long-enough-secret' }),
	},
	'admin.audit.list': { level: 'operator', input: () => ({}) },
};

function namesOf(tree: object, path = ''): string[] {
	return Object.entries(tree).flatMap(([name, node]) =>
		typeof node === 'function' ? [path + name] : namesOf(node as object, `${path}${name}.`),
	);
}

let target: Target;
let proofs: Record<Who, Record<string, string>>;
let ids: Ids;

/** An access token by way of the sign-in page. */
async function tokenOf(
	app: number,
	who: { client: string; secret: string; username: string; scope: string },
): Promise<Record<string, string>> {
	const browser = new Browser(target.origin);
	const query = new URLSearchParams({
		client_id: who.client,
		response_type: 'code',
		scope: who.scope,
		redirect_uri: redirect,
		code_challenge: challenge,
		code_challenge_method: 'S256',
	});
	let page = await browser.open(`${target.origin}/apps/${app}/oidc/auth?${query.toString()}`);
	page = await browser.open(page.url, { identifier: who.username, password });
	if (!page.left) page = await browser.open(page.url, { decision: 'allow' });
	const code = page.url.searchParams.get('code') ?? '';
	const got = await post(
		target.at,
		`/apps/${app}/oidc/token`,
		{ grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier },
		{ authorization: `Basic ${Buffer.from(`${who.client}:${who.secret}`).toString('base64')}` },
	);
	const { access_token } = JSON.parse(got.body) as { access_token?: string };
	if (!access_token) throw new Error(`no token for ${JSON.stringify(who)}: ${got.body}`);
	return { authorization: `Bearer ${access_token}` };
}

/** Gives bob of an app an account elsewhere and a passkey. */
async function waysInOf(app: number, cookie: string): Promise<{ identity: string; passkey: string }> {
	const call = async (procedure: string, input?: unknown) => {
		const got = await target.api(procedure, { input, app, headers: { cookie } });
		if (got.status !== 200) throw new Error(`${procedure}: ${got.body}`);
		return got.data;
	};
	await call('me.identities.linkTicket', {
		connector: 'wechat-miniprogram',
		ticket: wechat.login('mei'),
		password,
	});
	const begun = (await call('me.passkeys.options', { password })) as {
		ceremony: string;
		options: { challenge: string };
	};
	const { challenge: asked } = begun.options;
	const key = new Authenticator();
	const response = key.create({ challenge: asked, rpId: 'localhost', origin: target.origin });
	await call('me.passkeys.add', { ceremony: begun.ceremony, response });
	const [identity] = (await call('me.identities.list')) as { id: string }[];
	return { identity: identity?.id ?? '', passkey: key.id };
}

const first = { client: 'first', secret: 'a-secret-of-first-party' };

beforeAll(async () => {
	wechat = await startEmulator();
	target = await startTarget({
		apply: `apps:${appBlock(4)}${appBlock(5)}\n`,
		env: endpointsEnv({ 'wechat-miniprogram': wechat }),
	});
	const owner = { cookie: await target.owner() };
	await target.api('admin.operators.add', {
		input: { email: 'helper@example.com', password: 'a-long-owner-secret', role: 'operator' },
		app: null,
		headers: owner,
	});
	const operator = await post(
		target.at,
		'/admin/sign-in',
		{ email: 'helper@example.com', password: 'a-long-owner-secret' },
		{ host: new URL(target.origin).host, origin: target.origin },
	);
	proofs = {
		nobody: {},
		user: { cookie: await target.signIn('alice') },
		otherApp: { cookie: `${await target.signIn('alice', { app: 5 })}`.replaceAll('-5=', '-4=') },
		token: await tokenOf(4, { ...first, username: 'dora', scope: 'openid menshen.me' }),
		adminToken: await tokenOf(4, { ...first, username: 'chief', scope: 'openid menshen.admin' }),
		thirdToken: await tokenOf(4, {
			client: 'third4',
			secret: 'a-secret-of-third-party',
			username: 'chief',
			scope: 'openid profile email',
		}),
		otherAdminToken: await tokenOf(5, {
			...first,
			username: 'chief',
			scope: 'openid menshen.admin menshen.me',
		}),
		operator: { cookie: operator.cookies.map((line) => line.split(';')[0]).join('; ') },
		owner,
	};
	const idOf = async (app: number) =>
		(
			(await target.api('admin.users.list', { input: { search: 'bob' }, app, headers: owner })).data as {
				users: { id: string }[];
			}
		).users[0]?.id ?? '';
	const bobCookie = await target.signIn('bob');
	const here = await waysInOf(4, bobCookie);
	const there = await waysInOf(5, await target.signIn('bob', { app: 5 }));
	const sessions = await target.api('me.sessions.list', { headers: { cookie: bobCookie } });
	for (const app of [4, 5])
		await target.api('auth.sendCode', { input: { purpose: 'recover', identifier: 'bob' }, app });
	const messageOf = async (app: number) => (
		await target.mails(app),
		(
			(await target.api('admin.messages.list', { input: {}, app, headers: owner })).data as { id: string }[]
		)[0]?.id ?? ''
	);
	ids = {
		bob: await idOf(4),
		stranger: await idOf(5),
		bobSession: (sessions.data as { id: string }[])[0]?.id ?? '',
		message: await messageOf(4),
		otherMessage: await messageOf(5),
		bobIdentity: here.identity,
		strangerIdentity: there.identity,
		bobPasskey: here.passkey,
		strangerPasskey: there.passkey,
	};
	bob = bobCookie;
}, 180_000);
afterAll(async () => {
	await target.stop();
	await wechat.close();
});
let bob = '';

/** What app 5 and the people of both apps look like to their owner. */
async function world(): Promise<unknown> {
	const headers = proofs.owner;
	const bobs = [
		[4, ids.bob],
		[5, ids.stranger],
	] as const;
	const ways = bobs.flatMap(([app, id]) =>
		['identities', 'passkeys', 'merges'].map((what) =>
			target.api(`admin.users.${what}.list`, { input: { id }, app, headers }),
		),
	);
	const asked = [4, 5].flatMap((app) => [
		target.api('admin.users.list', { input: {}, app, headers }),
		target.api('admin.clients.list', { app, headers }),
		target.api('admin.apps.get', { app, headers }),
	]);
	const all = await Promise.all([
		...asked,
		...ways,
		target.api('admin.apps.list', { app: null, headers }),
		target.api('admin.operators.list', { app: null, headers }),
	]);
	return JSON.parse(
		JSON.stringify(
			all.map(({ data }) => data),
			(key, value: unknown) => (/At$|Count$/.test(key) ? 0 : value),
		),
	) as unknown;
}

const call = (procedure: string, who: Who, input: unknown): Promise<ApiGot> =>
	target.api(procedure, { ...(input === undefined ? {} : { input }), headers: proofs[who] });

describe('D08', () => {
	it('the table knows every procedure', () =>
		expect(Object.keys(table).sort()).toEqual(namesOf(procedures).sort()));

	it('the proofs are good where they belong, so that a refusal means something', async () => {
		for (const [who, procedure] of [
			['user', 'me.get'],
			['token', 'me.get'],
			['adminToken', 'admin.apps.get'],
			['operator', 'admin.apps.list'],
			['owner', 'admin.apps.list'],
		] as const)
			expect((await call(procedure, who, undefined)).status, who).toBe(200);
		expect((await target.api('admin.apps.get', { app: 5, headers: proofs.otherAdminToken })).status).toBe(
			200,
		);
		expect(Object.values(ids).every(Boolean)).toBe(true);
	});

	it.each(Object.entries(table).filter(([, { level }]) => level !== 'anybody'))(
		'%s can be called by its intended callers only',
		async (procedure, { level, input }) => {
			const allowed: readonly Who[] = levels[level];
			for (const who of levels.anybody) {
				const got = await call(procedure, who, input?.(ids));
				const refused = got.status === 401 || (got.status === 403 && got.code === 'auth/forbidden');
				// A wrong password for a change of one's own is not a refusal of the caller.
				const reached =
					!refused || (/^me\.(change|remove)/.test(procedure) && got.code === 'auth/invalid-credentials');
				expect(reached, `${procedure} as ${who}: ${got.status} ${got.code}`).toBe(allowed.includes(who));
				expect(got.body, `${procedure} as ${who}`).not.toContain('bob5@example');
			}
		},
	);

	it('ids of another app lead nowhere: not found, and nothing changed', async () => {
		const before = await world();
		for (const [procedure, { level, input }] of Object.entries(table)) {
			if (
				level === 'anybody' ||
				!/admin\.(users|clients|messages)\.(get|identities|passkeys|merges|update|setPassword|sendRecovery|signOutEverywhere|delete|rotateSecret|read)/.test(
					procedure,
				)
			)
				continue;
			for (const who of levels[level]) {
				const got = await call(procedure, who, input?.(ids));
				const isEmpty =
					(procedure === 'admin.users.signOutEverywhere' &&
						(got.data as { ended?: number } | undefined)?.ended === 0) ||
					(procedure === 'admin.users.merges.list' && (got.data as unknown[]).length === 0);
				expect(isEmpty || got.status === 404, `${procedure} as ${who}: ${got.status}`).toBe(true);
			}
		}
		expect(await world()).toEqual(before);
		expect((await target.api('auth.signIn', { input: { identifier: 'bob', password }, app: 5 })).status).toBe(
			200,
		);
	});

	it('ids of another person of the same app lead nowhere', async () => {
		const before = await world();
		for (const who of ['user', 'token'] as const) {
			await call('me.sessions.end', who, { id: ids.bobSession });
			for (const id of [ids.bob, 'web', '../bob', '%'])
				expect((await call('me.sessions.end', who, { id })).status).toBeLessThan(500);
			expect((await call('me.update', who, { id: ids.bob, name: 'Taken Over' })).status).toBe(400);
		}
		for (const [procedure, id] of [
			['me.identities.unlink', ids.bobIdentity],
			['me.identities.unlink', ids.strangerIdentity],
			['me.passkeys.remove', ids.bobPasskey],
			['me.passkeys.remove', ids.strangerPasskey],
		] as const)
			expect((await call(procedure, 'user', { id, password })).code, procedure).toBe('identity/not-found');
		expect((await target.api('me.get', { headers: { cookie: bob } })).status).toBe(200);
		expect(await world()).toEqual(before);
	});

	it('the pages of account and console are as deaf to ids of others', async () => {
		const own = { host: new URL(target.origin).host, origin: target.origin };
		await post(
			target.at,
			'/apps/4/account/security?/endSession',
			{ sessionId: ids.bobSession },
			{ ...own, ...proofs.user },
		);
		const security = '/apps/4/account/security';
		for (const [action, fields] of [
			['unlink', { identityId: ids.bobIdentity, password }],
			['removePasskey', { passkeyId: ids.bobPasskey, password }],
			['renamePasskey', { passkeyId: ids.bobPasskey, name: 'taken-over' }],
		] as const) {
			const got = await post(target.at, `${security}?/${action}`, fields, { ...own, ...proofs.user });
			expect(got.status, action).toBe(404);
		}
		expect((await target.api('me.get', { headers: { cookie: bob } })).status).toBe(200);
		const open = (path: string, who: Who) =>
			send(target.at, { path, headers: { ...own, accept: 'text/html', ...proofs[who] } });
		for (const path of [
			`/admin/apps/4/users/${ids.stranger}`,
			'/admin/apps/4/clients/third5',
			`/admin/apps/4/messages/${ids.otherMessage}`,
		])
			expect((await open(path, 'owner')).status, path).toBe(404);
		for (const who of ['nobody', 'user', 'otherApp', 'token', 'adminToken'] as const)
			for (const path of [
				'/admin',
				'/admin/apps/4/users',
				`/admin/apps/4/users/${ids.bob}`,
				'/admin/apps/4/users/find?q=bob',
				'/admin/__data.json',
				'/admin/apps/4/users/__data.json',
				'/admin/audit',
				'/admin/operators',
			]) {
				const got = await open(path, who);
				expect(got.body, `${path} as ${who}`).not.toMatch(/bob|alice|owner@example/);
				expect(
					[200, 303, 401, 404].includes(got.status) && (got.status !== 200 || path.includes('__data')),
					`${path} as ${who}: ${got.status}`,
				).toBe(true);
			}
		const message = await open(`/admin/apps/4/messages/${ids.message}`, 'operator');
		expect([303, 403, 404]).toContain(message.status);
		expect(message.body).not.toContain('bob4@');
		const before = await world();
		const made = await post(
			target.at,
			'/admin/operators/new',
			{ email: 'more@example.com', password: 'a-long-enough-secret', role: 'owner' },
			{ ...own, ...proofs.operator },
		);
		expect(made.status).toBe(403);
		expect(await world()).toEqual(before);
	});

	it('the header that names the app is not a path: only an id is one (E01)', async () => {
		for (const named of [
			'4/../5',
			'../4',
			'04',
			'4.0',
			'4e0',
			' 4',
			'4 ',
			'0x4',
			'-4',
			'4,5',
			'1000000',
			'NaN',
			'４',
			'4%00',
			'__proto__',
			'',
		])
			expect(
				(
					await target.api('me.get', {
						app: null,
						headers: { ...proofs.user, 'menshen-app': encodeURI(named) },
					})
				).status,
				named,
			).toBeGreaterThanOrEqual(400);
	});
});
