/** The whole product on PostgreSQL: what SQLite's tests show in depth, once through here. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type RunningAppliance } from '../appliance';
import { callApi } from '../api';
import { startPostgres, type PostgresServer } from '../storage/postgres-server';

const password = 'correct-horse-battery';
const apply = `apps:
  - id: 4
    name: Demo
    users:
      - { username: alice, email: alice@example.com, emailVerified: true, password: ${password} }
`;
let server: PostgresServer;
let appliance: RunningAppliance;

beforeAll(async () => {
	server = await startPostgres();
	const env = {
		DATABASE_URL: await server.createDatabase('product'),
		MASTER_KEY: randomBytes(32).toString('base64'),
	};
	appliance = await startAppliance({ apply, env });
});
afterAll(async () => {
	await appliance.stop();
	await server.stop();
});

const call = (procedure: string, input?: unknown, cookie = '') =>
	callApi({ origin: appliance.origin, app: 4, headers: cookie ? { cookie } : {} }, procedure, input);

describe('on PostgreSQL', () => {
	it('people register, sign in by any proven identifier, and are known by their cookie', async () => {
		const registered = await call('auth.register', { username: 'bob', password });
		expect(registered.status).toBe(200);
		expect((await call('auth.register', { username: 'BOB', password })).code).toBe('user/username-taken');
		const signedIn = await call('auth.signIn', { identifier: 'Alice@Example.com', password });
		expect(signedIn.status).toBe(200);
		const me = await call('me.get', undefined, signedIn.cookies.join('; '));
		expect(me.data).toMatchObject({ username: 'alice' });
		expect((await call('auth.signIn', { identifier: 'alice', password: 'wrong-password' })).code).toBe(
			'auth/invalid-credentials',
		);
	});

	it('wrong passwords are counted exactly, also many at once', async () => {
		const answers = await Promise.all(
			Array.from({ length: 20 }, () =>
				call('auth.signIn', { identifier: 'bob', password: 'wrong-password' }),
			),
		);
		const judged = answers.filter((answer) => answer.code === 'auth/invalid-credentials').length;
		expect(judged).toBeGreaterThan(0);
		expect(judged).toBeLessThanOrEqual(8);
	});

	it('the issuer answers, and everything is there after a restart', async () => {
		const discovery = async () =>
			(await fetch(`${appliance.origin}/apps/4/.well-known/openid-configuration`)).json() as Promise<{
				issuer: string;
			}>;
		expect((await discovery()).issuer).toBe(`${appliance.origin}/apps/4`);
		const jwks = async () => (await fetch(`${appliance.origin}/apps/4/oidc/jwks`)).text();
		const keys = await jwks();
		appliance = await appliance.restart();
		expect(await jwks()).toBe(keys);
		expect((await call('auth.signIn', { identifier: 'alice', password })).status).toBe(200);
	});
});
