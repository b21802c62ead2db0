import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../contract/errors';
import { parseFile } from './parse-file';
import { nameOf } from './place';

/** The sentence an operator reads. */
function reasonOf(text: string): string {
	try {
		parseFile(text);
	} catch (error) {
		if (error instanceof Refusal && error.code === 'config/invalid') return String(error.params['reason']);
		throw error;
	}
	return 'accepted';
}

const app = (lines: string) => `apps:\n  - id: 4\n${lines.replace(/^/gm, '    ')}`;

describe('what is accepted', () => {
	it('takes the whole of what the documentation shows', () => {
		const { file } = parseFile(`
appliance:
  alertEmail: ops@example.com
  senders: { email: { plugin: smtp, config: { host: mail.example.com, port: 587, from: id@example.com } } }
apps:
  - id: 4
    name: Demo
    website: https://demo.example
    registration: open
    systemAccounts: true
    requireVerified: []
    defaultRole: user
    tokenDays: 1
    timeZone: Asia/Shanghai
    welcomeEmail: false
    theme: { accent: '#336699', mode: dark }
    connectors:
      password: { enabled: true }
    senders:
      sms: { plugin: outbox }
      email: { plugin: smtp, config: { host: 127.0.0.1, port: 2525, from: id@demo.example } }
    clients:
      - id: web
        name: Demo web
        secret: change-me
        redirectUris: [http://127.0.0.1:5555/cb]
        postLogoutRedirectUris: [http://127.0.0.1:5555/bye]
        backchannelLogoutUri: http://127.0.0.1:5555/bcl
        applicationType: web
        firstParty: false
    roles:
      - { id: editor, permissions: [post.write] }
    users:
      - { username: alice, email: alice@example.com, emailVerified: true, password: correct-horse-battery, roles: [editor] }
`);
		expect(file.apps?.[0]).toMatchObject({ id: 4, name: 'Demo', tokenDays: 1 });
		expect(file.apps?.[0]?.users?.[0]?.roles).toEqual(['editor']);
		expect(file.appliance?.senders?.email?.plugin).toBe('smtp');
	});

	it('takes the policy and the message texts of an app', () => {
		const { file } = parseFile(
			app(`requireVerified: [phone, email]
signInIdentifiers: [username]
externalSignUp: auto
signUpPoints: 10
welcomeEmail: true
templates: { email: { register: { en: { text: 'Code {code}' } } } }`),
		);
		expect(file.apps?.[0]).toMatchObject({ requireVerified: ['phone', 'email'], externalSignUp: 'auto' });
	});

	it('refuses a message text without its code', () => {
		const text = app("templates: { email: { register: { en: { text: 'Hello' } } } }");
		expect(reasonOf(text)).toContain('must contain {code}');
	});

	it('fills nothing in that the file does not say', () => {
		const { file } = parseFile(app('name: Demo\nclients: [{ id: web }]\ntheme: { title: Hello }'));
		expect(file.apps?.[0]).toEqual({
			id: 4,
			name: 'Demo',
			clients: [{ id: 'web' }],
			theme: { title: 'Hello' },
		});
	});

	it.each(['', '# nothing yet\n', 'apps: []'])('takes an empty file: %j', (text) => {
		expect(reasonOf(text)).toBe('accepted');
	});
});

describe('what is refused, with its line', () => {
	it.each([
		[
			'a setting that does not exist',
			app('name: Demo\nregistraton: open'),
			'line 4: apps[0]: there is no setting "registraton"',
		],
		['a setting of the whole file', 'aps: []', 'line 1: the file: there is no setting "aps"'],
		['a wrong type', app('name: Demo\ntokenDays: often'), 'line 4: apps[0].tokenDays: '],
		['a value out of range', app('name: Demo\ntokenDays: 100'), 'line 4: apps[0].tokenDays: '],
		['an app number out of range', 'apps:\n  - id: 1000000\n', 'line 2: apps[0].id: '],
		['an app without a number', 'apps:\n  - name: Demo\n', 'line 2: apps[0].id: '],
		[
			'a redirect with a fragment',
			app(
				'clients:\n  - id: web\n    redirectUris:\n      - https://a.example/cb\n      - https://a.example/#x',
			),
			'line 7: apps[0].clients[0].redirectUris[1]: must be',
		],
		[
			'plain http elsewhere',
			app('clients:\n  - id: web\n    redirectUris: [http://a.example/cb]'),
			'line 5: apps[0].clients[0].redirectUris[0]: must be',
		],
		['a user without a name', app('users:\n  - name: Nobody'), 'line 4: apps[0].users[0]: needs a username'],
		[
			'a short client secret',
			app('clients:\n  - id: web\n    secret: abc'),
			'line 5: apps[0].clients[0].secret: ',
		],
		['invalid YAML', 'apps:\n  - id: [4\n', 'line '],
		['one key twice', 'apps: []\nprune: true\nprune: false\n', 'line 3: '],
	])('%s', (_what, text, reason) => {
		expect(reasonOf(text)).toContain(reason);
	});

	it.each([
		[
			'compat',
			app('compat:\n  uniId: { enabled: true }'),
			'line 3: apps[0].compat: compat is not available in this version',
		],
	])('what this version does not do is named: %s', (_what, text, reason) => {
		expect(reasonOf(text)).toContain(reason);
	});

	it('says nothing of values, which may be secret', () => {
		expect(reasonOf(app('clients:\n  - id: web\n    secret: { a: hunter2hunter2 }'))).not.toContain(
			'hunter2',
		);
	});

	it('refuses a file that would unfold without end', () => {
		const level = (n: number) =>
			`a${n}: &a${n} [${Array.from({ length: 10 }, () => `*a${n - 1}`).join(', ')}]`;
		const bomb = ['a0: &a0 [x]', ...Array.from({ length: 12 }, (_, n) => level(n + 1))].join('\n');
		expect(reasonOf(bomb)).toContain('alias');
	});

	it('refuses a file that is too large', () => {
		expect(reasonOf(`# ${'x'.repeat(5_000_001)}`)).toContain('larger than');
	});
});

describe('lines', () => {
	const parsed = parseFile(
		app('name: Demo\nusers:\n  - username: alice\n  -\n    username: bob\n    password: x'),
	);
	it.each([
		[['apps', 0], 2],
		[['apps', 0, 'name'], 3],
		[['apps', 0, 'users', 1, 'password'], 8],
		[['apps', 0, 'users', 0, 'email'], 5],
		[['apps', 9, 'name'], 1],
		[[], 1],
	])('%j is on line %i', (path, line) => {
		expect(parsed.lineOf(path)).toBe(line);
	});

	it('writes a place as people do', () => {
		expect(nameOf(['apps', 0, 'clients', 2, 'name'])).toBe('apps[0].clients[2].name');
	});
});
