import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { editApplianceMail, readApplianceMail, saveApplianceMail } from '../messages/appliance-sender';
import type { Actor } from '../services';
import { listMethods } from '../sign-in/list-methods';
import { configurePlugin, moveConnector } from './configure-plugin';

let under: ApplianceUnderTest;
beforeAll(async () => {
	under = await applianceUnderTest();
});
afterAll(() => under.close());

const owner: Actor = { kind: 'operator', id: 'o1', role: 'owner' };
const operator: Actor = { kind: 'operator', id: 'o2', role: 'operator' };
const services = () => under.appliance.services;
const ofAppliance = () => ({
	plugins: services().plugins.appliance,
	store: services().control,
	clock: under.clock,
});
const values = { host: 'mail.example.com', from: 'id@example.com' };
const setUp = (actor: Actor, scope: Parameters<typeof configurePlugin>[0] = ofAppliance(), id = 'smtp') =>
	refusalOf(
		configurePlugin(scope, { id, change: { values: id === 'smtp' ? values : {} }, actor }, visitor()),
	);
const events = () => services().control.read.audit.list({ limit: 10 });

describe('a sender of the appliance', () => {
	it('is set up by owners only, and an operator who tries changes nothing', async () => {
		expect(await setUp(operator)).toBe('auth/forbidden');
		expect((await services().plugins.appliance.formOf('smtp')).fields[0]).toMatchObject({ value: null });
		expect(await setUp(owner)).toBe('done');
		expect(await setUp(system)).toBe('done');
		expect((await events()).map(({ action }) => action)).toEqual(['plugin.configure', 'plugin.configure']);
	});

	it('of a single app is set up by any operator', async () => {
		expect(await setUp(operator, await under.app())).toBe('done');
	});

	it('is chosen by owners only, and so is the address of alerts', async () => {
		const save = (actor: Actor, change: { email?: string; alertEmail?: string }) =>
			refusalOf(saveApplianceMail(services(), { change, actor }, visitor()));
		expect(await save(operator, { email: 'smtp' })).toBe('auth/forbidden');
		expect(await save(operator, { alertEmail: 'me@example.com' })).toBe('auth/forbidden');
		expect(await readApplianceMail(services())).toMatchObject({ email: '', alertEmail: '' });
		expect(await save(owner, { alertEmail: 'me@example' })).toBe('input/invalid');
		expect(await save(owner, { email: 'smtp', alertEmail: 'me@example.com' })).toBe('done');
		expect(await readApplianceMail(services())).toMatchObject({ email: 'smtp' });
	});

	it('or of alerts is not put back by a page that was open before it was changed', async () => {
		const drawn = await readApplianceMail(services());
		const change = { alertEmail: 'new@example.com' };
		await saveApplianceMail(services(), { change, actor: owner }, visitor());
		const edit = (actor: Actor, shown: unknown) =>
			refusalOf(
				editApplianceMail(services(), { drawn: shown, typed: { ...drawn, sms: 'twilio' }, actor }, visitor()),
			);
		expect(await edit(owner, drawn)).toBe('sender/not-configured');
		expect(await edit(owner, undefined)).toBe('input/outdated');
		expect(await edit(operator, drawn)).toBe('auth/forbidden');
		await editApplianceMail(services(), { drawn, typed: { ...drawn, email: '' }, actor: owner }, visitor());
		expect(await readApplianceMail(services())).toMatchObject({ email: '', ...change });
	});
});

describe('a connector of the appliance', () => {
	const shared = { appId: 'wx1234', appSecret: 'of-the-house' };
	const share = (actor: Actor) =>
		refusalOf(
			configurePlugin(
				ofAppliance(),
				{ id: 'wechat-miniprogram', change: { values: shared }, actor },
				visitor(),
			),
		);

	it('is set up by owners only, and inherited by every app', async () => {
		const app = await under.app();
		expect(await share(operator)).toBe('auth/forbidden');
		const find = async () =>
			(await app.plugins.listForOperators()).find(({ id }) => id === 'wechat-miniprogram');
		expect(await find()).toMatchObject({ configured: false, inherited: [] });
		expect(await share(owner)).toBe('done');
		expect(await find()).toMatchObject({ configured: true, enabled: false, inherited: Object.keys(shared) });
		await configurePlugin(
			app,
			{ id: 'wechat-miniprogram', change: { enabled: true }, actor: operator },
			visitor(),
		);
		expect(await find()).toMatchObject({ enabled: true });
	});
});

describe('the order of what is on', () => {
	const on = (app: Parameters<typeof configurePlugin>[0], id: string) =>
		configurePlugin(app, { id, change: { enabled: true }, actor: operator }, visitor());
	const move = (app: Parameters<typeof configurePlugin>[0], id: string, by: 'up' | 'down') =>
		moveConnector(app, { id, by, actor: operator }, visitor());
	const orderOf = async (app: Parameters<typeof configurePlugin>[0]) =>
		(await app.plugins.list())
			.filter(({ enabled, manifest }) => enabled && !manifest.kinds.includes('sender'))
			.map(({ id }) => id);

	it('is changed by one place at a time, and stops at both ends', async () => {
		const app = await under.app();
		for (const id of ['email', 'guest']) await on(app, id);
		expect(await orderOf(app)).toEqual(['password', 'email', 'guest']);
		await move(app, 'password', 'down');
		expect(await orderOf(app)).toEqual(['email', 'password', 'guest']);
		await move(app, 'email', 'up');
		await move(app, 'guest', 'down');
		expect(await orderOf(app)).toEqual(['email', 'password', 'guest']);
		await move(app, 'email', 'down');
		expect(await orderOf(app)).toEqual(['password', 'email', 'guest']);
		const [event] = await app.store.read.audit.list({ action: 'plugin.move', limit: 1 });
		expect(event).toMatchObject({ target: 'plugin:email', detail: { by: 'down' } });
	});

	it('is that of the sign-in page, also before and after the first move', async () => {
		const app = await under.app();
		for (const id of ['guest', 'passkey', 'sms', 'email']) await on(app, id);
		const offered = async () => (await listMethods(app, visitor())).map(({ id }) => id);
		const before = ['password', 'email', 'sms', 'passkey', 'guest'];
		expect([await orderOf(app), await offered()]).toEqual([before, before]);
		await move(app, 'passkey', 'up');
		const after = ['password', 'email', 'passkey', 'sms', 'guest'];
		expect([await orderOf(app), await offered()]).toEqual([after, after]);
	});

	it('puts a connector that is switched on later last', async () => {
		const app = await under.app();
		await on(app, 'guest');
		await move(app, 'guest', 'down');
		await on(app, 'email');
		expect(await orderOf(app)).toEqual(['password', 'guest', 'email']);
		await configurePlugin(app, { id: 'guest', change: { enabled: false }, actor: operator }, visitor());
		await on(app, 'guest');
		expect(await orderOf(app)).toEqual(['password', 'guest', 'email']);
	});

	it('leaves out senders and connectors that are off', async () => {
		const app = await under.app();
		expect(await refusalOf(move(app, 'guest', 'up'))).toBe('plugin/not-found');
		expect(await refusalOf(move(app, 'smtp', 'up'))).toBe('plugin/not-found');
	});
});

describe('a change that cannot be written into the log', () => {
	it('does not happen', async () => {
		const app = await under.app();
		const order = async () => (await app.plugins.list()).map(({ id, enabled }) => [id, enabled]);
		for (const id of ['email', 'guest'])
			await configurePlugin(app, { id, change: { enabled: true }, actor: operator }, visitor());
		const before = await order();
		const unlogged = {
			...app,
			clock: {
				now: () => {
					throw new Error('no log');
				},
			},
		};
		const change = { enabled: false };
		const off = configurePlugin(unlogged, { id: 'guest', change, actor: operator }, visitor());
		await expect(off).rejects.toThrow('no log');
		const move = moveConnector(unlogged, { id: 'guest', by: 'up', actor: operator }, visitor());
		await expect(move).rejects.toThrow('no log');
		expect(await order()).toEqual(before);
	});
});
