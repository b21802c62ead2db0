/**
 * B11: what WeChat sends to a server stays there. No session key, app secret or access token is answered, logged or
 * stored.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type MiniProgramEmulator } from '../../plugins/wechat-miniprogram/emulator';
import { password, type ApiGot, type Target } from './target';
import { startWithVendors } from './vendors';
import { send } from './wire';

const connector = 'wechat-miniprogram';
let wechat: MiniProgramEmulator;
let target: Target;
const answers: string[] = [];
/** The console’s pages, whose guide names what it is that is kept. */
const pages: string[] = [];

async function call(
	procedure: string,
	input: unknown,
	headers: Record<string, string> = {},
): Promise<ApiGot> {
	const got = await target.api(procedure, { input, headers });
	answers.push(got.body, JSON.stringify(got.headers));
	return got;
}

async function peopleUseIt(): Promise<void> {
	const ticket = () => ({ connector, ticket: wechat.login('mei') });
	const asked = await call('auth.signInWithTicket', ticket());
	await call('auth.joinExternal', { pending: (asked.data as { pending: string }).pending });
	await call('auth.signInWithTicket', { ...ticket(), params: { phoneCode: wechat.givePhone('mei') } });
	const used = wechat.login('li');
	for (let times = 0; times < 2; times++) await call('auth.signInWithTicket', { connector, ticket: used });
	const begun = await call('auth.scan.begin', { connector });
	const key = /signinKey=(\d+)/.exec(wechat.drawn.at(-1) ?? '')?.[1] ?? '';
	await call('auth.scan.open', { key });
	await call('auth.scan.confirm', { key, ticket: wechat.login('mei') });
	await call('auth.scan.collect', { secret: (begun.data as { secret: string }).secret });
	const cookie = await target.signIn('alice');
	await call('me.identities.linkTicket', { connector, ticket: wechat.login('li'), password }, { cookie });
	await call('me.identities.list', undefined, { cookie });
}

async function vendorFails(): Promise<void> {
	for (const name of wechat.failures.filter((each) => each !== 'hang')) {
		wechat.fail(name);
		await call('auth.signInWithTicket', { connector, ticket: wechat.login('mei') });
		await call('auth.signInWithTicket', {
			connector,
			ticket: wechat.login('mei'),
			params: { phoneCode: wechat.givePhone('mei') },
		});
		await call('auth.scan.begin', { connector });
	}
	wechat.fail();
}

async function operatorsLook(): Promise<void> {
	const headers = { cookie: await target.owner() };
	for (const [procedure, input] of [
		['admin.connectors.list', undefined],
		['admin.connectors.form', { id: connector }],
		['admin.connectors.test', { id: connector }],
		['admin.users.list', {}],
		['admin.audit.list', { limit: 200 }],
	] as const)
		await call(procedure, input, headers);
	for (const path of [`/admin/apps/4/connectors`, `/admin/apps/4/connectors/${connector}`])
		for (const data of ['', '/__data.json']) {
			const got = await send(target.at, {
				path: path + data,
				headers: { ...headers, host: new URL(target.origin).host, accept: 'text/html' },
			});
			pages.push(got.body);
		}
}

beforeAll(async () => {
	wechat = await startEmulator();
	target = await startWithVendors({ [connector]: wechat }, { env: { LOG_LEVEL: 'trace' } });
	await peopleUseIt();
	await operatorsLook();
	await vendorFails();
	await operatorsLook();
});
afterAll(async () => {
	await target.stop();
	await wechat.close();
});

/** The secret is written in the apply file, which is the operator's own. */
const secrets = () => [
	...wechat.sessionKeys,
	'session_key',
	'sessionKey',
	'canary-miniprogram-secret',
	'canary-access-token',
];
const spellings = (secret: string) => [
	secret,
	encodeURIComponent(secret),
	Buffer.from(secret).toString('base64'),
];
const found = (text: string | Buffer) =>
	secrets().filter((secret) => spellings(secret).some((each) => text.includes(each)));

function* files(folder: string): Generator<string> {
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) yield* files(path);
		else if (entry.isFile() && entry.name !== 'apply.yaml') yield path;
	}
}

describe('B11: what only WeChat and this server know', () => {
	it('was really sent, so that not finding it means something', () => {
		expect(wechat.sessionKeys.length).toBeGreaterThan(5);
		expect(answers.some((text) => text.includes('signed-in'))).toBe(true);
		expect(
			wechat.calls.some(({ text, url }) => (text + url.href).includes('canary-miniprogram-secret')),
		).toBe(true);
	});
	it('is in no answer, to people or to operators', () =>
		expect([
			...answers.flatMap((text) => found(text)),
			...pages.flatMap((text) => found(text)).filter((secret) => secret !== 'session_key'),
		]).toEqual([]));
	it('is in no line of the log, at the most talkative level', () =>
		expect(found(target.appliance.output())).toEqual([]));
	it('is in no file of the data folder', () => {
		const paths = [...files(target.appliance.dataDir)];
		expect(paths.some((path) => path.endsWith('app.db'))).toBe(true);
		expect(
			paths.flatMap((path) => found(readFileSync(path)).map((secret) => `${secret} in ${path}`)),
		).toEqual([]);
	});
});
