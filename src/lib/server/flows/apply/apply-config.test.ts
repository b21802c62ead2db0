import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { Refusal } from '../../../contract/errors';
import { StartRefused } from '../../config/environment';
import { secretContext } from '../../storage/app/clients';
import { getClient } from '../clients/manage-clients';
import { configurePlugin } from '../connectors/configure-plugin';
import { readApplianceMail } from '../messages/appliance-sender';
import { getUser, setUserPassword, updateUser } from '../users/manage-users';
import { applyAtStart } from './apply-at-start';
import { applyConfig, type ApplyReport } from './apply-config';

let under: ApplianceUnderTest;
beforeAll(async () => {
	under = await applianceUnderTest();
});
afterAll(() => under.close());

const apply = (text: string, dryRun = false): Promise<ApplyReport> =>
	applyConfig(under.appliance.services, { text, dryRun, actor: system }, visitor());
const app = (id: number) => under.appliance.services.app(id);
/** The steps that changed something. */
const deeds = ({ items }: ApplyReport) =>
	items
		.filter(({ deed }) => deed !== 'unchanged')
		.map(({ object, deed, fields }) => [deed, object, ...fields].join(' '));
const reasonOf = async (text: string): Promise<string> =>
	apply(text).then(
		() => 'accepted',
		(error: unknown) =>
			error instanceof Refusal ? `${error.code} ${String(error.params['reason'])}` : `bug: ${String(error)}`,
	);

const whole = (id: number) => `
apps:
  - id: ${id}
    name: Demo ${id}
    website: https://demo.example
    tokenDays: 2
    defaultRole: editor
    requireVerified: [email]
    theme: { accent: '#123456' }
    connectors:
      password: { enabled: true }
    senders:
      sms: { plugin: outbox }
      email: { plugin: smtp, config: { host: 127.0.0.1, port: 2525, from: id@demo.example, user: me, pass: mail-secret } }
    clients:
      - id: web
        name: Demo web
        secret: change-me-please
        redirectUris: [http://127.0.0.1:5555/cb]
        postLogoutRedirectUris: [http://127.0.0.1:5555/bye]
        backchannelLogoutUri: http://127.0.0.1:5555/bcl
      - id: phone-app
        applicationType: native
        redirectUris: ['com.example.app:/cb']
    roles:
      - { id: editor, permissions: [post.write] }
    users:
      - { username: alice, email: alice@example.com, emailVerified: true, password: correct-horse-battery, roles: [editor] }
      - { email: bob@example.com }
      - { phone: '13800138000', phoneVerified: true }
`;

describe('a first run', () => {
	it('makes everything that the file names, each in its place', async () => {
		const report = await apply(whole(11));
		expect(deeds(report)).toContain('create app:11');
		const services = await app(11);
		expect(await services.settings()).toMatchObject({
			name: 'Demo 11',
			website: 'https://demo.example',
			tokenDays: 2,
			defaultRole: 'editor',
			requireVerified: ['email'],
			senders: { email: 'smtp', sms: 'outbox' },
			theme: { accent: '#123456', radius: 12 },
		});
		expect(await getClient(services, 'web')).toMatchObject({
			name: 'Demo web',
			confidential: true,
			redirectUris: ['http://127.0.0.1:5555/cb'],
		});
		expect(await getClient(services, 'phone-app')).toMatchObject({
			name: 'phone-app',
			confidential: false,
			applicationType: 'native',
		});
		const stored = await services.store.read.clients.find('web');
		expect(services.vault.open(stored?.secret ?? '', secretContext('web'))).toBe('change-me-please');
		const alice = await services.store.read.users.findByIdentifier('username', 'alice');
		expect(alice).toMatchObject({ email: 'alice@example.com', emailVerified: true });
		expect((await getUser(services, alice?.id ?? '')).roles).toEqual(['editor']);
		const credential = await services.store.read.credentials.find(alice?.id ?? '', 'password');
		expect(
			await services.plugins
				.secret('password')
				.check({ secret: 'correct-horse-battery', stored: credential?.secret }),
		).toMatchObject({ ok: true });
	});

	it('lets the hosts be reached that the file names, and no others', async () => {
		const services = await app(11);
		// A setting typed in the console may not name 127.0.0.1.
		const typed = configurePlugin(
			{ ...services },
			{ id: 'smtp', change: { values: { host: '127.0.0.2' } }, actor: system },
			visitor(),
		);
		expect(await refusalOf(typed)).toBe('plugin/config-invalid');
		const test = await services.plugins.selfTest('smtp');
		expect(test).toMatchObject({ ok: false, code: 'plugin/provider-unavailable' });
	});

	it('writes down who did it', async () => {
		const events = await (await app(11)).store.read.audit.list({ limit: 50 });
		expect(events.map((event) => event.action)).toEqual(
			expect.arrayContaining(['client.create', 'user.create', 'role.save', 'plugin.configure', 'app.update']),
		);
	});
});

describe('a second run', () => {
	it('changes nothing and says so', async () => {
		await apply(whole(12));
		const before = await (await app(12)).store.read.audit.list({ limit: 200 });
		const report = await apply(whole(12));
		expect(deeds(report)).toEqual([]);
		expect(report.changes).toBe(0);
		expect(report.items.length).toBeGreaterThan(8);
		expect(await (await app(12)).store.read.audit.list({ limit: 200 })).toHaveLength(before.length);
	});

	it('says exactly what differs', async () => {
		await apply(whole(13));
		const changed = whole(13)
			.replace('tokenDays: 2', 'tokenDays: 3')
			.replace('Demo web', 'Web of Demo')
			.replace('mail-secret', 'new-secret')
			.replace('change-me-please', 'changed-secret');
		expect(deeds(await apply(changed))).toEqual([
			'change app:13 sender:email pass',
			'change app:13 tokenDays',
			'change app:13 client:web name secret',
		]);
		expect(deeds(await apply(changed))).toEqual([]);
	});

	it('puts back what was changed elsewhere', async () => {
		await apply(whole(14));
		const services = await app(14);
		await configurePlugin(
			{ ...services },
			{ id: 'password', change: { enabled: false }, actor: system },
			visitor(),
		);
		expect(deeds(await apply(whole(14)))).toEqual(['change app:14 connector:password enabled']);
		expect((await services.plugins.list()).find((each) => each.id === 'password')?.enabled).toBe(true);
	});
});

describe('what the file does not name', () => {
	it('is left alone', async () => {
		await apply(whole(15));
		await apply('apps: [{ id: 15, tokenDays: 7, clients: [{ id: web, name: Renamed }] }]');
		const services = await app(15);
		expect(await services.settings()).toMatchObject({
			tokenDays: 7,
			name: 'Demo 15',
			defaultRole: 'editor',
			theme: { accent: '#123456' },
		});
		expect(await getClient(services, 'web')).toMatchObject({
			name: 'Renamed',
			confidential: true,
			backchannelLogoutUri: 'http://127.0.0.1:5555/bcl',
		});
		expect(await refusalOf(getClient(services, 'phone-app'))).toBe('done');
	});
});

describe('lists', () => {
	const more = (id: number, prune: string) => `
apps:
  - id: ${id}
    ${prune}
    requireVerified: []
    clients: [{ id: web, redirectUris: [https://new.example/cb] }]
    roles: [{ id: editor, permissions: [post.read] }]
    users: [{ username: alice, roles: [user] }]
`;
	const rolesOfAlice = async (id: number) => {
		const services = await app(id);
		const alice = await services.store.read.users.findByIdentifier('username', 'alice');
		return services.store.read.roles.listOfUser(alice?.id ?? '');
	};

	it('grow', async () => {
		await apply(whole(16));
		await apply(more(16, 'name: Demo'));
		const services = await app(16);
		expect((await getClient(services, 'web')).redirectUris).toEqual([
			'http://127.0.0.1:5555/cb',
			'https://new.example/cb',
		]);
		expect((await services.settings()).requireVerified).toEqual(['email']);
		expect(
			(await services.store.read.roles.list()).find((role) => role.id === 'editor')?.permissions,
		).toEqual(['post.write', 'post.read']);
		expect(await rolesOfAlice(16)).toEqual(['editor', 'user']);
		expect(await services.store.read.clients.list()).toHaveLength(2);
		expect(deeds(await apply(more(16, 'name: Demo')))).toEqual([]);
	});

	it('with prune become what the file says; users stay', async () => {
		await apply(whole(17));
		const report = await apply(more(17, 'prune: true'));
		const services = await app(17);
		expect(deeds(report)).toContain('remove app:17 client:phone-app');
		expect((await getClient(services, 'web')).redirectUris).toEqual(['https://new.example/cb']);
		expect((await services.settings()).requireVerified).toEqual([]);
		expect(
			(await services.store.read.roles.list()).find((role) => role.id === 'editor')?.permissions,
		).toEqual(['post.read']);
		expect(await rolesOfAlice(17)).toEqual(['user']);
		expect(await services.store.read.users.count()).toBe(3);
		expect(deeds(await apply(more(17, 'prune: true')))).toEqual([]);
	});

	it('that are not named are not pruned', async () => {
		await apply(whole(18));
		await apply('prune: true\napps: [{ id: 18, tokenDays: 5 }]');
		expect(await (await app(18)).store.read.clients.list()).toHaveLength(2);
		expect((await (await app(18)).settings()).requireVerified).toEqual(['email']);
	});
});

describe('users', () => {
	it('keep the password they have', async () => {
		await apply(whole(19));
		const services = await app(19);
		const alice = await services.store.read.users.findByIdentifier('username', 'alice');
		await setUserPassword(
			services,
			{ id: alice?.id ?? '', newPassword: 'another-long-secret', actor: system },
			visitor(),
		);
		const before = await services.store.read.credentials.find(alice?.id ?? '', 'password');
		expect(deeds(await apply(whole(19)))).toEqual([]);
		expect(await services.store.read.credentials.find(alice?.id ?? '', 'password')).toEqual(before);
	});

	it('are found by their unproven email too, and completed', async () => {
		await apply(whole(20));
		const services = await app(20);
		const report = await apply(
			'apps: [{ id: 20, users: [{ email: BOB@example.com, emailVerified: true, name: Bob }] }]',
		);
		expect(deeds(report)).toEqual(['change app:20 user:BOB@example.com email name emailVerified']);
		expect(await services.store.read.users.findByIdentifier('email', 'bob@example.com')).toMatchObject({
			name: 'Bob',
			emailVerified: true,
		});
	});

	it('lose nothing that they proved since', async () => {
		await apply(whole(21));
		const services = await app(21);
		const [bob] = await services.store.read.users.listByEmailContact('bob@example.com', 1);
		await updateUser(
			services,
			{ id: bob?.id ?? '', change: { emailVerified: true }, actor: system },
			visitor(),
		);
		expect(
			deeds(await apply('apps: [{ id: 21, users: [{ email: bob@example.com, emailVerified: false }] }]')),
		).toEqual([]);
		expect((await getUser(services, bob?.id ?? '')).emailVerified).toBe(true);
	});
});

describe('a dry run', () => {
	it('reports what would be done and does nothing', async () => {
		const report = await apply(whole(22), true);
		expect(report).toMatchObject({ dryRun: true });
		expect(deeds(report)).toEqual(
			expect.arrayContaining([
				'create app:22',
				'create app:22 client:web',
				'create app:22 user:alice',
				'create app:22 role:editor',
			]),
		);
		expect(await refusalOf(app(22))).toBe('app/not-found');
	});

	it('reports the same steps as a real run on an existing app', async () => {
		await apply(whole(23));
		const changed = whole(23).replace('tokenDays: 2', 'tokenDays: 3');
		expect(deeds(await apply(changed, true))).toEqual(['change app:23 tokenDays']);
		expect((await (await app(23)).settings()).tokenDays).toBe(2);
	});

	it('refuses what a real run would refuse', async () => {
		await expect(
			apply('apps: [{ id: 24, name: Demo, connectors: { nonsense: { enabled: true } } }]', true),
		).rejects.toThrow('config/invalid');
	});
});

describe('what is refused', () => {
	it.each([
		[
			'a plugin that is not there',
			'connectors: { carrier-pigeon: { enabled: true } }',
			'apps[0].connectors.carrier-pigeon: there is no plugin "carrier-pigeon"',
		],
		[
			'a connector switched on without what it needs',
			'connectors: { wechat-miniprogram: { enabled: true } }',
			'apps[0].connectors.wechat-miniprogram: plugin/config-invalid (appId: input/invalid, appSecret: input/invalid)',
		],
		[
			'one that is incomplete only by its own judgement',
			'connectors: { wechat-web: { enabled: true } }',
			'apps[0].connectors.wechat-web: plugin/config-invalid (websiteAppId: input/invalid)',
		],
		[
			'a sender without what it needs',
			'senders: { email: { plugin: smtp, config: { port: 25 } } }',
			'apps[0].senders.email: plugin/config-invalid (host: input/invalid, from: input/invalid)',
		],
		[
			'a setting the plugin does not have',
			'senders: { email: { plugin: smtp, config: { hots: a.example } } }',
			'apps[0].senders.email.config.hots: "smtp" has no such setting',
		],
		[
			'a value the plugin does not take',
			'senders: { email: { plugin: smtp, config: { host: a.example, port: many } } }',
			'apps[0].senders.email.config.port: is not a valid integer',
		],
		[
			'a sender for the wrong channel',
			'senders: { sms: { plugin: smtp } }',
			'apps[0].senders.sms: "smtp" does not deliver sms',
		],
		['an unknown default role', 'defaultRole: chief', 'apps[0].defaultRole: there is no role "chief"'],
		[
			'an unknown role of a user',
			'users: [{ username: carol, roles: [chief] }]',
			'apps[0].users[0].roles: there is no role "chief"',
		],
		['a client that stands twice', 'clients: [{ id: a }, { id: a }]', 'apps[0].clients[1]: "a" stands twice'],
		[
			'a user that is in the file twice',
			'users: [{ username: Carol }, { username: carol }]',
			'apps[0].users[1]: "carol" stands twice',
		],
	])('%s, before anything is done', async (_what, line, reason) => {
		expect(await reasonOf(`apps:\n  - id: 31\n    name: Demo\n    ${line}`)).toContain(
			`config/invalid line 4: ${reason}`,
		);
		expect(await refusalOf(app(31))).toBe('app/not-found');
	});

	it('refuses a new app without a name', async () => {
		expect(await reasonOf('apps: [{ id: 32 }]')).toContain('a new app needs a name');
	});

	it('refuses an app that is in the file twice', async () => {
		expect(await reasonOf('apps: [{ id: 33, name: A }, { id: 33, name: B }]')).toContain('"33" stands twice');
	});

	it('reports the refusal of a flow with its line and code', async () => {
		const weak = `apps:\n  - id: 34\n    name: Demo\n    users:\n      - { username: carol, password: '12345678' }`;
		expect(await reasonOf(weak)).toBe(
			'config/invalid line 5: apps[0].users[0]: password/too-common (password)',
		);
		const admin = `apps:\n  - id: 34\n    defaultRole: admin`;
		expect(await reasonOf(admin)).toContain('line 2: apps[0]: input/invalid (defaultRole)');
	});

	it('does not refuse a connector that gets what it needs from the same file', async () => {
		const text = `
appliance:
  plugins: { github: { config: { clientId: shared, clientSecret: of-the-house } } }
apps:
  - { id: 35, name: Demo, connectors: { github: { enabled: true } } }`;
		expect(await reasonOf(text)).toBe('accepted');
		const listed = await (await app(35)).plugins.list();
		expect(listed.find(({ id }) => id === 'github')).toMatchObject({ enabled: true, configured: true });
		expect(await reasonOf(text)).toBe('accepted');
	});

	it('refuses an operator who is not an owner', async () => {
		const order = { text: '', actor: { kind: 'operator', id: 'x', role: 'operator' } as const };
		expect(await refusalOf(applyConfig(under.appliance.services, order, visitor()))).toBe('auth/forbidden');
	});
});

describe('the appliance', () => {
	const text = `
appliance:
  alertEmail: ops@example.com
  senders: { email: { plugin: smtp, config: { host: 127.0.0.1, port: 2525, from: a@b.example } } }
  plugins: { smtp: { config: { fromName: House } } }
`;
	it('gets its sender, which apps inherit', async () => {
		expect(deeds(await apply(text))).toEqual([
			'change appliance sender:email host port from',
			'change appliance plugin:smtp fromName',
			'change appliance email alertEmail',
		]);
		expect(await readApplianceMail(under.appliance.services)).toMatchObject({
			email: 'smtp',
			alertEmail: 'ops@example.com',
		});
		await apply('apps: [{ id: 41, name: Heir }]');
		const smtp = (await (await app(41)).plugins.list()).find((each) => each.id === 'smtp');
		expect(smtp).toMatchObject({ configured: true });
		expect(deeds(await apply(text))).toEqual([]);
	});
});

describe('applying at the start', () => {
	it('applies the file', async () => {
		const file = join(under.dataDir, 'apply.yaml');
		writeFileSync(file, 'apps: [{ id: 51, name: From the start }]');
		await applyAtStart(under.appliance.services, file);
		expect((await (await app(51)).settings()).name).toBe('From the start');
	});

	it('refuses the start over a file that cannot be applied, in one line', async () => {
		const file = join(under.dataDir, 'bad.yaml');
		writeFileSync(file, 'apps:\n  - id: x\n');
		const refused = applyAtStart(under.appliance.services, file).catch((error: unknown) => error);
		expect(await refused).toBeInstanceOf(StartRefused);
		expect(String(await refused)).toMatch(/MENSHEN_APPLY \(.*bad\.yaml\): line 2: apps\[0\]\.id: [^\n]*$/);
	});

	it('refuses the start over a file that is not there', async () => {
		await expect(applyAtStart(under.appliance.services, '/nowhere/apply.yaml')).rejects.toThrow(
			'/nowhere/apply.yaml, which cannot be read',
		);
	});
});
