/**
 * `@menshen/client` as a stranger has it: packed, installed in a project outside this repository, type-checked
 * there, and run against a running appliance.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type RunningAppliance } from '../appliance';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const node = process.execPath;
const tsc = join(root, 'node_modules/typescript/bin/tsc');

let project: string;
let appliance: RunningAppliance;

const apply = `
apps:
  - id: 4
    name: Demo
    users:
      - { username: alice, email: alice@example.com, emailVerified: true, password: correct-horse-battery }
`;

const typescript = {
	strict: true,
	noUncheckedIndexedAccess: true,
	module: 'nodenext',
	moduleResolution: 'nodenext',
	target: 'es2022',
	lib: ['es2022', 'dom', 'esnext.disposable'],
	types: [],
	skipLibCheck: false,
	noEmit: true,
};

const write = (name: string, text: string) => writeFileSync(join(project, name), text);

beforeAll(async () => {
	project = mkdtempSync(join(tmpdir(), 'menshen-stranger-'));
	await run(node, [join(root, 'scripts/build-client.mjs'), project], { cwd: root });
	const tarball = readdirSync(project).find((name) => name.endsWith('.tgz')) ?? '';
	write(
		'package.json',
		JSON.stringify({
			name: 'stranger',
			private: true,
			type: 'module',
			dependencies: { '@menshen/client': `file:./${tarball}` },
		}),
	);
	write('tsconfig.json', JSON.stringify({ compilerOptions: typescript, include: ['*.ts'] }));
	const install = run(
		'npm',
		[
			'install',
			'--omit=peer',
			'--legacy-peer-deps',
			'--prefer-offline',
			'--no-audit',
			'--no-fund',
			'--ignore-scripts',
		],
		{ cwd: project },
	);
	[appliance] = await Promise.all([startAppliance({ apply }), install]);
}, 120_000);
afterAll(async () => {
	await appliance.stop();
	rmSync(project, { recursive: true, force: true });
});

const check = () =>
	run(node, [tsc, '-p', project]).then(
		() => '',
		(error: { stdout: string }) => error.stdout,
	);

describe('the package', () => {
	it('needs tRPC’s client and nothing of this repository', () => {
		const folder = join(project, 'node_modules/@menshen/client');
		const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
			dependencies: object;
			version: string;
		};
		expect(Object.keys(manifest.dependencies)).toEqual(['@trpc/client', '@trpc/server']);
		const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
		expect(files.filter((name) => name.endsWith('.js')).sort()).toEqual([
			'client/bearer.js',
			'client/index.js',
		]);
		const everything = files
			.filter((name) => /\.(js|ts|md)$/.test(name))
			.map((name) => readFileSync(join(folder, name), 'utf8'))
			.join('\n');
		for (const inner of ['kysely', 'better-sqlite3', 'oidc-provider', 'zod', '$lib', root])
			expect(everything).not.toContain(inner);
	});
});

describe('a stranger’s project', () => {
	it('has the inputs and outputs of procedures as types, and no others', async () => {
		write(
			'index.ts',
			`import { createMenshenClient, refusalOf, type MenshenInputs, type MenshenOutputs } from '@menshen/client';
const menshen = createMenshenClient({ origin: 'http://localhost:3000', app: 4 });
export async function all(): Promise<void> {
	const { user, session } = await menshen.auth.signIn.mutate({ identifier: 'alice', password: 'x' });
	const id: string = user.id;
	const token: string | undefined = session?.token;
	const me: MenshenOutputs['me']['get'] = await menshen.me.get.query();
	const roles: string[] = me.roles;
	const input: MenshenInputs['admin']['users']['create'] = { username: 'bob' };
	const status: 'active' | 'disabled' | 'pending' = (await menshen.admin.users.create.mutate(input)).status;
	const registered = await menshen.auth.register.mutate({ email: 'a@example.com', password: 'x' });
	if (registered.status === 'verify-email') void registered.verification;
	const code: 'auth/invalid-credentials' | undefined = refusalOf(undefined)?.code as 'auth/invalid-credentials';
	void [id, token, roles, status, code];
	// @ts-expect-error a password is text
	await menshen.auth.signIn.mutate({ identifier: 'alice', password: 1 });
	// @ts-expect-error there is no such field
	await menshen.me.update.mutate({ roles: ['admin'] });
	// @ts-expect-error there is no such procedure
	await menshen.me.destroy.mutate();
	// @ts-expect-error the signed-in user is a query, not a mutation
	await menshen.me.get.mutate();
	// @ts-expect-error an app is a number
	createMenshenClient({ origin: 'http://localhost:3000', app: 'four' });
	// @ts-expect-error a name is text, not a number
	const wrong: number = me.name;
	void wrong;
}
`,
		);
		// An error that was expected and did not come is an error as well.
		expect(await check()).toBe('');
	}, 90_000);

	it('signs in, is known, changes something, signs out', async () => {
		write(
			'run.mjs',
			`import { createMenshenClient, refusalOf } from '@menshen/client';
const open = () => createMenshenClient({ origin: process.argv[2], app: 4 });
const menshen = open();
const failure = (work) => work.then(() => 'none', (error) => refusalOf(error) ?? String(error));
const before = await failure(menshen.me.get.query());
const wrong = await failure(menshen.auth.signIn.mutate({ identifier: 'alice', password: 'wrong-password' }));
const { session } = await menshen.auth.signIn.mutate({ identifier: 'alice', password: 'correct-horse-battery' });
const [me, sessions] = await Promise.all([menshen.me.get.query(), menshen.me.sessions.list.query()]);
const changed = await menshen.me.update.mutate({ name: 'Alice Liddell' });
const elsewhere = await createMenshenClient({ origin: process.argv[2], app: 4, token: session.token }).me.get.query();
const asked = await createMenshenClient({ origin: process.argv[2], app: 4, token: async () => session.token }).me.get.query();
const stranger = await failure(open().me.get.query());
await menshen.auth.signOut.mutate();
const after = await failure(menshen.me.get.query());
const revoked = await failure(createMenshenClient({ origin: process.argv[2], app: 4, token: session.token }).me.get.query());
console.log(JSON.stringify({ before, wrong, me, sessions, changed, elsewhere, asked, stranger, after, revoked }));
`,
		);
		const { stdout } = await run(node, [join(project, 'run.mjs'), appliance.origin], { cwd: project });
		const seen = JSON.parse(stdout) as Record<string, unknown>;
		const nobody = { code: 'auth/not-signed-in' };
		expect(seen).toMatchObject({
			before: nobody,
			wrong: { code: 'auth/invalid-credentials', fields: {}, params: {} },
			me: { username: 'alice', email: 'alice@example.com' },
			sessions: [{ current: true }],
			changed: { name: 'Alice Liddell' },
			elsewhere: { username: 'alice' },
			asked: { username: 'alice' },
			stranger: nobody,
			after: nobody,
			revoked: nobody,
		});
		expect(appliance.output()).not.toContain('correct-horse-battery');
	});
});
