/** What happens to the process: killed, started twice, started wrongly. Against the built server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	chmodSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	rmSync,
	statSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort, startAppliance, type RunningAppliance } from '../appliance';
import { callApi } from '../api';
import { usersAfter } from './users-after';

const root = resolve(import.meta.dirname, '../..');
const apply = 'apps:\n  - id: 4\n    name: Demo\n';
let running: RunningAppliance | undefined;

afterEach(async () => {
	await running?.stop();
	running = undefined;
});

/** Runs server.js until it ends. */
async function runToEnd(
	env: Record<string, string>,
): Promise<{ code: number | null; stderr: string; stdout: string }> {
	const child = spawn(process.execPath, ['server.js'], {
		cwd: root,
		env: { PATH: process.env['PATH'], LOG_FORMAT: 'json', HOST: '127.0.0.1', ...env },
	});
	let [stdout, stderr] = ['', ''];
	child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
	const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
	const [code] = (await once(child, 'exit')) as [number | null];
	clearTimeout(timer);
	return { code, stdout, stderr };
}

const password = 'correct-horse-battery';

/** @returns how long it took until the appliance answered again, in ms */
async function restartMs(): Promise<number> {
	const before = performance.now();
	running = await running?.restart();
	return performance.now() - before;
}

describe('a killed process', () => {
	it('loses no account that was acknowledged in a registration burst, and is back within three seconds (F01)', async () => {
		running = await startAppliance({ apply });
		const { origin } = running;
		const acknowledged: string[] = [];
		let tried = 0;
		const register = async (worker: number) => {
			for (let i = 0; ; i++) {
				const username = `burst${worker}x${i}`;
				tried++;
				const answer = await callApi({ origin, app: 4 }, 'auth.register', { username, password }).catch(
					() => undefined,
				);
				if (!answer) return;
				if (answer.status === 200) acknowledged.push(username);
			}
		};
		const burst = Promise.all(Array.from({ length: 16 }, (_, worker) => register(worker)));
		while (acknowledged.length < 60) await new Promise((again) => setTimeout(again, 5));
		await running.end('SIGKILL');
		await burst;
		const afterKill = await restartMs();
		const { appServed, users } = await usersAfter(running, tried);
		expect(appServed).toBe(true);
		const missing = acknowledged.filter((name) => !users.has(name));
		expect(missing).toEqual([]);
		expect(users.size).toBeLessThanOrEqual(tried);
		const signIns = await Promise.all(
			acknowledged
				.slice(-20)
				.map((identifier) =>
					callApi({ origin: running?.origin ?? '', app: 4 }, 'auth.signIn', { identifier, password }),
				),
		);
		expect(signIns.map((answer) => answer.status)).toEqual(signIns.map(() => 200));
		// On a busy machine every start is slow: this one may not be much slower than one after a clean stop.
		await running.end('SIGTERM');
		expect(afterKill).toBeLessThan(Math.max(3000, 2 * (await restartMs())));
	});
});

describe('a second process', () => {
	it('over the same folder is refused with one line; the first goes on (F19)', async () => {
		running = await startAppliance({ apply });
		const second = await runToEnd({ DATA_DIR: running.dataDir, PORT: String(await freePort()) });
		expect(second.code).toBe(1);
		expect(second.stderr.trim().split('\n')).toHaveLength(1);
		expect(second.stderr).toContain('in use by another Menshen');
		expect((await fetch(`${running.origin}/readyz`)).status).toBe(200);
	});
});

describe('a start', () => {
	it.each([
		['PORT', 'eighty'],
		['ORIGIN', 'id.example.com'],
		['ORIGIN', 'https://id.example.com/path'],
		['MASTER_KEY', 'too-short'],
		['DATABASE_URL', 'mysql://x'],
		['BACKUP_KEEP', '0'],
		['LOG_LEVEL', 'loud'],
		['ENDPOINTS', '{oops'],
		['OPERATOR_EMAIL', 'nonsense'],
		['EGRESS_ALLOW', '10.0.0.0/99'],
		['TRUSTED_PROXIES', 'everybody'],
		['MENSHEN_TYPO', '1'],
		['MASTER_KEY_FILE', '/does/not/exist'],
		['MENSHEN_APPLY', '/does/not/exist.yaml'],
	])('with %s=%s is refused with one line that names it', async (name, value) => {
		const dataDir = mkdtempSync(join(tmpdir(), 'menshen-start-'));
		const { code, stderr, stdout } = await runToEnd({
			DATA_DIR: dataDir,
			PORT: String(await freePort()),
			[name]: value,
		});
		rmSync(dataDir, { recursive: true, force: true });
		expect(code).toBe(1);
		expect(stderr.trim().split('\n')).toHaveLength(1);
		expect(stderr).toContain(name.replace(/_FILE$/, ''));
		expect(stdout).not.toContain('is ready');
	});

	it('with another master key is refused and changes nothing; with the right one everything is there', async () => {
		running = await startAppliance({ apply });
		await callApi({ origin: running.origin, app: 4 }, 'auth.register', { username: 'alice', password });
		await running.end();
		const other = await runToEnd({
			DATA_DIR: running.dataDir,
			PORT: String(await freePort()),
			MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
		});
		expect(other.code).toBe(1);
		expect(other.stderr).toMatch(/master key|MASTER_KEY/i);
		running = await running.restart();
		expect(
			(await callApi({ origin: running.origin, app: 4 }, 'auth.signIn', { identifier: 'alice', password }))
				.status,
		).toBe(200);
	});

	it('without the key file is refused, and no new key is made', async () => {
		running = await startAppliance({ apply });
		await running.end();
		unlinkSync(join(running.dataDir, 'master.key'));
		const { code, stderr } = await runToEnd({ DATA_DIR: running.dataDir, PORT: String(await freePort()) });
		expect(code).toBe(1);
		expect(stderr.trim().split('\n')).toHaveLength(1);
		expect(existsSync(join(running.dataDir, 'master.key'))).toBe(false);
	});

	it('with a taken port is refused with one line', async () => {
		running = await startAppliance();
		const dataDir = mkdtempSync(join(tmpdir(), 'menshen-start-'));
		const { code, stderr } = await runToEnd({ DATA_DIR: dataDir, PORT: new URL(running.origin).port });
		rmSync(dataDir, { recursive: true, force: true });
		expect(code).toBe(1);
		expect(stderr.trim().split('\n')).toHaveLength(1);
	});
});

describe('files', () => {
	it('are for the owner only, whatever the umask (E10)', async () => {
		running = await startAppliance({ apply });
		await callApi({ origin: running.origin, app: 4 }, 'auth.register', { username: 'alice', password });
		const loose: string[] = [];
		const look = (folder: string) => {
			for (const entry of readdirSync(folder, { withFileTypes: true })) {
				const path = join(folder, entry.name);
				if (entry.name === 'apply.yaml') continue;
				if ((statSync(path).mode & 0o077) !== 0) loose.push(path);
				if (entry.isDirectory()) look(path);
			}
		};
		look(running.dataDir);
		expect(loose).toEqual([]);
	});

	it('of one app may be damaged: the others work, and it says so (F20)', async () => {
		running = await startAppliance({ apply: `${apply}  - id: 5\n    name: Other\n` });
		await running.end();
		const file = join(running.dataDir, 'apps/5/app.db');
		chmodSync(file, 0o600);
		writeFileSync(file, 'this is no database, it only looks like a file of some length'.repeat(100));
		running = await startAppliance({ dataDir: running.dataDir });
		const good = await callApi({ origin: running.origin, app: 4 }, 'auth.register', {
			username: 'bob',
			password,
		});
		const bad = await callApi({ origin: running.origin, app: 5 }, 'auth.register', {
			username: 'bob',
			password,
		});
		expect(good.status).toBe(200);
		expect(bad).toMatchObject({ status: 503, code: 'app/damaged' });
	});
});

describe('a browser at another address than ORIGIN', () => {
	it('gets a page that names ORIGIN and leads there: edge/wrong-address', async () => {
		running = await startAppliance({ apply });
		const port = new URL(running.origin).port;
		const answer = await fetch(`http://127.0.0.1:${port}/apps/4/sign-in?next=/x`, {
			headers: { accept: 'text/html', 'accept-language': 'zh-CN' },
		});
		const html = await answer.text();
		expect(answer.status).toBe(421);
		expect(html).toContain('lang="zh-CN"');
		expect(html).toContain(`href="${running.origin}/apps/4/sign-in?next=/x"`);
		expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
		expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
	});
});
