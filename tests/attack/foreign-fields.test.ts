/**
 * D07: what a caller may not set is refused or left out, by every procedure and form that makes or changes a user.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app, oneApp, password, startTarget, type Target } from './target';
import { connectorsLine } from './vendors';
import { post, send } from './wire';

let target: Target;
let host: string;
beforeAll(async () => {
	target = await startTarget({
		apply: `${oneApp}${connectorsLine({}, ['email', 'guest', 'passkey'])}    roles:\n      - { id: admin, name: Administrator, permissions: ['*'] }\n`,
	});
	host = new URL(target.origin).host;
});
afterAll(() => target.stop());

/** Names that other products, other frameworks and our own tables use. */
const foreign: Record<string, unknown> = {
	role: 'admin',
	roles: ['admin'],
	roleId: 'admin',
	defaultRole: 'admin',
	isAdmin: true,
	admin: true,
	permissions: ['*'],
	tenantId: 5,
	tenant: 5,
	app: 5,
	appId: 5,
	app_id: 5,
	'menshen-app': 5,
	id: 'chosen-by-me',
	userId: 'chosen-by-me',
	user_id: 'chosen-by-me',
	number: 1,
	sub: 'chosen-by-me',
	uuid: 'chosen-by-me',
	emailVerified: true,
	email_verified: true,
	phoneVerified: true,
	emailKey: 'alice@example.com',
	usernameKey: 'alice',
	status: 'active',
	state: 'active',
	disabled: false,
	passwordHash: '$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$x',
	password_hash: 'x',
	secret: 'x',
	credential: 'x',
	salt: 'x',
	createdAt: 1,
	updatedAt: 1,
	created_at: 1,
	lastSignInAt: 1,
	signInCount: 99,
	amr: ['mfa'],
	authTime: 1,
	actor: { kind: 'operator', role: 'owner' },
	visitor: { address: '6.6.6.6' },
	replaces: 'x',
	connector: 'outbox',
	firstParty: true,
};

const listed = async () => {
	const got = await target.api('admin.users.list', {
		input: { limit: 200 },
		headers: { cookie: await target.owner() },
	});
	return (got.data as { users: (Record<string, unknown> & { username: string | null; roles: string[] })[] })
		.users;
};
const find = async (username: string) => (await listed()).find((user) => user.username === username);

describe('D07: the API', () => {
	it.each(Object.entries(foreign))('refuses %s where an account is made or changed', async (name, value) => {
		const before = (await listed()).length;
		const made = await target.api('auth.register', {
			input: { username: 'sneaky', password, [name]: value },
		});
		expect([made.status, made.code]).toEqual([400, 'input/invalid']);
		expect(made.cookies).toEqual([]);
		const cookie = await target.signIn('alice');
		for (const procedure of ['me.update', 'me.changePassword']) {
			const own =
				procedure === 'me.update' ? { name: 'Alice' } : { password, newPassword: 'another-good-one' };
			expect(
				(await target.api(procedure, { input: { ...own, [name]: value }, headers: { cookie } })).code,
				procedure,
			).toBe('input/invalid');
		}
		const signIn = await target.api('auth.signIn', {
			input: { identifier: 'alice', password, [name]: value },
		});
		expect(signIn.code).toBe('input/invalid');
		expect((await listed()).length).toBe(before);
	});

	it.each(Object.entries(foreign))('refuses %s at every other way in', async (name, value) => {
		const before = (await listed()).length;
		const ticket = '0123456789abcdef'.repeat(2);
		for (const [procedure, input] of [
			['auth.sendCode', { purpose: 'sign-in', connector: 'email', to: 'sneaky@example.com' }],
			['auth.signInWithCode', { verification: 'x', code: '000000' }],
			['auth.signInWithTicket', { connector: 'guest', ticket }],
			['auth.joinExternal', { pending: 'x' }],
			['auth.proveJoining', { pending: 'x', verification: 'x', code: '000000' }],
			['auth.signInWithPasskey', { ceremony: 'x', response: { id: 'x' } }],
			['auth.scan.begin', { connector: 'wechat-miniprogram' }],
			['auth.scan.collect', { secret: 'x' }],
			['auth.scan.confirm', { key: '1', ticket: 'x' }],
		] as const) {
			// A field that the procedure itself has is not foreign.
			if (name in input) continue;
			const got = await target.api(procedure, { input: { ...input, [name]: value } });
			expect([got.status, got.code, got.cookies], procedure).toEqual([400, 'input/invalid', []]);
		}
		expect((await listed()).length).toBe(before);
	});

	it('hints beside a ticket do not affect the person’s identity', async () => {
		const params = Object.fromEntries(
			Object.entries(foreign).map(([name, value]) => [name, typeof value === 'string' ? value : 'admin']),
		);
		const input = { connector: 'guest', ticket: 'fedcba9876543210'.repeat(2), params };
		const got = await target.api('auth.signInWithTicket', { input });
		expect(got.status).toBe(200);
		const made = (await listed()).find(({ id }) => id === (got.data as { user: { id: string } }).user.id);
		expect(made).toMatchObject({ roles: ['guest'], emailVerified: false, status: 'active' });
		expect([made?.['id'], made?.['number'], made?.['signInCount']]).not.toContain('chosen-by-me');
	});

	it('refuses them deep inside what operators change as well', async () => {
		const headers = { cookie: await target.owner() };
		for (const [procedure, input] of [
			['admin.users.create', { username: 'sneaky', password, passwordHash: 'x' }],
			['admin.users.create', { username: 'sneaky', password, id: 'chosen' }],
			['admin.apps.update', { theme: { accent: '#112233', evil: 'x' } }],
			['admin.apps.update', { id: 5 }],
			['admin.apps.create', { name: 'x', theme: { evil: 'x' } }],
			[
				'admin.clients.create',
				{ id: 'x', name: 'x', secret: 'chosen-by-me', redirectUris: ['https://rp.example/'] },
			],
			['admin.clients.update', { id: 'web', secret: 'chosen-by-me' }],
			[
				'admin.operators.add',
				{ email: 'x@example.com', password: 'a-long-enough-secret', role: 'operator', id: 'chosen' },
			],
		] as const)
			expect(
				(await target.api(procedure, { input, headers })).code,
				`${procedure} ${JSON.stringify(input)}`,
			).toBe('input/invalid');
	});

	it.each([
		'{"username":"proto1","password":"correct-horse-battery","__proto__":{"roles":["admin"],"emailVerified":true}}',
		'{"username":"proto2","password":"correct-horse-battery","constructor":{"prototype":{"roles":["admin"]}}}',
		'{"__proto__":{"username":"proto3","password":"correct-horse-battery"}}',
		'{"username":"proto4","username":["admin"],"password":"correct-horse-battery"}',
		'{"username":{"toString":"x"},"password":"correct-horse-battery"}',
		'{"username":"proto6","password":{"$ne":null}}',
		'[{"username":"proto7","password":"correct-horse-battery"}]',
		'{"json":{"username":"proto8","password":"correct-horse-battery"}}',
		'{"0":{"username":"proto9","password":"correct-horse-battery"}}',
	])('is not talked into anything by %s', async (body) => {
		const got = await send(target.at, {
			method: 'POST',
			path: '/trpc/auth.register',
			headers: { 'content-type': 'application/json', 'menshen-app': String(app) },
			body,
		});
		const made = (await listed()).find(({ username }) => username?.startsWith('proto'));
		if (got.status === 200) expect(made?.roles).not.toContain('admin');
		else expect([got.status, made]).toEqual([400, undefined]);
		if (made)
			await target.api('admin.users.delete', {
				input: { id: made['id'] },
				headers: { cookie: await target.owner() },
			});
		const plain = await target.api('auth.register', { input: { username: 'plainone', password } });
		expect(plain.data).toMatchObject({ user: { emailVerified: false } });
		const user = await find('plainone');
		expect(user?.roles).not.toContain('admin');
		await target.api('admin.users.delete', {
			input: { id: user?.['id'] },
			headers: { cookie: await target.owner() },
		});
	});
});

describe('D07: the forms', () => {
	const fields = Object.fromEntries(
		Object.entries(foreign)
			.filter(([name]) => name !== 'connector')
			.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
	);

	it('make a plain account, whatever else is posted', async () => {
		const got = await post(
			target.at,
			`/apps/${app}/register`,
			{ username: 'formed', password, ...fields },
			{ host, origin: target.origin },
		);
		expect(got.status).toBe(303);
		const user = await find('formed');
		expect(user).toMatchObject({
			roles: ['user'],
			emailVerified: false,
			phoneVerified: false,
			status: 'active',
			email: null,
		});
		expect(user?.['id']).not.toBe('chosen-by-me');
		expect(user?.['number']).not.toBe(1);
		expect(Number(user?.['createdAt'])).toBeGreaterThan(1_600_000_000_000);
	});

	it('change a name and nothing more', async () => {
		const cookie = await target.signIn('alice');
		const before = await find('alice');
		const got = await post(
			target.at,
			`/apps/${app}/account?/profile`,
			{
				name: 'New Name',
				email: 'other@example.com',
				username: 'other',
				phone: '+8613800138000',
				...fields,
				locale: 'en',
			},
			{ host, origin: target.origin, cookie },
		);
		expect(got.status).toBe(200);
		const after = await find('alice');
		const { updatedAt: _, ...rest } = (before ?? {}) as Record<string, unknown>;
		expect(after).toMatchObject({
			...rest,
			name: 'New Name',
			locale: 'en',
			signInCount: expect.any(Number),
			lastSignInAt: expect.any(Number),
		});
	});

	it('of the console ask the same', async () => {
		const cookie = await target.owner();
		await post(
			target.at,
			`/admin/apps/${app}/users/new`,
			{ username: 'consoled', password, id: 'chosen-by-me', passwordHash: 'x', number: '1' },
			{ host, origin: target.origin, cookie },
		);
		const user = await find('consoled');
		expect(user).toBeDefined();
		expect(user?.['id']).not.toBe('chosen-by-me');
	});
});
