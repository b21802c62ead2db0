/** E01: one app, one file. Text in the place of an app's id never becomes part of a path. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTarget, type Target } from './target';
import { send, sendBytes } from './wire';

let target: Target;
beforeAll(async () => void (target = await startTarget()));
afterAll(() => target.stop());

const strange = [
	'..',
	'../4',
	'..%2f4',
	'%2e%2e',
	'%2e%2e%2f%2e%2e%2fcontrol.db',
	'....//4',
	'4/..',
	'4%00',
	'4%00.db',
	'4;',
	'4.',
	'%204',
	'04',
	'0',
	'-4',
	'+4',
	'4.0',
	'4e0',
	'0x4',
	'1000000',
	'9999999999999999999',
	'４',
	'4%E2%80%8B',
	'NaN',
	'null',
	'undefined',
	'__proto__',
	'constructor',
	'*',
	'4,5',
	'4|5',
	'C:%5C4',
	'%5c%5cserver%5c4',
	'a'.repeat(300),
	'%ff',
	'%',
	'4%2f',
	'~',
	'$HOME',
	'`id`',
	'4%0a',
];
const doors = [
	'/apps/ID/sign-in',
	'/apps/ID/account',
	'/apps/ID/theme.css',
	'/apps/ID/images/x',
	'/apps/ID/.well-known/openid-configuration',
	'/apps/ID/oidc/jwks',
	'/apps/ID/oidc/auth',
	'/apps/ID/interaction/x',
	'/admin/apps/ID',
	'/admin/apps/ID/users',
];

function tree(folder: string): string[] {
	return readdirSync(folder, { recursive: true })
		.map(String)
		.filter((path) => !/-(wal|shm)$/.test(path))
		.sort();
}

it('E01: strange ids are not found at any entry point, and leave nothing on the disk', async () => {
	const before = tree(target.appliance.dataDir);
	writeFileSync(join(target.appliance.dataDir, 'canary.txt'), 'a file beside the databases');
	const headers = { host: new URL(target.origin).host, accept: 'text/html', cookie: await target.owner() };
	for (const id of strange)
		for (const door of doors) {
			const path = door.replace('ID', id);
			// A path with dots in it is sent unchanged, which no client library does.
			const raw = await sendBytes(
				target.at,
				Buffer.from(
					`GET ${path} HTTP/1.1\r\nHost: ${headers.host}\r\nCookie: ${headers.cookie}\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
					'utf8',
				),
			);
			const status = Number(/^HTTP\/1\.1 (\d+)/.exec(raw)?.[1]);
			expect([303, 307, 308, 400, 404, 413, 414, 431].includes(status), `${path} ${status}`).toBe(true);
			expect(raw, path).not.toContain('a file beside the databases');
			if (status < 400) expect(raw, path).toMatch(/location: (http:\/\/localhost:\d+)?\/(?!\/)/i);
		}
	for (const id of strange) {
		const named = { 'menshen-app': encodeURI(decodeURIComponentSafely(id)).slice(0, 1000) };
		const got = await send(target.at, {
			method: 'POST',
			path: '/trpc/auth.signIn',
			headers: { ...named, 'content-type': 'application/json' },
			body: '{"identifier":"alice","password":"x"}',
		});
		expect([400, 404].includes(got.status), `${id} ${got.status}`).toBe(true);
	}
	expect(tree(target.appliance.dataDir).filter((path) => path !== 'canary.txt')).toEqual(before);
	expect(existsSync(join(target.appliance.dataDir, 'apps', '4', 'app.db'))).toBe(true);
}, 180_000);

it.each(['0', '-1', '1000000', '1.5', '4e1', '"4"', '"../x"', 'null', '[4]', '{"id":4}', '1e400'])(
	'E01: no app is made with the id %s',
	async (id) => {
		const got = await send(target.at, {
			method: 'POST',
			path: '/trpc/admin.apps.create',
			headers: { cookie: await target.owner(), 'content-type': 'application/json' },
			body: `{"id":${id},"name":"Strange"}`,
		});
		if (id === '4e1') expect(got.status).toBe(200);
		else expect(got.status).toBe(400);
	},
);

function decodeURIComponentSafely(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
