/** More people at once than there are connections: each write holds one and asks for no other, so all come through. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sendCode } from '../../src/lib/server/flows/codes/send-code';
import { requestRecovery } from '../../src/lib/server/flows/recover/recover';
import { submitRegistration } from '../../src/lib/server/flows/register/register';
import type { AppServices } from '../../src/lib/server/flows/services';
import { submitSignIn } from '../../src/lib/server/flows/sign-in/submit-sign-in';
import { applianceUnderTest, goodPassword, visitor, type ApplianceUnderTest } from '../appliance-under-test';
import { startPostgres, type PostgresServer } from '../storage/postgres-server';

/** Of writing connections; see storage/engine/postgres.ts. */
const poolSize = 10;
const people = poolSize + 4;

let server: PostgresServer;
let url: string;
let under: ApplianceUnderTest;
let app: AppServices;

beforeAll(async () => {
	server = await startPostgres();
	url = await server.createDatabase('crowd');
	under = await applianceUnderTest({ DATABASE_URL: url, MASTER_KEY: randomBytes(32).toString('base64') });
	// The app's own text is looked up for every message, and every new user is greeted.
	app = await under.app({
		welcomeEmail: true,
		templates: { email: {}, sms: { 'sign-in': { en: { text: '{app}: {code}' } } } },
	});
	for (const id of ['sms', 'email']) await app.plugins.save(id, { enabled: true });
	await Promise.all(Array.from({ length: people }, (_, i) => under.user(app, memberOf(i))));
});
afterAll(async () => {
	await under?.close();
	await server.stop();
});

const memberOf = (i: number) => ({
	username: `member-${i}`,
	email: `member-${i}@example.com`,
	emailVerified: true,
	password: goodPassword,
});
const from = (i: number) => visitor({ address: `198.51.100.${i}` });

const acts: Record<string, (i: number) => Promise<unknown>> = {
	registers: (i) => submitRegistration(app, { username: `guest-${i}`, password: goodPassword }, from(i)),
	'asks for a code': (i) =>
		sendCode(app, { connector: 'sms', to: `+8613800138${100 + i}`, purpose: 'sign-in' }, from(i)),
	'recovers a password': (i) => requestRecovery(app, { identifier: `member-${i}@example.com` }, from(i)),
	'signs in': (i) => submitSignIn(app, { identifier: `member-${i}`, password: goodPassword }, from(i)),
};

it('all of them are served, also after every connection was held at once', async () => {
	const [blocker, onlooker] = [
		new pg.Client({ connectionString: url }),
		new pg.Client({ connectionString: url }),
	];
	await Promise.all([blocker.connect(), onlooker.connect()]);
	const waiting = async () => {
		const sql = `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'`;
		return (await onlooker.query<{ n: number }>(sql)).rows[0]?.n ?? 0;
	};
	try {
		// The last step of each of them writes there.
		await blocker.query('begin');
		await blocker.query(`lock table app_${app.id}.audit in share mode`);
		const outcomes = Object.entries(acts).flatMap(([what, act]) =>
			Array.from({ length: people }, (_, i) => act(i).then(() => `${what}: done`)),
		);
		const all = Promise.allSettled(outcomes);
		await vi.waitFor(async () => expect(await waiting()).toBe(poolSize), { timeout: 8000, interval: 20 });
		expect((await app.settings()).welcomeEmail).toBe(true);
		await blocker.query('commit');
		const failed = (await all).flatMap((outcome) =>
			outcome.status === 'rejected' ? [String(outcome.reason)] : [],
		);
		expect(failed).toEqual([]);
		expect(outcomes).toHaveLength(people * Object.keys(acts).length);
	} finally {
		await blocker.end();
		await onlooker.end();
	}
});
