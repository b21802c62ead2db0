import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { startPostgres, type PostgresServer } from '../../../../../tests/storage/postgres-server';
import type { User } from '../../storage/app/users';
import type { AppServices } from '../services';
import { updateUser, type NewUserInput } from '../users/manage-users';
import { listMerges, mergeUsers, undoMerge } from './merge-users';

describe.each(['SQLite', 'PostgreSQL'])('undoing a merge on %s', (engine) => {
	let server: PostgresServer | undefined;
	let under: ApplianceUnderTest;
	let app: AppServices;

	beforeAll(async () => {
		server = engine === 'PostgreSQL' ? await startPostgres() : undefined;
		const env = server && {
			DATABASE_URL: await server.createDatabase('merges'),
			MASTER_KEY: randomBytes(32).toString('base64'),
		};
		under = await applianceUnderTest(env);
	});
	afterAll(async () => {
		await under.close();
		await server?.stop();
	});

	async function userOf(id: string): Promise<User> {
		const user = await app.store.read.users.findById(id);
		if (!user) throw new Error(`no user ${id}`);
		return user;
	}

	const person = async (username: string, more: Partial<NewUserInput> = {}): Promise<User> =>
		under.user(app, { username, password: goodPassword, ...more });
	const mailed = (email: string) => ({ email, emailVerified: true });
	const change = (id: string, changed: Parameters<typeof updateUser>[1]['change']) =>
		updateUser(app, { id, change: changed, actor: system }, visitor());

	/** @returns the merge's id */
	async function merged(one: User, other: User): Promise<string> {
		const before = new Set((await listMerges(app, one.id)).map(({ id }) => id));
		const users = [await userOf(one.id), await userOf(other.id)] as const;
		await app.store.write((tx) => mergeUsers(app, tx, { users, visitor: visitor(), connector: 'test' }));
		const made = (await listMerges(app, one.id)).find(({ id }) => !before.has(id));
		return made?.id ?? '';
	}

	const undone = (id: string) => refusalOf(undoMerge(app, { id, actor: system }, visitor()));

	it('gives each account its own data again', async () => {
		app = await under.app();
		const [one, other] = [await person('aa'), await person('bb', mailed('b@example.com'))];
		await app.store.write((tx) => tx.users.addPoints(other.id, 7));
		const merge = await merged(one, other);
		expect(await userOf(one.id)).toMatchObject({ ...mailed('b@example.com'), points: 7 });
		expect(await userOf(other.id)).toMatchObject({ email: null, status: 'disabled', points: 0 });
		expect(await undone(merge)).toBe('done');
		expect(await userOf(one.id)).toMatchObject({ username: 'aa', email: null, points: 0 });
		expect(await userOf(other.id)).toMatchObject({
			...mailed('b@example.com'),
			username: 'bb',
			status: 'active',
			points: 7,
		});
		expect(await undone(merge)).toBe('user/not-found');
	});

	it.each([
		['email', { email: 'b@example.com', emailVerified: true }, { email: 'new@example.com' }],
		['phone', { phone: '+8613800138000', phoneVerified: true }, { phone: '+8613800138001' }],
	])('is refused where another user has the %s now, and changes nothing', async (_, had, since) => {
		app = await under.app();
		const [one, other] = [await person('aa'), await person('bb', had)];
		const merge = await merged(one, other);
		await change(one.id, since);
		const taker = await person('cc', had);
		const before = [await userOf(one.id), await userOf(other.id)];
		expect(await undone(merge)).toBe('user/identifier-taken');
		expect([await userOf(one.id), await userOf(other.id)]).toEqual(before);
		expect(await userOf(taker.id)).toMatchObject(had);
		// The merge can still be undone once the name is free.
		await change(taker.id, Object.fromEntries(Object.keys(since).map((name) => [name, ''])));
		expect(await undone(merge)).toBe('done');
		expect(await userOf(one.id)).toMatchObject({ ...since, status: 'active' });
		expect(await userOf(other.id)).toMatchObject({ ...had, status: 'active' });
	});

	it('is refused where another user has the username now', async () => {
		app = await under.app();
		const one = await under.user(app, { ...mailed('a@example.com'), password: goodPassword });
		const other = await person('bb');
		const merge = await merged(one, other);
		expect(await userOf(one.id)).toMatchObject({ username: 'bb' });
		await change(one.id, { username: 'aa' });
		await person('bb');
		expect(await undone(merge)).toBe('user/username-taken');
		expect(await userOf(other.id)).toMatchObject({ username: null, status: 'disabled' });
	});

	it('leaves an account disabled that was disabled since, and keeps what they changed and proved', async () => {
		app = await under.app();
		const one = await person('aa', { email: 'a@example.com' });
		const other = await person('bb', { phone: '+8613800138000', phoneVerified: true });
		const merge = await merged(one, other);
		await change(one.id, { status: 'disabled', emailVerified: true, name: 'Renamed' });
		expect(await undone(merge)).toBe('done');
		expect(await userOf(one.id)).toMatchObject({
			...mailed('a@example.com'),
			status: 'disabled',
			name: 'Renamed',
			phone: null,
		});
		expect(await userOf(other.id)).toMatchObject({ status: 'active', phone: '+8613800138000' });
	});

	it('goes backwards through a chain of merges: the older one is refused until the newer one is taken back', async () => {
		app = await under.app();
		const one = await person('aa');
		const two = await under.user(app, { ...mailed('b@example.com'), password: goodPassword });
		const three = await person('cc', { phone: '+8613800138000', phoneVerified: true });
		const older = await merged(two, three);
		const newer = await merged(one, two);
		expect(await undone(older)).toBe('user/identifier-taken');
		expect(await undone(newer)).toBe('done');
		expect(await userOf(one.id)).toMatchObject({ username: 'aa', email: null, phone: null });
		expect(await undone(older)).toBe('done');
		expect(await userOf(two.id)).toMatchObject({
			...mailed('b@example.com'),
			status: 'active',
			username: null,
			phone: null,
		});
		expect(await userOf(three.id)).toMatchObject({
			username: 'cc',
			phone: '+8613800138000',
			status: 'active',
		});
	});

	it('needs no order where two accounts were merged into the same one', async () => {
		app = await under.app();
		const one = await person('aa');
		const two = await person('bb', mailed('b@example.com'));
		const three = await person('cc', { phone: '+8613800138000', phoneVerified: true });
		const merges = [await merged(one, two), await merged(one, three)];
		for (const merge of merges) expect(await undone(merge)).toBe('done');
		expect(await userOf(one.id)).toMatchObject({ username: 'aa', email: null, phone: null });
		expect(await userOf(two.id)).toMatchObject(mailed('b@example.com'));
		expect(await userOf(three.id)).toMatchObject({ username: 'cc', phone: '+8613800138000' });
	});
});
