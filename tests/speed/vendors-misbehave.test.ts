/** B06, B07: the addresses that people and operators type for third parties: never inside, never without an end. */
import { afterEach, describe, expect, it } from 'vitest';
import { privateSpellings } from '../emulators/private-spellings';
import { bomb, forgetPeak, peakMemory, pour, startMeanHost } from '../attack/mean-host';
import { oneApp, password, startTarget, type Target } from '../attack/target';
import { connectorsLine, Visitor } from '../attack/vendors';
import { post, type Got } from '../attack/wire';

let target: Target;
afterEach(() => target.stop());

let source = 0;
/** Types an address at the sign-in page. */
const typeWebid = (identifier: string): Promise<Got> =>
	post(
		target.at,
		'/apps/4/sign-in',
		{ connector: 'webid', identifier },
		{
			host: new URL(target.origin).host,
			origin: target.origin,
			'x-forwarded-for': `198.51.${Math.floor(++source / 250)}.${source % 250}`,
		},
	);
const save = async (id: string, values: Record<string, string>) =>
	target.api('admin.connectors.save', {
		input: { id, enabled: true, values },
		headers: { cookie: await target.owner() },
	});

describe('B06: without EGRESS_ALLOW', () => {
	const strict = { EGRESS_ALLOW: '', TRUSTED_PROXIES: '127.0.0.1' };

	it('a WebID that a stranger types leads to no address inside, however it is spelled', async () => {
		const inside = await startMeanHost((res) =>
			res.writeHead(200, { 'content-type': 'text/turtle' }).end(''),
		);
		target = await startTarget({ apply: oneApp + connectorsLine({}, ['webid']), env: strict });
		const own = [
			'127.0.0.1',
			'127.1',
			'2130706433',
			'0x7f.1',
			'0',
			'localhost',
			'[::1]',
			'[::ffff:127.0.0.1]',
		];
		const typed = [
			...own.flatMap((host) => [`http://${host}:${inside.port}/me`, `https://${host}:${inside.port}/me`]),
			...privateSpellings.slice(0, 60).map((host) => `https://${host}/me`),
		];
		const bodies = new Set<string>();
		for (const identifier of typed) {
			const got = await typeWebid(identifier);
			expect(got.status, identifier).toBeGreaterThanOrEqual(400);
			expect(got.ms, identifier).toBeLessThan(3000);
			bodies.add(/class="notice[^>]*>([^<]*)/.exec(got.body)?.[1] ?? '');
		}
		expect(inside.asked).toEqual([]);
		// Existing and missing hosts get the same answer.
		expect(bodies.size).toBeLessThanOrEqual(2);
	}, 180_000);

	it('an issuer or a webhook that an operator types is refused, or called nowhere inside', async () => {
		const inside = await startMeanHost((res) => res.writeHead(200).end('{}'));
		target = await startTarget({ apply: oneApp + connectorsLine({}, ['email']), env: strict });
		const hosts = [
			'127.0.0.1',
			'127.1',
			'2130706433',
			'0x7f.1',
			'localhost',
			'[::1]',
			'[::ffff:7f00:1]',
			'169.254.169.254',
		];
		for (const host of hosts) {
			const address = `http://${host}:${inside.port}/x`;
			const oidc = await save('oidc', { issuer: address, clientId: 'x', clientAuth: 'none' });
			const webhook = await save('webhook', { url: address, secret: 'a-secret-of-a-receiver' });
			if (oidc.status === 200) {
				const got = await post(target.at, '/apps/4/sign-in', { connector: 'oidc' }, own());
				expect(got.status, address).toBeGreaterThanOrEqual(400);
			}
			if (webhook.status === 200) {
				const headers = { cookie: await target.owner() };
				await target.api('admin.connectors.test', { input: { id: 'webhook' }, headers });
			}
		}
		expect(inside.asked).toEqual([]);
	}, 180_000);
});

const own = () => ({ host: new URL(target.origin).host, origin: target.origin });

describe('B07: a vendor that misbehaves', () => {
	it('is given up within five seconds, costs little memory, and delays no other user', async () => {
		const packed = bomb();
		const turtle = { 'content-type': 'text/turtle' };
		const mean = await startMeanHost((res, path) => {
			if (path.startsWith('/silent')) return;
			if (path.startsWith('/loop'))
				return void res.writeHead(302, { location: `/loop/${Math.random()}` }).end();
			if (path.startsWith('/bomb'))
				return void res.writeHead(200, { ...turtle, 'content-encoding': 'gzip' }).end(packed);
			if (path.startsWith('/many'))
				return void res
					.writeHead(200, turtle)
					.end(
						Array.from(
							{ length: 2000 },
							(_, index) =>
								`<> <http://www.w3.org/ns/solid/terms#oidcIssuer> <http://127.0.0.1:1/${index}> .`,
						).join('\n'),
					);
			res.writeHead(200, turtle);
			if (path.startsWith('/drip')) {
				const timer = setInterval(() => res.write('#'), 200);
				return void res.once('close', () => clearInterval(timer));
			}
			pour(res);
		});
		target = await startTarget({
			apply: oneApp + connectorsLine({}, ['webid']),
			env: { TRUSTED_PROXIES: '127.0.0.1' },
		});
		const manners = ['silent', 'loop', 'bomb', 'many', 'drip', 'endless'];
		for (let times = 0; times < 20; times++) await target.signIn('alice');
		await typeWebid(`http://127.0.0.1:${mean.port}/loop`);
		const usual = peakMemory(target.appliance.pid);
		forgetPeak(target.appliance.pid);
		const typed = [...manners, ...manners].map((manner) =>
			typeWebid(`http://127.0.0.1:${mean.port}/${manner}/me#id`),
		);
		let pending = true;
		const all = Promise.all(typed).finally(() => (pending = false));
		const times: number[] = [];
		while (pending) {
			const got = await target.api('auth.signIn', { input: { identifier: 'alice', password } });
			expect(got.status).toBe(200);
			times.push(got.ms);
			await new Promise((again) => setTimeout(again, 100));
		}
		for (const [index, got] of (await all).entries()) {
			const manner = manners[index % manners.length];
			expect(got.status, manner).toBeGreaterThanOrEqual(400);
			expect(got.ms, manner).toBeLessThan(5000);
		}
		expect(Math.max(...times)).toBeLessThan(2000);
		expect(peakMemory(target.appliance.pid) - usual).toBeLessThan(50);
		expect(mean.asked.filter((path) => path.startsWith('/loop')).length).toBeLessThan(30);
		expect((await new Visitor(target).open(`${target.origin}/apps/4/sign-in`)).status).toBe(200);
	}, 180_000);
});
