/** What inputs may contain: what the schema names and nothing else (D07), in sensible sizes (D12). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPassword } from '../../../../tests/appliance-under-test';
import type { AppServices } from '../flows/services';
import { apiUnderTest, byCookie, byOperatorCookie, type ApiUnderTest, type Proof } from './api-under-test';
import { createCall } from './call';
import { appRouter } from './router';
import { bestOfThree } from '../../../../tests/measured';

let api: ApiUnderTest;
let app: AppServices;
let user: Proof;
let owner: Proof;
let alice: { id: string };

beforeAll(async () => {
	api = await apiUnderTest();
	app = await api.under.app();
	alice = await api.under.user(app, {
		username: 'alice',
		email: 'alice@example.com',
		password: goodPassword,
	});
	user = await byCookie(app, alice.id);
	owner = { ...(await byOperatorCookie(api.under, 'owner')), 'menshen-app': String(app.id) };
});
afterAll(() => api.close());

/** They take no input: what is sent is not read. */
const withoutInput = new Set([
	'auth.methods',
	'auth.signOut',
	'auth.passkeyOptions',
	'me.get',
	'me.sessions.list',
	'me.sessions.endOthers',
	'me.identities.list',
	'me.passkeys.list',
	'me.consents.list',
	'admin.apps.list',
	'admin.apps.get',
	'admin.connectors.list',
	'admin.clients.list',
	'admin.roles.list',
	'admin.senders.list',
	'admin.senders.get',
	'admin.senders.testAlert',
	'admin.operators.list',
	'admin.plugins.list',
]);

const smuggled = {
	tenantId: 1,
	actor: { kind: 'system', id: 'x' },
	passwordHash: 'x',
	password_hash: 'x',
	isAdmin: true,
	replaces: 'x',
	trusted: true,
	createdAt: 0,
	signInCount: 9,
	number: 1,
};

const procedures = Object.entries(
	appRouter._def.procedures as unknown as Record<
		string,
		{ _def: { type: 'query' | 'mutation'; inputs: unknown[] } }
	>,
);

describe('a field that no schema names', () => {
	it.each(procedures.filter(([name]) => !withoutInput.has(name)))(
		'is refused by %s',
		async (name, { _def }) => {
			const call = createCall(api.under.appliance.services);
			const headers = name.startsWith('admin') ? owner : user;
			for (const [field, value] of Object.entries(smuggled)) {
				const input = { [field]: value };
				// The command line's own procedure is not available over HTTP.
				if (name === 'admin.config.apply')
					await expect(call({ procedure: name, input })).rejects.toMatchObject({ code: 'input/invalid' });
				else {
					const answer = await (_def.type === 'query' ? api.ask : api.tell)(name, { input, headers });
					expect(answer.error?.code).toBe('input/invalid');
					expect(answer.status).toBe(400);
				}
			}
		},
	);

	it('is named in the answer', async () => {
		const { error } = await api.tell('me.update', {
			input: { name: 'Al', emailVerified: true },
			headers: user,
		});
		expect(error?.fields).toEqual({
			emailVerified: { code: 'input/invalid', message: expect.any(String) as string },
		});
	});

	it('cannot get in elsewhere: procedures without input have no schema', () => {
		for (const [name, { _def }] of procedures) expect(_def.inputs.length === 0).toBe(withoutInput.has(name));
	});
});

describe('what only the server decides', () => {
	it('cannot be set when registering', async () => {
		for (const extra of [
			{ roles: ['admin'] },
			{ role: 'admin' },
			{ id: 'chosen' },
			{ emailVerified: true },
			{ status: 'active' },
			{ phone: '13800138000' },
		]) {
			const input = { username: 'mallory', password: goodPassword, ...extra };
			const answer = await api.tell('auth.register', { input, headers: { 'menshen-app': String(app.id) } });
			expect(answer.error?.code).toBe('input/invalid');
		}
		expect(await app.store.read.users.findByIdentifier('username', 'mallory')).toBeUndefined();
	});

	it('cannot be changed in one’s own profile', async () => {
		for (const extra of [
			{ roles: ['admin'] },
			{ email: 'other@example.com' },
			{ username: 'root' },
			{ status: 'active' },
			{ id: 'x' },
		])
			expect(
				(await api.tell('me.update', { input: { name: 'Al', ...extra }, headers: user })).error?.code,
			).toBe('input/invalid');
		expect((await api.ask('me.get', { headers: user })).data).toMatchObject({
			name: '',
			roles: ['user'],
			email: 'alice@example.com',
		});
	});

	it('cannot be reached through the prototype', async () => {
		const body = '{"name":"Al","__proto__":{"roles":["admin"]},"constructor":{"prototype":{}}}';
		expect((await api.tell('me.update', { body, headers: user })).error?.code).toBe('input/invalid');
		expect(({} as { roles?: unknown }).roles).toBeUndefined();
	});

	it('is not disclosed: no answer contains a hash, a secret or a digest', async () => {
		await api.tell('admin.clients.create', {
			input: { id: 'web', name: 'Web', confidential: true, redirectUris: ['https://rp.example/cb'] },
			headers: owner,
		});
		const texts = await Promise.all([
			...['admin.operators.list', 'admin.clients.list', 'admin.connectors.list', 'admin.apps.get'].map(
				(name) => api.ask(name, { headers: owner }),
			),
			api.ask('admin.users.list', { input: {}, headers: owner }),
			api.ask('me.get', { headers: user }),
		]);
		for (const { text, status } of texts) {
			expect(status).toBe(200);
			expect(text).not.toMatch(/\$argon2|"password":|"secret":"|v1\.[\w-]{20}/);
		}
	});
});

describe('a change that names some settings', () => {
	it('leaves the others as they are, within the theme as well', async () => {
		const first = { website: 'https://demo.example', tokenDays: 7, theme: { accent: '#112233', radius: 4 } };
		await api.tell('admin.apps.update', { input: first, headers: owner });
		await api.tell('admin.apps.update', { input: { name: 'Renamed', theme: { radius: 8 } }, headers: owner });
		expect((await api.ask('admin.apps.get', { headers: owner })).data).toMatchObject({
			name: 'Renamed',
			website: 'https://demo.example',
			tokenDays: 7,
			theme: { accent: '#112233', radius: 8 },
		});
	});

	it('is answered with what it makes impossible: a proof that no sender can deliver', async () => {
		const unsendable = async () => (await api.ask('admin.apps.get', { headers: owner })).data;
		await api.tell('admin.apps.update', { input: { requireVerified: ['phone'] }, headers: owner });
		expect(await unsendable()).toMatchObject({ unsendable: [] });
		await app.plugins.save('outbox', { enabled: false });
		expect(await unsendable()).toMatchObject({ unsendable: ['phone'] });
		await api.tell('admin.apps.update', { input: { requireVerified: [] }, headers: owner });
		expect(await unsendable()).toMatchObject({ unsendable: [] });
		await app.plugins.save('outbox', { enabled: true });
	});

	it('refuses unknown settings, at any depth', async () => {
		for (const input of [{ nme: 'x' }, { theme: { acent: '#112233' } }, { senders: { fax: 'x' } }, { id: 7 }])
			expect((await api.tell('admin.apps.update', { input, headers: owner })).error?.code).toBe(
				'input/invalid',
			);
	});

	it('of a client keeps the rest and names the redirect at fault', async () => {
		await api.tell('admin.clients.create', {
			input: { id: 'app', name: 'App', redirectUris: ['https://a.example/cb'], firstParty: true },
			headers: owner,
		});
		const changed = await api.tell('admin.clients.update', {
			input: { id: 'app', name: 'Changed' },
			headers: owner,
		});
		expect(changed.data).toMatchObject({
			client: { name: 'Changed', firstParty: true, redirectUris: ['https://a.example/cb'] },
		});
		const bad = await api.tell('admin.clients.update', {
			input: { id: 'app', redirectUris: ['https://a.example/*'] },
			headers: owner,
		});
		expect(bad.error).toMatchObject({
			code: 'client/redirect-invalid',
			params: { uri: 'https://a.example/*' },
		});
	});
});

describe('oversized values', bestOfThree, () => {
	const long = 'a'.repeat(50_000);
	it.each([
		['auth.signIn', { identifier: long, password: 'x' }],
		['auth.signIn', { identifier: `${long}@example.com`, password: 'x' }],
		['auth.signIn', { identifier: 'alice', password: long }],
		['auth.register', { username: long, password: goodPassword }],
		['auth.register', { email: `${long}@example.com`, password: goodPassword }],
		['auth.sendCode', { purpose: 'recover', identifier: `+86${'1'.repeat(50_000)}` }],
		['auth.verifyEmail', { token: long }],
	])('%s refuses them at once (D12)', async (name, input) => {
		const from = performance.now();
		const answer = await api.tell(name, { input, headers: { 'menshen-app': String(app.id) } });
		expect(answer.error?.code).toBe('input/invalid');
		expect(performance.now() - from).toBeLessThan(200);
	});
});
