/**
 * Who may call what, procedure by procedure (D08). The table below is written by hand and must name every procedure
 * there is: a new one fails here until it is decided who may call it.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { system, visitor } from '../../../../tests/appliance-under-test';
import { updateUser } from '../flows/users/manage-users';
import type { AppServices } from '../flows/services';
import {
	apiUnderTest,
	byAccessToken,
	byCookie,
	byOperatorCookie,
	bySessionToken,
	firstPartyClient,
	type ApiUnderTest,
	type Proof,
} from './api-under-test';
import { appRouter } from './router';

const callers = [
	'nobody',
	'user of another app',
	'user',
	'session token',
	'token without our scopes',
	'token menshen.me',
	'token menshen.admin of a user',
	'token menshen.admin of an administrator',
	'administrator by cookie',
	'operator',
	'owner',
] as const;
type Caller = (typeof callers)[number];

const anybody: readonly Caller[] = callers;
const sessions: readonly Caller[] = ['user', 'session token', 'administrator by cookie'];
const users: readonly Caller[] = [...sessions, 'token menshen.me'];
const owners: readonly Caller[] = ['owner'];
const nobodyOverHttp: readonly Caller[] = [];
const operators: readonly Caller[] = ['operator', 'owner'];
const administrators: readonly Caller[] = [...operators, 'token menshen.admin of an administrator'];

const names = new Map<readonly Caller[], string>([
	[anybody, 'anybody'],
	[users, 'user'],
	[sessions, 'session'],
	[administrators, 'administrator'],
	[operators, 'operator'],
	[owners, 'owner'],
	[nobodyOverHttp, 'cli'],
]);

const doors: Readonly<Record<string, readonly Caller[]>> = {
	'auth.methods': anybody,
	'auth.register': anybody,
	'auth.completeRegistration': anybody,
	'auth.signIn': anybody,
	'auth.signInWithCode': anybody,
	'auth.signInWithTicket': anybody,
	'auth.joinExternal': anybody,
	'auth.proveJoining': anybody,
	'auth.passkeyOptions': anybody,
	'auth.signInWithPasskey': anybody,
	'auth.scan.begin': anybody,
	'auth.scan.watch': anybody,
	'auth.scan.collect': anybody,
	'auth.scan.open': anybody,
	'auth.scan.confirm': anybody,
	'auth.scan.deny': anybody,
	'auth.signOut': anybody,
	'auth.sendCode': anybody,
	'auth.resetPassword': anybody,
	'auth.verifyEmail': anybody,
	'me.get': users,
	'me.update': users,
	'me.changePassword': sessions,
	'me.becomeUser': sessions,
	'me.changeEmail': sessions,
	'me.confirmNewEmail': sessions,
	'me.removeEmail': sessions,
	'me.removePhone': sessions,
	'me.sessions.list': users,
	'me.sessions.end': users,
	'me.sessions.endOthers': sessions,
	'me.identities.list': users,
	'me.identities.linkTicket': sessions,
	'me.identities.linkPending': sessions,
	'me.identities.beginScan': sessions,
	'me.identities.linkScan': sessions,
	'me.identities.unlink': sessions,
	'me.passkeys.list': users,
	'me.passkeys.options': sessions,
	'me.passkeys.add': sessions,
	'me.passkeys.remove': sessions,
	'me.consents.list': users,
	'me.consents.revoke': users,
	'admin.apps.list': operators,
	'admin.apps.get': administrators,
	'admin.apps.create': operators,
	'admin.apps.update': operators,
	'admin.apps.delete': operators,
	'admin.apps.uploadLogo': operators,
	'admin.users.list': administrators,
	'admin.users.get': administrators,
	'admin.users.create': operators,
	'admin.users.update': operators,
	'admin.users.setPassword': operators,
	'admin.users.sendRecovery': operators,
	'admin.users.signOutEverywhere': administrators,
	'admin.users.delete': operators,
	'admin.users.identities.list': administrators,
	'admin.users.identities.unlink': operators,
	'admin.users.passkeys.list': administrators,
	'admin.users.passkeys.remove': operators,
	'admin.users.merges.list': administrators,
	'admin.users.merges.undo': operators,
	'admin.connectors.list': operators,
	'admin.connectors.form': operators,
	'admin.connectors.save': operators,
	'admin.connectors.test': operators,
	'admin.clients.list': administrators,
	'admin.clients.get': administrators,
	'admin.clients.create': operators,
	'admin.clients.update': operators,
	'admin.clients.rotateSecret': operators,
	'admin.clients.delete': operators,
	'admin.plugins.list': owners,
	'admin.plugins.approve': owners,
	'admin.plugins.revoke': owners,
	'admin.roles.list': administrators,
	'admin.roles.delete': operators,
	'admin.messages.list': operators,
	'admin.messages.read': owners,
	'admin.messages.saveWords': operators,
	'admin.messages.test': operators,
	'admin.senders.list': operators,
	'admin.senders.get': operators,
	'admin.senders.save': owners,
	'admin.senders.testAlert': owners,
	'admin.operators.list': operators,
	'admin.operators.add': owners,
	'admin.operators.remove': owners,
	'admin.operators.resetPassword': owners,
	'admin.audit.list': operators,
	'admin.config.apply': nobodyOverHttp,
};

const procedures = Object.entries(
	appRouter._def.procedures as unknown as Record<string, { _def: { type: 'query' | 'mutation' } }>,
);
const turnedAway = ['auth/not-signed-in', 'auth/forbidden', 'auth/fresh-sign-in-required'];

let api: ApiUnderTest;
let app: AppServices;
let prove: Readonly<Record<Caller, () => Promise<Proof>>>;

beforeAll(async () => {
	api = await apiUnderTest();
	app = await api.under.app();
	const other = await api.under.app();
	const alice = await api.under.user(app);
	const admin = await api.under.user(app, { username: 'admin' });
	// A token ends with the session it came from, and some calls end their caller's sessions.
	const [bella, chief] = [
		await api.under.user(app, { username: 'bella' }),
		await api.under.user(app, { username: 'chief' }),
	];
	const stranger = await api.under.user(other, { username: 'stranger' });
	for (const { id } of [admin, chief])
		await updateUser(app, { id, change: { roles: ['user', 'admin'] }, actor: system }, visitor());
	await firstPartyClient(app);
	const here = { 'menshen-app': String(app.id) };
	const operator = { ...here, ...(await byOperatorCookie(api.under, 'operator')) };
	const owner = { ...here, ...(await byOperatorCookie(api.under, 'owner')) };
	const token = (userId: string, scope: string) => byAccessToken(api, app, { userId, scope });
	const tokens = {
		plain: await token(bella.id, 'openid profile'),
		me: await token(bella.id, 'openid menshen.me'),
		wouldBe: await token(bella.id, 'openid menshen.admin'),
		admin: await token(chief.id, 'openid menshen.admin'),
	};
	prove = {
		nobody: async () => here,
		'user of another app': async () => ({ ...(await byCookie(other, stranger.id)), ...here }),
		user: () => byCookie(app, alice.id),
		'session token': () => bySessionToken(app, alice.id),
		'token without our scopes': async () => tokens.plain,
		'token menshen.me': async () => tokens.me,
		'token menshen.admin of a user': async () => tokens.wouldBe,
		'token menshen.admin of an administrator': async () => tokens.admin,
		'administrator by cookie': () => byCookie(app, admin.id),
		operator: async () => operator,
		owner: async () => owner,
	};
});
afterAll(() => api.close());

/** An input that every procedure with an input refuses, so that a call that passes the guard does nothing. */
const refused = { 'not-an-input': true };

describe.each(procedures)('%s', (name, procedure) => {
	it.each(callers)('as %s', async (caller) => {
		const headers = await prove[caller]();
		const send = procedure._def.type === 'query' ? api.ask : api.tell;
		const { error, status } = await send(name, { input: refused, headers });
		const allowed = doors[name]?.includes(caller) ?? false;
		expect(allowed).toBe(!turnedAway.includes(error?.code ?? ''));
		expect(status).toBeLessThan(500);
		if (!allowed) expect([401, 403]).toContain(status);
	});
});

describe('the table', () => {
	it('names every procedure and nothing else', () => {
		expect(Object.keys(doors).sort()).toEqual(procedures.map(([name]) => name).sort());
	});

	it('is what docs/api.md says', () => {
		const rows = [
			...readFileSync('docs/api.md', 'utf8').matchAll(/^\| `([\w.]+)` +\| (query|mutation) +\| (\w+) +\|/gm),
		];
		const written = Object.fromEntries(rows.map(([, name = '', type, who]) => [name, [type, who]]));
		const real = Object.fromEntries(
			procedures.map(([name, { _def }]) => [name, [_def.type, names.get(doors[name] ?? [])]]),
		);
		expect(written).toEqual(real);
	});
});
