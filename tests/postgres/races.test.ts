/**
 * Writes that PostgreSQL runs side by side, held at the one moment at which they could miss each other. Each
 * test stops the first of two with a lock on a table that only its last step needs.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changePassword } from '../../src/lib/server/flows/account/change-password';
import { createAlerts } from '../../src/lib/server/flows/alerts/alerts';
import { createApp, updateApp, type AppSettingsInput } from '../../src/lib/server/flows/apps/manage-apps';
import {
	createClient,
	rotateClientSecret,
	updateClient,
} from '../../src/lib/server/flows/clients/manage-clients';
import { configurePlugin } from '../../src/lib/server/flows/connectors/configure-plugin';
import { saveApplianceMail } from '../../src/lib/server/flows/messages/appliance-sender';
import { saveWords } from '../../src/lib/server/flows/messages/edit-words';
import { addOperator, listOperators, removeOperator } from '../../src/lib/server/flows/operators/operators';
import { resetOperatorPassword } from '../../src/lib/server/flows/operators/operators';
import { signInOperator } from '../../src/lib/server/flows/operators/sign-in-operator';
import type { AppServices } from '../../src/lib/server/flows/services';
import { submitSignIn } from '../../src/lib/server/flows/sign-in/submit-sign-in';
import { setUserPassword, updateUser } from '../../src/lib/server/flows/users/manage-users';
import type { PluginChange } from '../../src/lib/server/plugins/host';
import { secretContext } from '../../src/lib/server/storage/app/clients';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	sessionOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../appliance-under-test';
import { startPostgres, type PostgresServer } from '../storage/postgres-server';

let server: PostgresServer;
let url: string;
let under: ApplianceUnderTest;
let app: AppServices;

beforeAll(async () => {
	server = await startPostgres();
	url = await server.createDatabase('races');
	under = await applianceUnderTest({
		DATABASE_URL: url,
		MASTER_KEY: randomBytes(32).toString('base64'),
	});
	app = await under.app();
});
afterAll(async () => {
	await under?.close();
	await server.stop();
});

async function connected(): Promise<pg.Client> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	return client;
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
	const deadline = performance.now() + 8000;
	while (!(await condition())) {
		if (performance.now() > deadline) throw new Error('it did not come to that');
		await new Promise((again) => setTimeout(again, 10));
	}
}

/**
 * Lets `first` run up to its insert or delete in a table, then `second` as far as it gets (its end, or waiting
 * as well), and then both to their ends.
 */
async function atOnce(table: string, first: () => Promise<unknown>, second: () => Promise<unknown>) {
	const [blocker, onlooker] = [await connected(), await connected()];
	const waiting = async () => {
		const sql = `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'`;
		return (await onlooker.query<{ n: number }>(sql)).rows[0]?.n ?? 0;
	};
	try {
		await blocker.query('begin');
		await blocker.query(`lock table ${table} in share mode`);
		const one = refusalOf(first());
		await until(async () => (await waiting()) === 1);
		let over = false;
		const two = refusalOf(second()).finally(() => (over = true));
		await until(async () => over || (await waiting()) === 2);
		await blocker.query('commit');
		return await Promise.all([one, two]);
	} finally {
		await blocker.end();
		await onlooker.end();
	}
}

describe('a sign-in that races', () => {
	const signIn = (identifier: string) => () =>
		submitSignIn(app, { identifier, password: goodPassword }, visitor());
	const sessionsOf = (id: string) => app.store.read.sessions.listOfUser(id);
	const table = () => `app_${app.id}.session`;

	it.each([
		[
			'an operator’s new password',
			(id: string) => setUserPassword(app, { id, newPassword: 'another-good-one', actor: system }, visitor()),
		],
		[
			'being disabled',
			(id: string) => updateUser(app, { id, change: { status: 'disabled' }, actor: system }, visitor()),
		],
	])('%s leaves no session behind', async (what, end) => {
		const username = `user${what.length}`;
		const { id } = await under.user(app, { username, password: goodPassword });
		const outcomes = await atOnce(table(), signIn(username), () => end(id));
		expect(outcomes).toEqual(['done', 'done']);
		expect(await sessionsOf(id)).toEqual([]);
		expect(['auth/invalid-credentials', 'auth/account-disabled']).toContain(
			await refusalOf(signIn(username)()),
		);
	});

	it('the user’s own change of password leaves only the session that changed it', async () => {
		const user = await under.user(app, { username: 'carol', password: goodPassword });
		const { id } = user;
		const found = await app.store.read.users.findById(id);
		if (!found) throw new Error('no carol');
		const session = await sessionOf(app, user);
		const change = () =>
			changePassword(
				app,
				{
					user: found,
					session,
					password: goodPassword,
					newPassword: 'another-good-one',
				},
				visitor({ device: 'the one that changed it' }),
			);
		expect(await atOnce(table(), signIn('carol'), change)).toEqual(['done', 'done']);
		expect((await sessionsOf(id)).map(({ device }) => device)).toEqual(['the one that changed it']);
	});

	it('a change that is first is seen: the old password is refused', async () => {
		const { id } = await under.user(app, { username: 'dave', password: goodPassword });
		const blocked = `app_${app.id}.audit`;
		const change = () =>
			setUserPassword(app, { id, newPassword: 'another-good-one', actor: system }, visitor());
		expect(await atOnce(blocked, change, signIn('dave'))).toEqual(['done', 'auth/invalid-credentials']);
		expect(await sessionsOf(id)).toEqual([]);
	});
});

describe('two changes at once', () => {
	const edit = (id: string, change: Parameters<typeof updateUser>[1]['change']) => () =>
		updateUser(app, { id, change, actor: system }, visitor());
	const audit = () => `app_${app.id}.audit`;

	it('a name does not undo a disabling, nor the other way round', async () => {
		const { id } = await under.user(app, { username: 'erin', email: 'erin@example.com' });
		const off = edit(id, { status: 'disabled', email: 'new@example.com' });
		expect(await atOnce(audit(), off, edit(id, { name: 'Erin' }))).toEqual(['done', 'done']);
		expect(await app.store.read.users.findById(id)).toMatchObject({
			name: 'Erin',
			status: 'disabled',
			email: 'new@example.com',
		});
	});

	it('a name of a client does not bring its old secret back', async () => {
		const settings = { id: 'shop', name: 'Shop', confidential: true };
		const { secret: old } = await createClient(app, { settings, actor: system }, visitor());
		const rotate = () => rotateClientSecret(app, { id: 'shop', actor: system }, visitor());
		const rename = () =>
			updateClient(app, { id: 'shop', change: { name: 'Shop 2' }, actor: system }, visitor());
		expect(await atOnce(audit(), rotate, rename)).toEqual(['done', 'done']);
		const row = await app.store.read.clients.find('shop');
		expect(row?.name).toBe('Shop 2');
		expect(app.vault.open(row?.secret ?? '', secretContext('shop'))).not.toBe(old);
	});

	it('settings of an app and the texts of its messages are all kept', async () => {
		const { services } = under.appliance;
		const set = (change: AppSettingsInput) => () =>
			updateApp(services, { id: app.id, change, actor: system }, visitor());
		const own = { subject: '', text: '{app}: {code}' };
		const words = (purpose: 'sign-in' | 'register') => () =>
			saveWords(
				app,
				{ channel: 'sms', purpose, words: { en: own, 'zh-CN': undefined }, actor: system },
				visitor(),
			);
		await atOnce(audit(), set({ registration: 'closed' }), set({ website: 'https://shop.example' }));
		await atOnce(audit(), words('sign-in'), words('register'));
		await atOnce(audit(), words('sign-in'), set({ passwordMinLength: 12 }));
		const kept = { registration: 'closed' as const, website: 'https://shop.example', passwordMinLength: 12 };
		const settings = await app.settings();
		expect(settings).toMatchObject(kept);
		expect(Object.keys(settings.templates.sms).sort()).toEqual(['register', 'sign-in']);
	});

	it.each(['the first that is said of it', 'another'])(
		'a connector that is switched off stays off while its settings are saved: %s',
		async (which) => {
			const id = 'sms';
			if (which === 'another') await app.plugins.save(id, { enabled: true });
			const configure = (change: PluginChange) => () =>
				configurePlugin(app, { id, change, actor: system }, visitor());
			const [one, two] = [configure({ enabled: which !== 'another' }), configure({ values: {} })];
			expect(await atOnce(audit(), one, two)).toEqual(['done', 'done']);
			expect(await app.plugins.isEnabled(id)).toBe(which !== 'another');
		},
	);

	it('two new apps get a number each', async () => {
		const { services } = under.appliance;
		const make = () =>
			createApp(services, { input: { settings: { name: 'New' } }, actor: system }, visitor());
		expect(await atOnce('menshen.audit', make, make)).toEqual(['done', 'done']);
	});
});

describe('operators', () => {
	const owner = (email: string) => ({ email, password: 'a-long-owner-secret', role: 'owner' as const });
	const services = () => under.appliance.services;
	const add = (email: string) => addOperator(services(), { input: owner(email), actor: system }, visitor());

	it('two owners who remove each other leave one owner', async () => {
		const [one, two] = [await add('one@example.com'), await add('two@example.com')];
		const by = (id: string) => ({ kind: 'operator' as const, id, role: 'owner' as const });
		const outcomes = await atOnce(
			'menshen.session',
			() => removeOperator(services(), { id: two.id, actor: by(one.id) }, visitor()),
			() => removeOperator(services(), { id: one.id, actor: by(two.id) }, visitor()),
		);
		expect(outcomes).toEqual(['done', 'operator/last-owner']);
		expect((await listOperators(services())).map(({ id }) => id)).toEqual([one.id]);
	});

	it('a user who signs in while their password is reset is signed out again', async () => {
		const { id, email } = await add('three@example.com');
		const outcomes = await atOnce(
			'menshen.session',
			() => signInOperator(services(), owner(email), visitor()),
			() =>
				resetOperatorPassword(
					services(),
					{ email, newPassword: 'another-good-one', actor: system },
					visitor(),
				),
		);
		expect(outcomes).toEqual(['done', 'done']);
		expect(await services().control.read.sessions.listOfUser(id)).toEqual([]);
	});
});

describe('one trouble that two processes notice', () => {
	it('is one mail, and so is its end', async () => {
		const { services } = under.appliance;
		const values = { host: '127.0.0.1', port: 2525, from: 'id@example.com' };
		await services.plugins.appliance.save('smtp', { values, trusted: true });
		const change = { email: 'smtp', alertEmail: 'ops@example.com' };
		await saveApplianceMail(services, { change, actor: system }, visitor());
		const processes = [1, 2].map(() => createAlerts({ ...services, wakeDelivery: () => undefined }));
		const place = { app: app.id, plugin: 'twilio', since: under.clock.now() };
		const telling = (kind: 'plugin-unhealthy' | 'plugin-recovered') =>
			processes.map((alerts) => () => {
				alerts.tell({ kind, ...place });
				return alerts.idle();
			}) as [() => Promise<void>, () => Promise<void>];
		const queued = async () => (await services.control.read.messages.list({ limit: 10 })).length;
		await atOnce('menshen.message', ...telling('plugin-unhealthy'));
		expect(await queued()).toBe(1);
		await atOnce('menshen.message', ...telling('plugin-recovered'));
		expect(await queued()).toBe(2);
	});
});
