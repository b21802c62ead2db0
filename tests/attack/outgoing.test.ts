/** B06, B07: what a client registered as its address is called only where calling is allowed, and never without an end. */
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Browser } from '../conformance/browser';
import { bomb, forgetPeak, peakMemory, pour, startMeanHost } from './mean-host';
import { app, password, startTarget, type Target } from './target';
import { post } from './wire';
import { bestOfThree } from '../measured';

const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const redirect = 'https://rp.example/cb';
const apply = `apps:
  - id: ${app}
    name: Demo
    users:
      - { username: alice, password: ${password} }
`;

let target: Target;
afterEach(() => target.stop());

async function register(
	id: string,
	backchannelLogoutUri: string,
	headers: Record<string, string>,
): Promise<number> {
	const got = await target.api('admin.clients.create', {
		input: {
			id,
			name: id,
			confidential: false,
			firstParty: true,
			redirectUris: [redirect],
			backchannelLogoutUri,
		},
		headers,
	});
	return got.status;
}

/** Signs alice in at each client, then out everywhere. */
async function signInAndOut(clients: readonly string[]): Promise<void> {
	const browser = new Browser(target.origin);
	for (const client of clients) {
		const query = new URLSearchParams({
			client_id: client,
			response_type: 'code',
			scope: 'openid',
			redirect_uri: redirect,
			code_challenge: challenge,
			code_challenge_method: 'S256',
		});
		let step = await browser.open(`${target.origin}/apps/${app}/oidc/auth?${query.toString()}`);
		if (!step.left) step = await browser.open(step.url, { identifier: 'alice', password });
		const code = step.url.searchParams.get('code') ?? '';
		const got = await post(target.at, `/apps/${app}/oidc/token`, {
			grant_type: 'authorization_code',
			code,
			client_id: client,
			redirect_uri: redirect,
			code_verifier: verifier,
		});
		expect(got.status, client).toBe(200);
	}
	expect(
		(await target.api('auth.signOut', { input: {}, headers: { cookie: browser.headerFor('/') } })).status,
	).toBe(200);
}

/** Waits until so many notices were tried and given up for now. */
async function untilRefused(count: number): Promise<void> {
	const deadline = performance.now() + 20_000;
	while ((target.appliance.output().match(/a logout notice was not delivered/g)?.length ?? 0) < count) {
		if (performance.now() > deadline)
			throw new Error(`not all notices were tried:\n${target.appliance.output()}`);
		await new Promise((again) => setTimeout(again, 50));
	}
}

describe('B06: without EGRESS_ALLOW', () => {
	it('no address inside is called, however it is written', async () => {
		const inside = await startMeanHost((res) => res.writeHead(200).end());
		const { port } = inside;
		target = await startTarget({ apply, env: { EGRESS_ALLOW: '', LOG_LEVEL: 'debug' } });
		const headers = { cookie: await target.owner() };
		const spellings = [
			`http://127.0.0.1:${port}/a`,
			`http://localhost:${port}/b`,
			`http://[::ffff:127.0.0.1]:${port}/c`,
			`http://2130706433:${port}/d`,
			`http://0x7f.1:${port}/e`,
			`http://0:${port}/f`,
			`http://127.0.0.1.:${port}/g`,
			`http://[::1]:${port}/h`,
			`http://①②⑦.0.0.1:${port}/i`,
			'http://169.254.169.254/latest/meta-data/',
			'http://[fd00:ec2::254]/',
			'http://10.0.0.1/',
		];
		const taken: string[] = [];
		for (const [index, uri] of spellings.entries())
			if ((await register(`c${index}`, uri, headers)) === 200) taken.push(`c${index}`);
		expect(taken.length).toBeGreaterThan(0);
		await signInAndOut(taken);
		await untilRefused(taken.length);
		expect(inside.asked).toEqual([]);
		expect((await target.api('auth.signIn', { input: { identifier: 'alice', password } })).status).toBe(200);
	}, 180_000);
});

describe('B07: an address that misbehaves', bestOfThree, () => {
	it('is given up, costs little memory, and delays no user', async () => {
		const packed = bomb();
		const open: ServerResponse[] = [];
		const mean = await startMeanHost((res, path) => {
			open.push(res);
			if (path.startsWith('/kind')) return void res.end();
			if (path.startsWith('/silent')) return;
			if (path.startsWith('/loop'))
				return void res.writeHead(302, { location: `/loop/${Math.random()}` }).end();
			if (path.startsWith('/reset')) return void res.destroy();
			if (path.startsWith('/bomb'))
				return void res.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
			res.writeHead(200, { 'content-type': 'text/plain' });
			pour(res);
		});
		target = await startTarget({ apply });
		const headers = { cookie: await target.owner() };
		const manners = ['silent', 'loop', 'reset', 'endless', 'bomb'];
		const clients = [...manners, 'endless2', 'endless3', 'bomb2', 'bomb3'];
		const kindly = clients.map((_, index) => `kind${index}`);
		for (const name of [...kindly, ...clients])
			expect(await register(name, `http://127.0.0.1:${mean.port}/${name}`, headers)).toBe(200);
		// The same sign-ins with calls to a normal server: their cost is subtracted.
		await signInAndOut(kindly);
		await signInAndOut(kindly);
		const usual = peakMemory(target.appliance.pid);
		forgetPeak(target.appliance.pid);
		await signInAndOut(clients);
		const misbehaved = () =>
			new Set(mean.asked.map((path) => path.split('/')[1]).filter((name) => !name?.startsWith('kind'))).size;
		const deadline = performance.now() + 15_000;
		while (misbehaved() < clients.length && performance.now() < deadline)
			await new Promise((again) => setTimeout(again, 50));
		expect(misbehaved()).toBe(clients.length);
		const times: number[] = [];
		const end = performance.now() + 6000;
		while (performance.now() < end) {
			const got = await target.api('auth.signIn', { input: { identifier: 'alice', password } });
			expect(got.status).toBe(200);
			times.push(got.ms);
			await new Promise((again) => setTimeout(again, 100));
		}
		expect(Math.max(...times)).toBeLessThan(2000);
		expect(peakMemory(target.appliance.pid) - usual).toBeLessThan(50);
		// Redirects are not followed on and on.
		expect(mean.asked.filter((path) => path.startsWith('/loop')).length).toBeLessThan(20);
		// The one that pours without end was cut off.
		expect(open.filter((res) => !res.destroyed && res.writableLength > 0)).toEqual([]);
	}, 180_000);
});
