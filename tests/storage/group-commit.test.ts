/**
 * The write path of SQLite: what shares a transaction, which requests a failure reaches, which statements are
 * refused.
 */
import Sqlite from 'better-sqlite3';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GroupCommit } from '../../src/lib/server/storage/engine/group-commit';
import { openForWriting } from '../../src/lib/server/storage/engine/sqlite';
import { SqliteConnection, sqliteDialect } from '../../src/lib/server/storage/engine/sqlite-connection';
import { openHere, temporaryFolder } from './files';

type Schema = { note: { text: string } };
type Limits = ConstructorParameters<typeof GroupCommit>[1];

/** A group commit over one table whose texts differ, and a second handle to look and to meddle with. */
function notebook(limits?: Limits) {
	const file = join(temporaryFolder(), 'notes.db');
	const other = new Sqlite(file, { timeout: 0 });
	other.exec('create table note (text text unique)');
	const commits: string[] = [];
	const connection = new SqliteConnection({
		open: () => openForWriting(file),
		admit: () => group.admit(),
		failed: (error) => group.failed(error),
	});
	const run = connection.run.bind(connection);
	connection.run = (sql: string, parameters?: readonly unknown[]) => {
		if (sql === 'commit') commits.push(sql);
		return run(sql, parameters);
	};
	// No bound in time: a busy machine must not part what arrived together.
	const group = new GroupCommit(connection, { gathering: 60_000, ...limits });
	const db = new Kysely<Schema>({ dialect: sqliteDialect(connection) });
	onTestFinished(() => {
		other.close();
		connection.close();
	});
	return {
		group,
		db,
		other,
		commits,
		connection,
		add: (text: string) => db.insertInto('note').values({ text }).execute(),
		texts: () => other.prepare('select text from note order by rowid').pluck().all(),
	};
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Whether a promise is still open after the event loop went round many times. */
async function staysPending(promise: Promise<unknown>): Promise<boolean> {
	let settled = false;
	void promise.then(
		() => (settled = true),
		() => (settled = true),
	);
	for (let i = 0; i < 100; i++) await turn();
	return !settled;
}

describe('group commit', () => {
	it('puts requests that arrive together into one transaction, in their order', async () => {
		const { group, add, texts, commits } = notebook();
		await Promise.all(Array.from({ length: 40 }, (_, i) => group.submit(() => add(String(i)))));
		expect(texts()).toEqual(Array.from({ length: 40 }, (_, i) => String(i)));
		expect(commits).toHaveLength(1);
	});

	it('bounds how many share a transaction', async () => {
		const { group, add, commits } = notebook({ jobs: 10 });
		await Promise.all(Array.from({ length: 40 }, (_, i) => group.submit(() => add(String(i)))));
		expect(commits).toHaveLength(4);
	});

	it('fails one and keeps the rest, in one commit', async () => {
		const { group, add, texts, commits } = notebook();
		const outcomes = await Promise.allSettled(
			Array.from({ length: 40 }, (_, i) =>
				group.submit(async () => {
					await add(i === 7 ? '3' : String(i));
					if (i === 9) throw new Error('after its insert');
				}),
			),
		);
		const failed = outcomes.flatMap((outcome, i) =>
			outcome.status === 'rejected' ? [[i, String(outcome.reason)]] : [],
		);
		expect(failed).toEqual([
			[7, expect.stringContaining('UNIQUE')],
			[9, 'Error: after its insert'],
		]);
		expect(texts()).toHaveLength(38);
		expect(commits).toHaveLength(1);
	});

	it('gives no answer, not even a refusal, before a commit that fails', async () => {
		const { group, add, texts, connection } = notebook();
		const run = connection.run.bind(connection);
		connection.run = (sql: string, parameters?: readonly unknown[]) => {
			if (sql === 'commit') throw Object.assign(new Error('disk is full'), { code: 'SQLITE_FULL' });
			return run(sql, parameters);
		};
		const outcomes = await Promise.allSettled([
			group.submit(() => add('a')),
			// Refused because of a row that never was.
			group.submit(() => add('a')),
			group.submit(() => Promise.reject(new Error('of its own'))),
		]);
		expect(
			outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as Error).message),
		).toEqual(Array(3).fill('disk is full'));
		expect(texts()).toEqual([]);
		connection.run = run;
		await group.submit(() => add('b'));
		expect(texts()).toEqual(['b']);
	});

	it('does not let readers see work under way', async () => {
		const { group, add, texts } = notebook();
		let release: () => void = () => undefined;
		const held = new Promise<void>((resolve) => (release = resolve));
		const written = group.submit(async () => {
			await add('unfinished');
			await held;
		});
		expect(await staysPending(written)).toBe(true);
		expect(texts()).toEqual([]);
		release();
		await written;
		expect(texts()).toEqual(['unfinished']);
	});

	it('waits for a file that another process holds without holding up anything else', async () => {
		const { group, add, other, texts } = notebook();
		other.exec('begin immediate');
		const waiting = group.submit(() => add('patient'));
		expect(await staysPending(waiting)).toBe(true);
		other.exec('rollback');
		await waiting;
		expect(texts()).toEqual(['patient']);
	});

	it('gives up on a file that stays held, and works again afterwards', async () => {
		const { group, add, other, texts } = notebook({ patience: 20 });
		other.exec('begin immediate');
		const outcomes = await Promise.allSettled([group.submit(() => add('a')), group.submit(() => add('b'))]);
		for (const outcome of outcomes)
			expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'SQLITE_BUSY' } });
		other.exec('rollback');
		await group.submit(() => add('c'));
		expect(texts()).toEqual(['c']);
	});

	it('gives up on work that awaits something else, and keeps out what it does later', async () => {
		const { group, add, texts } = notebook({ duration: 30 });
		let late: Promise<unknown> = Promise.resolve();
		let wake: () => void = () => undefined;
		const network = new Promise<void>((resolve) => (wake = resolve));
		const stuck = group.submit(async () => {
			await add('stuck');
			await network;
			late = add('late');
			await late;
		});
		const behind = group.submit(() => add('behind'));
		await expect(stuck).rejects.toThrow('awaited something that is no statement');
		await behind;
		wake();
		await turn();
		await expect(late).rejects.toThrow('outside of its write()');
		expect(texts()).toEqual(['behind']);
	});

	it('refuses statements that come from no write', async () => {
		const { group, add, texts } = notebook();
		await expect(add('stray')).rejects.toThrow('outside of its write()');
		await group.submit(async () => undefined);
		await expect(add('stray')).rejects.toThrow('outside of its write()');
		expect(texts()).toEqual([]);
	});

	it('lets the event loop turn between the writes of an eager caller', async () => {
		const { group, add } = notebook();
		let turns = 0;
		let busy = true;
		const watching = (async () => {
			while (busy) {
				await turn();
				turns += 1;
			}
		})();
		for (let i = 0; i < 50; i++) await group.submit(() => add(String(i)));
		busy = false;
		await watching;
		expect(turns).toBeGreaterThanOrEqual(50);
	});

	it('fails every request in the group when the engine rolls it back, and lets none go on without it', async () => {
		const { group, add, connection, texts } = notebook();
		const run = connection.run.bind(connection);
		connection.run = (sql: string, parameters: readonly unknown[] = []) => {
			if (!parameters.includes('too much')) return run(sql, parameters);
			run('rollback');
			throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
		};
		const outcomes = await Promise.allSettled([
			group.submit(() => add('before')),
			group.submit(async () => {
				await add('too much').catch(() => undefined);
				await add('as if nothing were').catch(() => undefined);
			}),
		]);
		for (const outcome of outcomes)
			expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'storage/full' } });
		await group.submit(() => add('next'));
		expect(texts()).toEqual(['next']);
	});
});

describe('a SQLite store', () => {
	it('finishes the writes it took when it is closed, and takes no more', async () => {
		const storage = await openHere();
		const app = await storage.createApp(1);
		const writes = Array.from({ length: 300 }, (_, i) => app.write((tx) => tx.settings.save(`s${i}`, i, 1)));
		const closed = storage.close();
		await Promise.all(writes);
		await closed;
		await expect(app.write((tx) => tx.settings.save('late', 1, 1))).rejects.toMatchObject({
			code: 'storage/unavailable',
		});
		await expect(app.read.settings.find('s1')).rejects.toMatchObject({ code: 'storage/unavailable' });
		const again = await openHere({ dataDir: storage.dataDir });
		expect(await (await again.app(1)).read.settings.find('s299')).toBe(299);
	});
});
