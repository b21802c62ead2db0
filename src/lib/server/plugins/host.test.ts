import { describe, expect, it } from 'vitest';
import { Refusal } from '../../contract/errors';
import { folderOf, hostUnderTest, manifestOf, refusalOf } from './host-under-test';

const text = (en: string) => ({ en, 'zh-CN': `${en}（中文）` });
const field = (key: string, more: Record<string, unknown> = {}) => ({
	key,
	type: 'text',
	label: text(key),
	...more,
});

/** A sender that delivers its own settings, so that tests can see them. */
const echo = folderOf(
	manifestOf({
		id: 'echo',
		kinds: ['sender'],
		channels: ['sms'],
		config: [
			field('account', { required: true }),
			field('key', { secret: true, required: true }),
			field('region', {
				type: 'select',
				default: 'cn',
				options: [
					{ value: 'cn', label: text('China') },
					{ value: 'intl', label: text('World') },
				],
			}),
			field('retries', { type: 'integer', min: 0, max: 5 }),
			field('note', {
				showWhen: { key: 'region', equals: 'intl' },
				required: true,
				help: text('Only abroad'),
			}),
		],
	}),
	{ sender: { deliver: (_, { config }) => ({ status: 'delivered', reference: JSON.stringify(config) }) } },
);
const connector = folderOf(manifestOf({ id: 'door', display: 'form', amr: ['pwd'] }), {
	secret: { enrol: () => 'stored', check: ({ secret }) => ({ ok: secret === 'open' }) },
});
const message = {
	id: 'm',
	channel: 'sms',
	purpose: 'recover',
	to: '+8613800138000',
	subject: '',
	text: 'code',
	params: {},
	locale: 'zh-CN',
} as const;
const delivered = async (sender: { deliver(m: typeof message): Promise<unknown> }) =>
	JSON.parse(((await sender.deliver(message)) as { reference: string }).reference) as Record<string, unknown>;

describe('the list of plugins', () => {
	it('lists the plugins of the build with texts, icon and state', async () => {
		const { app } = await hostUnderTest();
		const list = await app.list('zh-CN');
		const of = (id: string) => list.find((each) => each.id === id);
		expect(of('password')).toMatchObject({
			name: '密码',
			enabled: true,
			configured: true,
			forbidden: false,
			health: { state: 'unknown' },
		});
		expect(of('smtp')).toMatchObject({ enabled: true, configured: false });
		expect(of('outbox')?.icon).toMatch(/^data:image\/svg\+xml;base64,/);
		expect(of('outbox')?.manifest.trial).toBe(true);
	});

	it('shows users the operator’s name where the manifest allows one, and operators the plugin’s own', async () => {
		const { app } = await hostUnderTest();
		const named = async (list: 'list' | 'listForOperators') =>
			(await app[list]()).find(({ id }) => id === 'oidc')?.name;
		expect(await named('list')).toBe('OpenID Connect');
		await app.save('oidc', { values: { shownName: '  Acme SSO ' } });
		expect([await named('list'), await named('listForOperators')]).toEqual(['Acme SSO', 'OpenID Connect']);
		expect(await refusalOf(app.save('oidc', { values: { shownName: 'x'.repeat(41) } }))).toMatchObject({
			code: 'plugin/config-invalid',
			fields: { shownName: 'input/invalid' },
		});
		await app.save('oidc', { values: { shownName: '' } });
		expect(await named('list')).toBe('OpenID Connect');
	});

	it('has connectors in the operator’s order', async () => {
		const { app } = await hostUnderTest({ folders: [connector] });
		await app.save('password', { position: 9 });
		const ids = (await app.list()).map(({ id }) => id);
		expect(ids.at(-1)).toBe('password');
		expect(ids.indexOf('door')).toBeLessThan(ids.indexOf('outbox'));
	});

	it('has only the password connector on in a new app', async () => {
		const { app } = await hostUnderTest({ folders: [connector] });
		expect(await app.secret('password').enrol({ secret: 'correct horse' })).toMatch(/^\$argon2id/);
		expect(await refusalOf(app.secret('door').check({ secret: 'open', stored: undefined }))).toMatchObject({
			code: 'plugin/not-enabled',
		});
	});

	it.each(['nothing', 'smtp'])('has no secret plugin %s', async (id) => {
		const { app } = await hostUnderTest();
		expect(await refusalOf(app.secret(id).enrol({ secret: 'x' }))).toMatchObject({
			code: 'plugin/not-found',
		});
	});
});

describe('switching', () => {
	it('takes effect at once, in this process and in another', async () => {
		const { app, sibling } = await hostUnderTest({ folders: [connector] });
		const other = sibling().app;
		const check = () =>
			Promise.all(
				[app, other].map((each) => refusalOf(each.secret('door').check({ secret: 'open', stored: 's' }))),
			);
		await app.save('door', { enabled: true });
		expect(await check()).toEqual(['no refusal', 'no refusal']);
		await other.save('door', { enabled: false });
		expect(await check()).toMatchObject([{ code: 'plugin/not-enabled' }, { code: 'plugin/not-enabled' }]);
	});

	it('applies to an invoker that was made before', async () => {
		const { app } = await hostUnderTest({ folders: [connector] });
		const held = app.secret('password');
		await app.save('password', { enabled: false });
		expect(await refusalOf(held.check({ secret: 'x', stored: undefined }))).toMatchObject({
			code: 'plugin/not-enabled',
		});
	});

	it('is not needed for the appliance’s own operators', async () => {
		const { host, app } = await hostUnderTest();
		await app.save('password', { enabled: false });
		const stored = await host.appliance.secret('password').enrol({ secret: 'operator secret' });
		expect(await host.appliance.secret('password').check({ secret: 'operator secret', stored })).toEqual({
			ok: true,
		});
	});
});

describe('settings', () => {
	it('reach the plugin parsed, with defaults filled in', async () => {
		const { app } = await hostUnderTest({ folders: [echo] });
		await app.save('echo', { values: { account: ' me ', key: 'k-1234', retries: '3' } });
		expect(await delivered(app.sender('echo'))).toEqual({
			account: 'me',
			key: 'k-1234',
			region: 'cn',
			retries: 3,
		});
	});

	it('come from the appliance where the app has none of its own', async () => {
		const { host, app } = await hostUnderTest({ folders: [echo] });
		await host.appliance.save('echo', { values: { account: 'all', key: 'key-of-all', retries: 1 } });
		expect(await delivered(app.sender('echo'))).toMatchObject({ account: 'all', key: 'key-of-all' });
		await app.save('echo', { values: { account: 'own' } });
		expect(await delivered(app.sender('echo'))).toMatchObject({
			account: 'own',
			key: 'key-of-all',
			retries: 1,
		});
		expect(await delivered(host.appliance.sender('echo'))).toMatchObject({ account: 'all' });
		await app.save('echo', { values: { account: null } });
		expect(await delivered(app.sender('echo'))).toMatchObject({ account: 'all' });
		await host.appliance.save('echo', { values: { account: 'all again' } });
		expect(await delivered(app.sender('echo'))).toMatchObject({ account: 'all again' });
	});

	it('of one app are not visible to another', async () => {
		const { host, app, storage, vault } = await hostUnderTest({ folders: [echo] });
		await app.save('echo', { values: { account: 'one', key: 'k-1234' } });
		const second = host.forApp({ store: await storage.createApp(5), vault });
		expect(await refusalOf(second.sender('echo').deliver(message))).toMatchObject({
			code: 'plugin/config-invalid',
		});
	});

	it('keep a secret that is left empty; null removes it', async () => {
		const { app } = await hostUnderTest({ folders: [echo] });
		await app.save('echo', { values: { account: 'a', key: 'first-key' } });
		await app.save('echo', { values: { account: 'b', key: '' } });
		expect(await delivered(app.sender('echo'))).toMatchObject({ account: 'b', key: 'first-key' });
		expect(await refusalOf(app.save('echo', { values: { key: null } }))).toMatchObject({
			code: 'plugin/config-invalid',
			fields: { key: 'input/invalid' },
		});
		expect(await delivered(app.sender('echo'))).toMatchObject({ key: 'first-key' });
	});

	it.each([
		['missing what is required', { account: 'a' }, ['key']],
		['of the wrong type', { account: 'a', key: 'k', retries: 'many' }, ['retries']],
		['out of range', { account: 'a', key: 'k', retries: 6 }, ['retries']],
		['no choice', { account: 'a', key: 'k', region: 'mars' }, ['region']],
		['unknown', { account: 'a', key: 'k', accountt: 'b' }, ['accountt']],
		['an object', { account: { a: 1 }, key: 'k' }, ['account']],
		['required by another', { account: 'a', key: 'k', region: 'intl' }, ['note']],
		['too long', { account: 'a'.repeat(501), key: 'k' }, ['account']],
	])('%s: refused at the field, nothing saved', async (_, values, fields) => {
		const { app, appStore } = await hostUnderTest({ folders: [echo] });
		const refusal = await refusalOf(app.save('echo', { values }));
		expect(refusal).toBeInstanceOf(Refusal);
		expect(refusal).toMatchObject({ code: 'plugin/config-invalid' });
		expect(Object.keys((refusal as Refusal).fields)).toEqual(fields);
		expect(await appStore.read.plugins.list()).toEqual([]);
	});

	it('may be incomplete while a connector is off, and are refused when it is switched on', async () => {
		const half = folderOf(
			manifestOf({ id: 'half', config: [field('appId', { required: true }), field('extra')] }),
			{ secret: { enrol: () => 's', check: () => ({ ok: true }) } },
		);
		const { app } = await hostUnderTest({ folders: [half] });
		await app.save('half', { values: { extra: 'x' } });
		expect((await app.list()).find(({ id }) => id === 'half')).toMatchObject({
			configured: false,
			enabled: false,
		});
		expect(await refusalOf(app.save('half', { enabled: true }))).toMatchObject({
			fields: { appId: 'input/invalid' },
		});
		await app.save('half', { enabled: true, values: { appId: '1' } });
		expect(await app.secret('half').enrol({ secret: 'x' })).toBe('s');
	});

	it('survive two saves at once', async () => {
		const { app } = await hostUnderTest({ folders: [echo] });
		await app.save('echo', { values: { account: 'a', key: 'k-1234' } });
		await Promise.all([
			app.save('echo', { values: { retries: 2 } }),
			app.save('echo', { values: { account: 'b' } }),
		]);
		expect(await delivered(app.sender('echo'))).toMatchObject({ account: 'b', retries: 2, key: 'k-1234' });
	});
});

describe('settings at rest (E07)', () => {
	it('are unreadable in the row', async () => {
		const { app, appStore } = await hostUnderTest({ folders: [echo] });
		await app.save('echo', { values: { account: 'canary-account', key: 'canary-secret' } });
		const [row] = await appStore.read.plugins.list();
		expect(row?.config).toMatch(/^v1\./);
		expect(JSON.stringify(row)).not.toMatch(/canary/);
		expect(Buffer.from(row?.config.slice(3) ?? '', 'base64url').toString('latin1')).not.toContain('canary');
	});

	it('that were altered or moved to another plugin are invalid and break nothing else', async () => {
		const twin = folderOf(
			{ ...(Object.values(echo.manifests)[0] as Record<string, unknown>), id: 'twin' },
			{ sender: { deliver: () => ({ status: 'delivered' }) } },
		);
		const { app, appStore } = await hostUnderTest({ folders: [echo, twin] });
		await app.save('echo', { values: { account: 'a', key: 'k-1234' } });
		const [row] = await appStore.read.plugins.list();
		await appStore.write(({ plugins }) =>
			plugins.save({ id: 'twin', enabled: true, config: row?.config ?? '', position: 0 }, 0),
		);
		expect(await refusalOf(app.sender('twin').deliver(message))).toMatchObject({
			code: 'plugin/config-invalid',
		});
		expect((await app.list()).find(({ id }) => id === 'twin')).toMatchObject({ configured: false });
		expect(await delivered(app.sender('echo'))).toMatchObject({ account: 'a' });
		await app.save('twin', { values: { account: 'b', key: 'k-5678' } });
		expect(await app.sender('twin').deliver(message)).toEqual({ status: 'delivered' });
	});
});

describe('the form', () => {
	it('is drawn in the language asked for', async () => {
		const { app } = await hostUnderTest({ folders: [echo] });
		const form = await app.formOf('echo', 'zh-CN');
		expect(form.fields.map(({ label }) => label)).toContain('account（中文）');
		expect(form.fields.find(({ key }) => key === 'region')?.options).toEqual([
			{ value: 'cn', label: 'China（中文）' },
			{ value: 'intl', label: 'World（中文）' },
		]);
		expect(form.fields.find(({ key }) => key === 'note')).toMatchObject({
			help: 'Only abroad（中文）',
			showWhen: { key: 'region', equals: 'intl' },
		});
	});

	it('shows where each value comes from, and of a secret only that it is set', async () => {
		const { host, app } = await hostUnderTest({ folders: [echo] });
		await host.appliance.save('echo', { values: { account: 'all', key: 'canary-shared' } });
		await app.save('echo', { values: { key: 'canary-own' } });
		const form = await app.formOf('echo');
		const of = (key: string) => form.fields.find((each) => each.key === key);
		expect(of('account')).toMatchObject({ source: 'appliance', value: null, effective: 'all' });
		expect(of('key')).toMatchObject({ source: 'own', value: null, effective: null });
		expect(of('region')).toMatchObject({ source: 'default', value: null, effective: 'cn' });
		expect(of('retries')).toMatchObject({ source: 'unset', value: null, effective: null, min: 0, max: 5 });
		expect(JSON.stringify([form, await app.list()])).not.toContain('canary');
	});
});

describe('choosing a sender', () => {
	it.each([
		['http://localhost:3000', undefined, true],
		['https://id.example.com', undefined, false],
		['https://id.example.com', true, true],
	])('the outbox under %s with ALLOW_OUTBOX %s: %s', async (ORIGIN, ALLOW_OUTBOX, allowed) => {
		const { app } = await hostUnderTest({ config: { ORIGIN, ALLOW_OUTBOX } });
		const chosen = await refusalOf(app.requireSender('outbox', 'email'));
		const sent = await refusalOf(app.sender('outbox').deliver({ ...message, channel: 'email' }));
		const expected = allowed ? 'no refusal' : expect.objectContaining({ code: 'plugin/outbox-not-allowed' });
		expect([chosen, sent]).toEqual([expected, expected]);
		expect((await app.list()).find(({ id }) => id === 'outbox')?.forbidden).toBe(!allowed);
	});

	it('keeps what is sent to the outbox', async () => {
		const { app } = await hostUnderTest();
		expect(await app.sender('outbox').deliver(message)).toEqual({ status: 'held' });
	});

	it('says why a sender cannot be chosen', async () => {
		const { app } = await hostUnderTest({ folders: [echo] });
		expect(await refusalOf(app.requireSender('echo', 'sms'))).toMatchObject({
			code: 'sender/not-configured',
			params: { channel: 'sms' },
		});
		expect(await refusalOf(app.requireSender('echo', 'email'))).toMatchObject({ code: 'plugin/not-found' });
		expect(await refusalOf(app.requireSender('password', 'email'))).toMatchObject({
			code: 'plugin/not-found',
		});
		await app.save('echo', { enabled: true, values: { account: 'a', key: 'k-1234' } });
		await app.requireSender('echo', 'sms');
		await app.save('echo', { enabled: false });
		expect(await refusalOf(app.requireSender('echo', 'sms'))).toMatchObject({ code: 'plugin/not-enabled' });
	});

	it('certainly does not deliver an invalid message', async () => {
		const { app } = await hostUnderTest();
		const wrong = { ...message, subject: 'a\r\nBcc: eve@example.com' };
		expect(await app.sender('outbox').deliver(wrong)).toMatchObject({
			status: 'failed',
			retry: false,
			certain: true,
		});
	});
});
