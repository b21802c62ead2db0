/** F03: a full disk, seen from outside: said clearly, nothing half, over as soon as there is room again. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { owner, startAppliance } from '../appliance';
import { callApi } from '../api';
import { startSmtpSink } from '../emulators/smtp-sink';
import { cookieHeader, post, send } from './wire';

const password = 'correct-horse-battery';
const apply = (mailPort: number) => `appliance:
  alertEmail: ops@example.com
  senders: { email: { plugin: smtp, config: { host: 127.0.0.1, port: ${mailPort}, from: id@example.com } } }
apps:
  - id: 4
    name: Demo
    users:
      - { username: alice, password: ${password} }
`;

/** A file system of 24 MB in memory, or undefined where that is not ours to make. */
function smallDisk(): string | undefined {
	if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
	const folder = mkdtempSync(join(tmpdir(), 'menshen-disk-'));
	if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder]).status !== 0) return undefined;
	onTestFinished(() => {
		spawnSync('umount', ['-l', folder]);
		rmSync(folder, { recursive: true, force: true });
	});
	return folder;
}

/** Writes until there is no room for another byte. */
function fillUp(path: string): void {
	const handle = openSync(path, 'w');
	for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 8)) {
		try {
			for (;;) writeSync(handle, Buffer.alloc(size));
		} catch (error) {
			if ((error as { code?: string }).code !== 'ENOSPC') throw error;
		}
	}
	closeSync(handle);
}

it('F03: registrations are refused whole, people stay signed in, and no restart is needed afterwards', async ({
	skip,
}) => {
	const disk = smallDisk();
	if (!disk) return skip('needs root on Linux, to mount a small disk');
	const dataDir = join(disk, 'data');
	mkdirSync(dataDir);
	const sink = await startSmtpSink();
	onTestFinished(() => sink.close());
	const appliance = await startAppliance({ apply: apply(sink.port), dataDir });
	onTestFinished(async () => void (await appliance.end('SIGKILL')));
	const { origin } = appliance;
	const at = origin.replace('localhost', '127.0.0.1');
	const own = { host: new URL(origin).host, origin };
	const call = (procedure: string, input?: unknown, headers: Record<string, string> = {}) =>
		callApi({ origin, app: 4, headers }, procedure, input);
	const cookie = (await call('auth.signIn', { identifier: 'alice', password })).cookies.join('; ');
	const ownerCookie = cookieHeader(await post(at, '/admin/sign-in', owner, own));
	expect((await call('auth.register', { username: 'early', password })).status).toBe(200);

	const ballast = join(disk, 'ballast');
	fillUp(ballast);

	const outcomes: [name: string, status: number, code: string | undefined][] = [];
	for (let index = 0; index < 400 && outcomes.filter(([, status]) => status === 503).length < 5; index++) {
		const name = `late${index}`;
		const got = await call('auth.register', { username: name, password });
		outcomes.push([name, got.status, got.code]);
	}
	const refused = outcomes.filter(([, status]) => status !== 200);
	expect(refused.length).toBeGreaterThanOrEqual(5);
	expect(new Set(refused.map(([, status, code]) => `${status} ${code}`))).toEqual(
		new Set(['503 storage/full']),
	);

	const page = await post(at, '/apps/4/register', { username: 'lateform', password }, own);
	expect(page.status).toBe(503);
	expect(page.body).toMatch(/storage|full|disk|space/i);
	expect(page.cookies.filter((line) => line.startsWith('menshen-4='))).toEqual([]);

	// What only reads goes on.
	expect((await call('me.get', undefined, { cookie })).status).toBe(200);
	expect((await send(at, { path: '/apps/4/.well-known/openid-configuration' })).status).toBe(200);
	expect((await send(at, { path: '/apps/4/sign-in', headers: own })).status).toBe(200);
	expect((await send(at, { path: '/apps/4/account', headers: { ...own, cookie } })).status).toBe(200);
	expect((await send(at, { path: '/healthz' })).status).toBe(200);
	const authorize = await send(at, { path: '/apps/4/oidc/auth?client_id=nobody', headers: own });
	expect(authorize.status).toBe(400);
	// A sign-in writes a session, a refused one counts the try: there is space kept for both.
	expect((await post(at, '/apps/4/sign-in', { identifier: 'alice', password }, own)).status).toBe(303);
	expect((await call('auth.signIn', { identifier: 'alice', password })).status).toBe(200);
	expect((await call('auth.signIn', { identifier: 'alice', password: 'wrong-wrong' })).status).toBe(401);

	await sink.waitFor(({ subject }) => subject.includes('the disk is full'), 10_000);

	rmSync(ballast);
	const room = performance.now() + 10_000;
	while ((await call('auth.register', { username: 'afterwards', password })).status !== 200) {
		if (performance.now() > room) throw new Error('still full ten seconds after there was room again');
		await new Promise((again) => setTimeout(again, 100));
	}
	expect((await call('auth.signIn', { identifier: 'alice', password })).status).toBe(200);
	const { users } = (await call('admin.users.list', { limit: 200 }, { cookie: ownerCookie })).data as {
		users: { username: string }[];
	};
	const made = outcomes.filter(([, status]) => status === 200).map(([name]) => name);
	expect(users.map(({ username }) => username).sort()).toEqual(
		['alice', 'early', 'afterwards', ...made].sort(),
	);
	for (const [name] of refused)
		expect((await call('auth.signIn', { identifier: name, password })).status).toBe(401);
	await sink.waitFor(({ subject }) => subject.includes('there is room on the disk again'), 20_000);
	expect(sink.mails.map(({ to }) => to)).toEqual([['ops@example.com'], ['ops@example.com']]);
	expect(await appliance.end('SIGTERM')).toBe(0);
}, 90_000);
