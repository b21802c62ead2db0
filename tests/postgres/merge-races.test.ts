/**
 * Two accounts that turn out to be one person's while something else happens to them. PostgreSQL runs writes side by
 * side: each test stops the first of two with a lock on a table that only its last step needs.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { enterExternal, type Arrived } from '../../src/lib/server/flows/external/enter-external';
import { listMerges, undoMerge } from '../../src/lib/server/flows/external/merge-users';
import type { AppServices } from '../../src/lib/server/flows/services';
import { updateUser } from '../../src/lib/server/flows/users/manage-users';
import type { SubjectName } from '../../src/lib/server/storage/app/identities';
import type { User } from '../../src/lib/server/storage/app/users';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	signedInBy,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../appliance-under-test';
import { startPostgres, type PostgresServer } from '../storage/postgres-server';

const connector = 'wechat-app';
const unionid = { scope: 'union', subject: 'mei' };

let server: PostgresServer;
let url: string;
let under: ApplianceUnderTest;
let app: AppServices;
let authority: string;
let older: User;
let younger: User;

beforeAll(async () => {
	server = await startPostgres();
	url = await server.createDatabase('merges');
	under = await applianceUnderTest({
		DATABASE_URL: url,
		MASTER_KEY: randomBytes(32).toString('base64'),
	});
});
afterAll(async () => {
	await under?.close();
	await server.stop();
});
beforeEach(async () => {
	app = await under.app();
	const manifest = app.plugins.manifestOf(connector);
	authority = manifest.authority ?? manifest.id;
	older = await personWith('older', [openid('one')]);
	younger = await personWith('younger', [openid('two'), { authority, ...unionid }]);
	await app.store.write((tx) => tx.users.addPoints(younger.id, 7));
});

const openid = (subject: string): SubjectName => ({ authority, scope: 'app', subject });

async function userOf(id: string): Promise<User> {
	const user = await app.store.read.users.findById(id);
	if (!user) throw new Error(`no user ${id}`);
	return user;
}

async function personWith(username: string, names: readonly SubjectName[]): Promise<User> {
	const { id } = await under.user(app, { username, password: goodPassword });
	await app.store.write(async (tx) => {
		const identity = { id: `of-${username}`, userId: id, connector, name: '', avatar: '', createdAt: 1 };
		await tx.identities.create(identity);
		await tx.identities.addNames(identity.id, names);
	});
	return userOf(id);
}

/** They come by one of the openids; the unionid is the same person's. */
async function comeBy(subject: string): Promise<User> {
	const external: Arrived['external'] = { subject, scope: 'app', also: [unionid], profile: {} };
	return signedInBy(await enterExternal(app, { connector, external }, visitor())).user;
}

const change = (id: string, changed: Parameters<typeof updateUser>[1]['change']) =>
	updateUser(app, { id, change: changed, actor: system }, visitor());
const sessionsOf = async (id: string) => (await app.store.read.sessions.listOfUser(id)).length;

async function connected(): Promise<pg.Client> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	return client;
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
	const deadline = performance.now() + 8000;
	while (!(await condition())) {
		if (performance.now() > deadline) throw new Error('it did not come to that');
		await new Promise((again) => setTimeout(again, 10));
	}
}

/** `first` runs up to its insert in the table, then `second` as far as it gets, and then both to their ends. */
async function atOnce(table: string, first: () => Promise<unknown>, second: () => Promise<unknown>) {
	const [blocker, onlooker] = [await connected(), await connected()];
	const waiting = async () => {
		const sql = `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'`;
		return (await onlooker.query<{ n: number }>(sql)).rows[0]?.n ?? 0;
	};
	try {
		await blocker.query('begin');
		await blocker.query(`lock table app_${app.id}.${table} in share mode`);
		const one = refusalOf(first());
		await until(async () => (await waiting()) === 1);
		const two = refusalOf(second());
		await until(async () => (await waiting()) === 2);
		await blocker.query('commit');
		return await Promise.all([one, two]);
	} finally {
		await blocker.end();
		await onlooker.end();
	}
}

describe('a unionid that leads to a second account', () => {
	it('does not enable an account that is being disabled: a person who signs in by it is refused', async () => {
		const disable = () => change(older.id, { status: 'disabled' });
		expect(await atOnce('audit', disable, () => comeBy('one'))).toEqual(['done', 'auth/account-disabled']);
		expect(await userOf(older.id)).toMatchObject({ status: 'disabled', points: 0 });
		expect(await userOf(younger.id)).toMatchObject({ status: 'active', points: 7 });
		expect(await sessionsOf(older.id)).toBe(0);
	});

	it('does not merge the other account that is being disabled', async () => {
		const disable = () => change(younger.id, { status: 'disabled' });
		expect(await atOnce('audit', disable, () => comeBy('one'))).toEqual(['done', 'done']);
		expect(await listMerges(app, older.id)).toEqual([]);
		expect(await userOf(younger.id)).toMatchObject({ status: 'disabled', username: 'younger', points: 7 });
		expect([await sessionsOf(older.id), await sessionsOf(younger.id)]).toEqual([1, 0]);
	});

	it('loses no name that is being changed', async () => {
		const named = { username: 'renamed', email: 'mei@example.com', emailVerified: true };
		expect(
			await atOnce(
				'audit',
				() => change(older.id, named),
				() => comeBy('one'),
			),
		).toEqual(['done', 'done']);
		expect(await listMerges(app, older.id)).toHaveLength(1);
		expect(await userOf(older.id)).toMatchObject(named);
	});

	it.each(['one', 'two'])('merges once when they come twice at once, the second by openid %s', async (by) => {
		const outcomes = await atOnce(
			'user_merge',
			() => comeBy('one'),
			() => comeBy(by),
		);
		expect(outcomes).toEqual(['done', 'done']);
		const merges = await listMerges(app, older.id);
		expect(merges).toHaveLength(1);
		expect(await userOf(older.id)).toMatchObject({ status: 'active', points: 7 });
		expect(await userOf(younger.id)).toMatchObject({ status: 'disabled', points: 0 });
		expect(await sessionsOf(older.id)).toBe(2);
		await undoMerge(app, { id: merges[0]?.id ?? '', actor: system }, visitor());
		expect(await userOf(older.id)).toMatchObject({ username: 'older', points: 0 });
		expect(await userOf(younger.id)).toMatchObject({ username: 'younger', status: 'active', points: 7 });
	});

	it('leads to whose it is again where the merge is being taken back', async () => {
		await comeBy('one');
		const [merge] = await listMerges(app, older.id);
		const undo = () => undoMerge(app, { id: merge?.id ?? '', actor: system }, visitor());
		let came: User | undefined;
		const come = async () => (came = await comeBy('two'));
		expect(await atOnce('audit', undo, come)).toEqual(['done', 'done']);
		expect(came?.id).toBe(younger.id);
		expect(await listMerges(app, older.id)).toHaveLength(1);
		expect([await sessionsOf(older.id), await sessionsOf(younger.id)]).toEqual([0, 1]);
	});
});
