/** Ids of other users and of other apps: no caller can see or change anything of theirs (D08). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPassword, system, visitor } from '../../../../tests/appliance-under-test';
import { createClient } from '../flows/clients/manage-clients';
import type { AppServices } from '../flows/services';
import { updateUser } from '../flows/users/manage-users';
import {
	apiUnderTest,
	byAccessToken,
	byCookie,
	byOperatorCookie,
	firstPartyClient,
	type ApiUnderTest,
	type Proof,
} from './api-under-test';

let api: ApiUnderTest;
let [here, there]: [AppServices, AppServices] = [undefined as never, undefined as never];
let bob: { id: string };
let operator: Proof;

beforeAll(async () => {
	api = await apiUnderTest();
	[here, there] = [await api.under.app(), await api.under.app()];
	bob = await api.under.user(there, {
		username: 'bob',
		email: 'bob@example.com',
		emailVerified: true,
		password: goodPassword,
	});
	await createClient(
		there,
		{
			settings: { id: 'web', name: 'Web', confidential: true, redirectUris: ['https://rp.example/cb'] },
			actor: system,
		},
		visitor(),
	);
	operator = { ...(await byOperatorCookie(api.under, 'owner')), 'menshen-app': String(here.id) };
});
afterAll(() => api.close());

describe('an object of another app', () => {
	it.each([
		['admin.users.get', { id: '' }, 'user/not-found'],
		['admin.users.update', { id: '', name: 'Taken' }, 'user/not-found'],
		['admin.users.setPassword', { id: '', newPassword: 'another-good-password' }, 'user/not-found'],
		['admin.users.sendRecovery', { id: '' }, 'user/not-found'],
		['admin.users.delete', { id: '' }, 'user/not-found'],
		['admin.users.identities.list', { id: '' }, 'user/not-found'],
		['admin.users.passkeys.list', { id: '' }, 'user/not-found'],
		['admin.clients.get', { id: 'web' }, 'client/not-found'],
		['admin.clients.update', { id: 'web', name: 'Taken' }, 'client/not-found'],
		['admin.clients.rotateSecret', { id: 'web' }, 'client/not-found'],
		['admin.clients.delete', { id: 'web' }, 'client/not-found'],
	])('is not there for %s', async (name, shape, code) => {
		const input = shape.id === '' ? { ...shape, id: bob.id } : shape;
		const send = /\.(?:get|list)$/.test(name) ? api.ask : api.tell;
		expect((await send(name, { input, headers: operator })).error?.code).toBe(code);
	});

	it('is not signed out, listed or opened from here', async () => {
		const bobs = await byCookie(there, bob.id);
		await api.tell('admin.users.signOutEverywhere', { input: { id: bob.id }, headers: operator });
		expect((await api.ask('me.get', { headers: bobs })).status).toBe(200);
		const users = await api.ask('admin.users.list', { input: { search: 'bob' }, headers: operator });
		expect(users.data).toEqual({ users: [] });
		await api.tell('auth.sendCode', {
			input: { purpose: 'recover', identifier: 'bob@example.com' },
			headers: { 'menshen-app': String(there.id) },
		});
		const messages = (
			await api.ask('admin.messages.list', {
				input: {},
				headers: { ...operator, 'menshen-app': String(there.id) },
			})
		).data as { id: string }[];
		expect(messages).toHaveLength(1);
		const opened = await api.tell('admin.messages.read', {
			input: { id: messages[0]?.id },
			headers: operator,
		});
		expect(opened.error?.code).toBe('message/not-found');
	});

	it('cannot be changed with a token of an administrator of this app', async () => {
		const chief = await api.under.user(here, { username: 'chief' });
		await updateUser(here, { id: chief.id, change: { roles: ['admin'] }, actor: system }, visitor());
		await firstPartyClient(here);
		const token = await byAccessToken(api, here, { userId: chief.id, scope: 'openid menshen.admin' });
		expect((await api.ask('admin.users.list', { input: {}, headers: token })).status).toBe(200);
		const elsewhere = { ...token, 'menshen-app': String(there.id) };
		expect((await api.ask('admin.users.list', { input: {}, headers: elsewhere })).status).toBe(401);
		await updateUser(here, { id: chief.id, change: { roles: ['user'] }, actor: system }, visitor());
		expect((await api.ask('admin.users.list', { input: {}, headers: token })).error?.code).toBe(
			'auth/forbidden',
		);
	});

	it('is unchanged in the end', async () => {
		const proof = { ...operator, 'menshen-app': String(there.id) };
		expect((await api.ask('admin.users.get', { input: { id: bob.id }, headers: proof })).data).toMatchObject({
			username: 'bob',
			name: '',
			status: 'active',
		});
		expect((await api.ask('admin.clients.get', { input: { id: 'web' }, headers: proof })).data).toMatchObject(
			{ name: 'Web' },
		);
	});
});

describe('a user who is disabled', () => {
	it('is refused at once, by every proof', async () => {
		const eve = await api.under.user(here, { username: 'eve' });
		const cookie = await byCookie(here, eve.id);
		const token = await byAccessToken(api, here, { userId: eve.id, scope: 'openid menshen.me' });
		await api.tell('admin.users.update', { input: { id: eve.id, status: 'disabled' }, headers: operator });
		for (const proof of [cookie, token])
			expect((await api.ask('me.get', { headers: proof })).status).toBe(401);
	});
});

describe('administering', () => {
	it('goes through the API from the first app to the last user, and is logged', async () => {
		const owner = { cookie: operator['cookie'] ?? '' };
		const made = (
			await api.tell('admin.apps.create', { input: { id: 77, name: 'Made here' }, headers: owner })
		).data as { id: number };
		const at = { ...owner, 'menshen-app': String(made.id) };
		const user = (
			await api.tell('admin.users.create', {
				input: { username: 'zoe', password: goodPassword },
				headers: at,
			})
		).data as { id: string };
		expect(
			(
				await api.tell('auth.signIn', {
					input: { identifier: 'zoe', password: goodPassword },
					headers: { 'menshen-app': '77' },
				})
			).status,
		).toBe(200);
		await api.tell('admin.users.delete', { input: { id: user.id }, headers: at });
		const { events } = (await api.ask('admin.audit.list', { input: { action: 'user.delete' }, headers: at }))
			.data as { events: { actor: object; target: string }[] };
		expect(events[0]).toMatchObject({ actor: { kind: 'operator' }, target: `user:${user.id}` });
		expect((await api.tell('admin.apps.delete', { input: { id: 77 }, headers: at })).status).toBe(200);
		expect((await api.ask('admin.apps.get', { headers: at })).error?.code).toBe('app/not-found');
		const list = (await api.ask('admin.audit.list', { input: { action: 'app.delete' }, headers: owner }))
			.data as { events: object[] };
		expect(list.events).toHaveLength(1);
	});

	it('configures plugins for an app, or for the appliance where no app is named', async () => {
		const owner = { cookie: operator['cookie'] ?? '' };
		const saved = await api.tell('admin.connectors.save', {
			input: { id: 'smtp', values: { host: 'mail.example', from: 'id@demo.example' } },
			headers: owner,
		});
		expect(saved.status).toBe(200);
		const form = (await api.ask('admin.connectors.form', { input: { id: 'smtp' }, headers: operator }))
			.data as { fields: { key: string; source: string; effective: unknown }[] };
		expect(form.fields.find(({ key }) => key === 'host')).toMatchObject({
			source: 'appliance',
			effective: 'mail.example',
		});
		const bad = await api.tell('admin.connectors.save', {
			input: { id: 'smtp', enabled: true, values: { nonsense: 1 } },
			headers: operator,
		});
		expect(bad.error).toMatchObject({
			code: 'plugin/config-invalid',
			fields: { nonsense: { code: 'input/invalid' } },
		});
		expect(
			(await api.tell('admin.connectors.test', { input: { id: 'password' }, headers: operator })).data,
		).toMatchObject({ ok: true });
		const chosen = await api.tell('admin.senders.save', {
			input: { alertEmail: 'ops@example.com' },
			headers: owner,
		});
		expect(chosen.data).toMatchObject({ alertEmail: 'ops@example.com' });
	});

	it('manages operators, as an owner', async () => {
		const owner = { cookie: operator['cookie'] ?? '' };
		const added = (
			await api.tell('admin.operators.add', {
				input: { email: 'new@example.com', password: goodPassword, role: 'operator' },
				headers: owner,
			})
		).data as { id: string };
		expect(
			(
				await api.tell('admin.operators.resetPassword', {
					input: { email: 'new@example.com', newPassword: 'another-good-password' },
					headers: owner,
				})
			).status,
		).toBe(200);
		expect(
			(await api.tell('admin.operators.remove', { input: { id: added.id }, headers: owner })).status,
		).toBe(200);
		expect((await api.ask('admin.operators.list', { headers: owner })).data).toHaveLength(1);
	});

	it('sets up the senders of the appliance as an owner only', async () => {
		const { cookie = '' } = await byOperatorCookie(api.under, 'operator');
		const values = { host: 'elsewhere.example' };
		const save = (headers: Record<string, string>) =>
			api.tell('admin.connectors.save', { input: { id: 'smtp', values }, headers });
		expect((await save({ cookie })).error?.code).toBe('auth/forbidden');
		const { data } = await api.ask('admin.connectors.form', { input: { id: 'smtp' }, headers: { cookie } });
		expect(JSON.stringify(data)).not.toContain('elsewhere.example');
		expect((await save({ ...operator, cookie })).status).toBe(200);
	});

	it('keeps a logo that is a picture', async () => {
		const png = Buffer.concat([
			Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
			Buffer.alloc(100),
		]);
		const kept = await api.tell('admin.apps.uploadLogo', {
			input: { data: png.toString('base64') },
			headers: operator,
		});
		expect(kept.data).toEqual({ id: expect.stringMatching(/^[a-f0-9]{64}$/) as string });
		const text = await api.tell('admin.apps.uploadLogo', {
			input: { data: Buffer.from('<svg/>').toString('base64') },
			headers: operator,
		});
		expect(text.error?.code).toBe('image/not-supported');
	});
});

describe('consents', () => {
	it('are listed for the user who gave them, and can be withdrawn', async () => {
		const user = await api.under.user(here, { username: 'mia' });
		const now = api.under.clock.now();
		await createClient(
			here,
			{ settings: { id: 'shop', name: 'Shop', redirectUris: ['https://shop.example/cb'] }, actor: system },
			visitor(),
		);
		await here.store.write((tx) =>
			tx.consents.save({
				userId: user.id,
				clientId: 'shop',
				grantId: 'g',
				scopes: ['openid', 'email'],
				updatedAt: now,
			}),
		);
		const proof = await byCookie(here, user.id);
		expect((await api.ask('me.consents.list', { headers: proof })).data).toEqual([
			{ clientId: 'shop', clientName: 'Shop', scopes: ['openid', 'email'], createdAt: now },
		]);
		await api.tell('me.consents.revoke', { input: { clientId: 'shop' }, headers: proof });
		expect((await api.ask('me.consents.list', { headers: proof })).data).toEqual([]);
	});
});
