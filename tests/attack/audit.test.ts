/**
 * E09: who did what to whom, from where and with what outcome, for every security event, by page, API and engine.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../conformance/browser';
import { app, password, startTarget, type Target } from './target';
import { post, send, cookieHeader } from './wire';

interface Event {
	action: string;
	outcome: 'ok' | 'refused';
	actor: { kind: string; id: string };
	target: string;
	address: string;
	requestId: string;
	at: number;
	detail: { limit?: string };
}

const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const redirect = 'https://rp.example/cb';
/** Everything below comes from here, through the proxy that is believed. */
const from = '203.0.113.77';
const via = { 'x-forwarded-for': from };

let target: Target;
let own: Record<string, string>;
const ids: Record<string, string> = {};
let appEvents: Event[] = [];
let applianceEvents: Event[] = [];

const form = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
	post(target.at, path, fields, { ...own, ...via, ...headers });
const api = (procedure: string, input?: unknown, headers: Record<string, string> = {}) =>
	target.api(procedure, { input, headers: { ...via, ...headers } });
const codeOf = async (purpose: string, to: string) =>
	(await target.mails()).find((mail) => mail.purpose === purpose && mail.to === to)?.content.params.code ??
	'';

async function byPeople(): Promise<void> {
	const registered = await api('auth.register', { username: 'bob', email: 'bob@example.com', password });
	ids['bob'] = (registered.data as { user: { id: string } }).user.id;
	const bob = cookieHeader(registered);
	await api('auth.verifyEmail', { code: await codeOf('verify-email', 'bob@example.com') }, { cookie: bob });
	await form(`/apps/${app}/sign-in`, { identifier: 'bob', password: 'wrong-wrong' });
	await api('auth.signIn', { identifier: 'bob', password: 'wrong-wrong' });
	await api('auth.signIn', { identifier: 'nobody-here', password: 'wrong-wrong' });
	const second = cookieHeader(await form(`/apps/${app}/sign-in`, { identifier: 'bob', password }));
	await api('me.update', { name: 'Bob' }, { cookie: second });
	const sessions = (await api('me.sessions.list', undefined, { cookie: second })).data as {
		id: string;
		current: boolean;
	}[];
	await api('me.sessions.end', { id: sessions.find(({ current }) => !current)?.id }, { cookie: second });
	const changed = cookieHeader(
		await api('me.changePassword', { password, newPassword: 'another-good-one' }, { cookie: second }),
	);
	await api('me.sessions.endOthers', {}, { cookie: changed });
	await form(`/apps/${app}/sign-out`, {}, { cookie: changed });
	await form(`/apps/${app}/recover`, { identifier: 'bob' });
	for (const code of ['000000', '111111'])
		await form(`/apps/${app}/recover`, { identifier: 'bob', code, newPassword: 'a-secret-of-the-thief' });
	await api('auth.verifyEmail', { token: 'not-a-token-of-ours' });
	for (let tries = 0; tries < 30; tries++)
		await api('auth.signIn', { identifier: 'bob', password: 'a-secret-typed-wrongly' });
	await api('auth.sendCode', { purpose: 'recover', identifier: 'bob' });
	await api('auth.sendCode', { purpose: 'recover', identifier: 'bob' });
	await api('auth.resetPassword', {
		identifier: 'bob',
		code: await codeOf('recover', 'bob@example.com'),
		newPassword: password,
	});
}

async function byClients(): Promise<void> {
	const browser = new Browser(target.origin, undefined, via);
	const query = new URLSearchParams({
		client_id: 'web',
		response_type: 'code',
		scope: 'openid offline_access',
		prompt: 'consent',
		redirect_uri: redirect,
		code_challenge: challenge,
		code_challenge_method: 'S256',
	});
	const journey = async (decision: 'allow' | 'deny') => {
		let step = await browser.open(`${target.origin}/apps/${app}/oidc/auth?${query.toString()}`);
		if (!step.url.pathname.includes('consent'))
			step = await browser.open(step.url, { identifier: 'bob', password });
		return browser.open(step.url, { decision });
	};
	await journey('deny');
	const code = (await journey('allow')).url.searchParams.get('code') ?? '';
	const basic = { authorization: `Basic ${Buffer.from('web:a-secret-of-the-client').toString('base64')}` };
	const exchange = {
		grant_type: 'authorization_code',
		code,
		redirect_uri: redirect,
		code_verifier: verifier,
	};
	const tokens = JSON.parse(
		(await post(target.at, `/apps/${app}/oidc/token`, exchange, { ...basic, ...via })).body,
	) as { refresh_token: string; id_token: string };
	await post(target.at, `/apps/${app}/oidc/token`, exchange, { ...basic, ...via });
	await post(target.at, `/apps/${app}/oidc/token`, exchange, {
		...via,
		authorization: `Basic ${Buffer.from('web:wrong-secret').toString('base64')}`,
	});
	await journey('allow');
	await api('me.consents.revoke', { clientId: 'web' }, { cookie: browser.headerFor('/') });
	await send(target.at, {
		path: `/apps/${app}/oidc/logout?id_token_hint=${tokens.id_token}`,
		headers: { ...own, ...via, cookie: browser.headerFor(`/apps/${app}/oidc/logout`) },
	});
}

async function byOperators(): Promise<void> {
	await form('/admin/sign-in', { email: 'owner@example.com', password: 'wrong-wrong' });
	const signedIn = await form('/admin/sign-in', {
		email: 'owner@example.com',
		password: 'a-long-owner-secret',
	});
	const cookie = { cookie: cookieHeader(signedIn) };
	const made = await api(
		'admin.users.create',
		{ username: 'carol', email: 'carol@example.com', emailVerified: true, password },
		cookie,
	);
	const id = (made.data as { id: string }).id;
	ids['carol'] = id;
	await api('admin.users.update', { id, name: 'Carol' }, cookie);
	await api('admin.users.update', { id, status: 'disabled' }, cookie);
	await api('admin.users.update', { id, status: 'active' }, cookie);
	await api('admin.users.setPassword', { id, newPassword: 'another-good-one' }, cookie);
	await api('admin.users.signOutEverywhere', { id }, cookie);
	await api('admin.users.sendRecovery', { id }, cookie);
	await target.mails();
	await api('admin.users.delete', { id }, cookie);
	await api(
		'admin.clients.create',
		{ id: 'extra', name: 'Extra', confidential: true, redirectUris: [redirect] },
		cookie,
	);
	await api('admin.clients.update', { id: 'extra', name: 'Extra 2' }, cookie);
	await api('admin.clients.rotateSecret', { id: 'extra' }, cookie);
	await api('admin.clients.delete', { id: 'extra' }, cookie);
	await api('admin.connectors.save', { id: 'password', enabled: true }, cookie);
	await api('admin.apps.update', { website: 'https://other.example' }, cookie);
	await api('admin.apps.create', { id: 77, name: 'Short-lived' }, cookie);
	await api('admin.apps.delete', { id: 77 }, cookie);
	await api(
		'admin.operators.add',
		{ email: 'second@example.com', password: 'a-long-owner-secret', role: 'operator' },
		cookie,
	);
	await api(
		'admin.operators.resetPassword',
		{ email: 'second@example.com', newPassword: 'a-longer-owner-secret' },
		cookie,
	);
	const operators = (await api('admin.operators.list', undefined, cookie)).data as {
		id: string;
		email: string;
	}[];
	await api(
		'admin.operators.remove',
		{ id: operators.find(({ email }) => email === 'second@example.com')?.id },
		cookie,
	);
	await api('admin.senders.save', { alertEmail: 'alert@example.com' }, cookie);
	ids['owner'] = operators.find(({ email }) => email === 'owner@example.com')?.id ?? '';
	await form('/admin/sign-out', {}, cookie);
}

beforeAll(async () => {
	target = await startTarget({
		env: { TRUSTED_PROXIES: '127.0.0.1' },
		apply: `apps:
  - id: ${app}
    name: Demo
    clients:
      - { id: web, name: Demo web, secret: a-secret-of-the-client, redirectUris: ['${redirect}'] }
`,
	});
	own = { host: new URL(target.origin).host, origin: target.origin };
	await byPeople();
	await byClients();
	await byOperators();
	const headers = { cookie: await target.owner() };
	const eventsOf = async (of: number | null) =>
		(
			(await target.api('admin.audit.list', { input: { limit: 200 }, app: of, headers })).data as {
				events: Event[];
			}
		).events;
	appEvents = await eventsOf(app);
	applianceEvents = await eventsOf(null);
}, 180_000);
afterAll(() => target.stop());

type Expected = [
	action: string,
	outcome: Event['outcome'],
	kind: string,
	actor: string | undefined,
	about: string | undefined,
];
const bob: [string, string] = ['user', 'bob'];
const owner: [string, string] = ['operator', 'owner'];
const inApp: Expected[] = [
	['user.register', 'ok', ...bob, 'user:bob'],
	['user.sign-in', 'ok', ...bob, 'user:bob'],
	['user.sign-in', 'refused', 'nobody', undefined, 'user:bob'],
	['user.sign-in', 'refused', 'nobody', undefined, ''],
	['user.verify-email', 'ok', ...bob, 'user:bob'],
	['user.update', 'ok', ...bob, 'user:bob'],
	['user.change-password', 'ok', ...bob, 'user:bob'],
	['user.end-session', 'ok', ...bob, 'user:bob'],
	['user.sign-out-everywhere', 'ok', ...bob, 'user:bob'],
	['user.sign-out', 'ok', ...bob, 'user:bob'],
	['user.recover-request', 'ok', 'nobody', undefined, 'user:bob'],
	['user.recover', 'ok', ...bob, 'user:bob'],
	['user.recover', 'refused', 'nobody', undefined, 'user:bob'],
	['user.verify-email', 'refused', 'nobody', undefined, ''],
	['client.authenticate', 'refused', 'nobody', undefined, 'client:web'],
	['limit.reached', 'refused', 'nobody', undefined, 'user:bob'],
	['limit.reached', 'refused', 'nobody', undefined, ''],
	['consent.allow', 'ok', ...bob, 'client:web'],
	['consent.deny', 'ok', ...bob, 'client:web'],
	['consent.revoke', 'ok', ...bob, 'client:web'],
	['token.reuse', 'refused', 'client', undefined, undefined],
	['user.create', 'ok', ...owner, 'user:carol'],
	['user.update', 'ok', ...owner, 'user:carol'],
	['user.set-password', 'ok', ...owner, 'user:carol'],
	['user.sign-out-everywhere', 'ok', ...owner, 'user:carol'],
	['user.delete', 'ok', ...owner, 'user:carol'],
	['client.create', 'ok', ...owner, 'client:extra'],
	['client.update', 'ok', ...owner, 'client:extra'],
	['client.rotate-secret', 'ok', ...owner, 'client:extra'],
	['client.delete', 'ok', ...owner, 'client:extra'],
	['plugin.configure', 'ok', ...owner, undefined],
	['app.update', 'ok', ...owner, undefined],
];
const inAppliance: Expected[] = [
	['operator.sign-in', 'ok', ...owner, 'operator:owner'],
	['operator.sign-in', 'refused', 'nobody', undefined, 'operator:owner'],
	['operator.sign-out', 'ok', ...owner, 'operator:owner'],
	['operator.add', 'ok', ...owner, undefined],
	['operator.reset-password', 'ok', ...owner, undefined],
	['operator.remove', 'ok', ...owner, undefined],
	['app.create', 'ok', ...owner, undefined],
	['app.delete', 'ok', ...owner, undefined],
	['appliance.senders', 'ok', ...owner, undefined],
];

const named = (text: string | undefined) =>
	text?.replace(/:(bob|carol|owner)$/, (_, name: string) => `:${ids[name]}`);
function matching(events: readonly Event[], [action, outcome, kind, actor, about]: Expected): Event[] {
	return events.filter(
		(event) =>
			event.action === action &&
			event.outcome === outcome &&
			event.actor.kind === kind &&
			(actor === undefined || event.actor.id === ids[actor]) &&
			(about === undefined || event.target === named(about)),
	);
}

describe('E09', () => {
	it.each(inApp)('%s (%s) by a %s is in the log of the app, with the address it came from', (...expected) => {
		const found = matching(appEvents, expected);
		expect(found.length).toBeGreaterThan(0);
		expect([...new Set(found.map(({ address }) => address))], JSON.stringify(found)).toEqual([from]);
		for (const event of found) {
			expect(event.requestId).toMatch(/.{8,}/);
			expect(Math.abs(event.at - Date.now())).toBeLessThan(120_000);
		}
	});

	it.each(inAppliance)(
		'%s (%s) by a %s is in the log of the appliance, with the address it came from',
		(...expected) => {
			const found = matching(applianceEvents, expected);
			expect(found.length).toBeGreaterThan(0);
			const addresses = new Set(found.map(({ address }) => address));
			// The owner who reads mails and this log for the test uses no proxy.
			if (expected[0] === 'operator.sign-in' && expected[1] === 'ok') addresses.delete('127.0.0.1');
			expect([...addresses], JSON.stringify(found)).toEqual([from]);
		},
	);

	it('every event has the address that it came from', () => {
		const events = [...appEvents, ...applianceEvents].filter(({ actor }) => actor.kind !== 'system');
		expect(events.filter(({ address }) => ![from, '127.0.0.1'].includes(address))).toEqual([]);
	});

	it('a limit that is reached again and again is logged once', () => {
		const limits = appEvents
			.filter(({ action }) => action === 'limit.reached')
			.map(({ detail }) => detail.limit);
		expect(limits.sort()).toEqual(['send-target-minute', 'sign-in-pair']);
	});

	it('what was typed is nowhere in it', () => {
		const log = JSON.stringify([...appEvents, ...applianceEvents]);
		for (const typed of [
			'a-secret-typed-wrongly',
			'a-secret-of-the-thief',
			'wrong-secret',
			'not-a-token',
			'111111',
		])
			expect(log).not.toContain(typed);
	});

	it('reading a mail in the outbox is written down', async () => {
		expect(
			appEvents.some(({ action, actor }) => action === 'message.read' && actor.kind === 'operator'),
		).toBe(true);
	});

	it('nothing in the API takes an event back', async () => {
		const headers = { cookie: await target.owner() };
		for (const procedure of [
			'admin.audit.delete',
			'admin.audit.clear',
			'admin.audit.update',
			'admin.audit.remove',
		])
			expect((await target.api(procedure, { headers })).status).toBe(404);
		const again = await target.api('admin.audit.list', { input: { limit: 200 }, headers });
		const seqs = (again.data as { events: { seq: number }[] }).events.map(({ seq }) => seq);
		expect([...seqs].sort((a, b) => b - a)).toEqual(seqs);
		expect(seqs.length - new Set(seqs).size).toBe(0);
	});
});
