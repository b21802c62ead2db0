/**
 * docs/plugins.md from end to end, as a newcomer has it: a plugin made outside of this repository with the
 * packed kit, tested there, built there, dropped into the folder of an appliance that runs, allowed by its
 * owner, switched on in an app, and signed in with.
 */
import { execFile } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import { callApi } from '../api';
import { owner, startAppliance, type RunningAppliance } from '../appliance';
import { startEmulator } from './acme/emulator';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const node = process.execPath;
let work: string;
let project: string;
let appliance: RunningAppliance;
let acme: Emulator;
let cookie: string;

const asOwner = async (procedure: string, input?: unknown, app?: number) =>
	callApi(
		{ origin: appliance.origin, headers: { cookie, origin: appliance.origin }, ...(app ? { app } : {}) },
		procedure,
		input,
	);
const listed = async () =>
	(
		(await asOwner('admin.plugins.list')).data as {
			plugins: { id: string; digest: string; state: string; running: boolean; health: object }[];
		}
	).plugins;
const redeem = (ticket: string) =>
	callApi({ origin: appliance.origin, app: 4 }, 'auth.signInWithTicket', { connector: 'acme', ticket });

beforeAll(async () => {
	work = mkdtempSync(join(tmpdir(), 'menshen-newcomer-'));
	project = join(work, 'acme');
	cpSync(join(import.meta.dirname, 'acme'), project, { recursive: true });
	// What `npm install` of the packed kit would leave there.
	await run(node, [join(root, 'scripts/build-kit.mjs'), work], { cwd: root });
	const kit = join(project, 'node_modules/@menshen/plugin-kit');
	mkdirSync(kit, { recursive: true });
	const archive = readdirSync(work).find((name) => name.endsWith('.tgz')) ?? '';
	await run('tar', ['-xzf', join(work, archive), '-C', kit, '--strip-components=1']);
	for (const name of ['zod', 'vite'])
		symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
	acme = await startEmulator();
	appliance = await startAppliance({ apply: 'apps:\n  - id: 4\n    name: Demo\n' });
	const answer = await fetch(`${appliance.origin}/admin/sign-in`, {
		method: 'POST',
		headers: { origin: appliance.origin, accept: 'text/html' },
		body: new URLSearchParams(owner),
		redirect: 'manual',
	});
	cookie = answer.headers
		.getSetCookie()
		.map((each) => each.split(';')[0])
		.join('; ');
}, 120_000);
afterAll(async () => {
	await acme.close();
	await appliance.stop();
	rmSync(work, { recursive: true, force: true });
});

describe('a plugin from outside', () => {
	it('passes the contract suite with nothing but Node', async () => {
		const { stdout } = await run(node, ['--test', '--test-reporter=tap', 'contract.mjs'], { cwd: project });
		expect(stdout).toMatch(/# pass 7\n/);
		expect(stdout).toMatch(/# fail 0\n/);
	}, 180_000);

	it('is built into a folder of four files', async () => {
		await run(node, ['build.mjs'], { cwd: project });
		expect(readdirSync(join(project, 'dist/acme')).sort()).toEqual([
			'README.md',
			'icon.svg',
			'index.server.js',
			'manifest.json',
		]);
	}, 180_000);

	it('appears in the running appliance, and its owner lets it run', async () => {
		const to = join(appliance.dataDir, 'plugins/acme');
		expect(existsSync(to)).toBe(false);
		cpSync(join(project, 'dist/acme'), to, { recursive: true });
		const [found] = await listed();
		expect(found).toMatchObject({ id: 'acme', state: 'found', running: false });
		const early = await asOwner('admin.connectors.save', { id: 'acme', enabled: true }, 4);
		expect(early.code).toBe('plugin/not-enabled');
		const other = await asOwner('admin.plugins.approve', { id: 'acme', digest: '0'.repeat(64) });
		expect(other.code).toBe('plugin/changed');
		expect((await asOwner('admin.plugins.approve', { id: 'acme', digest: found?.digest })).status).toBe(200);
		expect(await listed()).toMatchObject([{ state: 'approved' }]);
	});

	it('signs people in, from its process', async () => {
		const values = { ...acme.config, server: acme.url };
		const saved = await asOwner('admin.connectors.save', { id: 'acme', enabled: true, values }, 4);
		expect(saved).toMatchObject({ status: 200 });
		const entered = await redeem('mei-ticket');
		expect(entered).toMatchObject({ status: 200 });
		expect(JSON.stringify(entered.data)).toContain('Mei');
		expect(await listed()).toMatchObject([{ running: true, health: { state: 'ok' } }]);
		expect((await redeem('forged')).code).toBe('auth/not-accepted');
		acme.fail('nonsense');
		expect((await redeem('mei-ticket')).code).toBe('plugin/provider-unavailable');
		acme.fail();
	});

	it('shows its button on the sign-in page', async () => {
		const page = await (
			await fetch(`${appliance.origin}/apps/4/sign-in`, { headers: { accept: 'text/html' } })
		).text();
		expect(page).toContain('Acme');
	});

	it('is off as soon as a file of it changes', async () => {
		writeFileSync(join(appliance.dataDir, 'plugins/acme/README.md'), 'other');
		expect(await listed()).toMatchObject([{ state: 'changed', running: false }]);
		expect((await redeem('mei-ticket')).code).toBe('plugin/not-enabled');
	});

	it.runIf(process.platform === 'linux')('leaves no process behind, even when the host is shot', async () => {
		const [found] = await listed();
		await asOwner('admin.plugins.approve', { id: 'acme', digest: found?.digest });
		expect(await redeem('mei-ticket-2')).toMatchObject({ status: 200 });
		const children = await childrenOf(appliance.pid);
		expect(children.length).toBeGreaterThan(0);
		await appliance.end('SIGKILL');
		await expect
			.poll(() => children.filter((pid) => existsSync(`/proc/${pid}`)), { timeout: 10_000 })
			.toEqual([]);
	});
});

async function childrenOf(pid: number): Promise<string[]> {
	const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(pid)]).catch(() => ({ stdout: '' }));
	return stdout
		.split('\n')
		.map((line) => line.trim())
		.filter(Boolean);
}
