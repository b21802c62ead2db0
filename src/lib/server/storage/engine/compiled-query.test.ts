import Sqlite from 'better-sqlite3';
import { Kysely, sql } from 'kysely';
import { expect, it, vi } from 'vitest';
import { compiledQuery, later } from './compiled-query';
import { SqliteConnection, sqliteDialect } from './sqlite-connection';

interface Schema {
	pair: { a: number; b: string };
}

function pairs() {
	const connection = new SqliteConnection({ open: () => new Sqlite(':memory:') });
	connection.run('create table pair (a integer, b text)');
	return new Kysely<Schema>({ dialect: sqliteDialect(connection) });
}

it('builds once and runs with the values of each call', async () => {
	const db = pairs();
	const buildAdd = vi.fn(() => db.insertInto('pair').values({ a: later, b: later }));
	const add = compiledQuery<[a: number, b: string], unknown>(db, buildAdd);
	const find = compiledQuery<[b: string, above: number], { a: number }>(db, () =>
		db.selectFrom('pair').select('a').where('b', '=', later).where('a', '>', later),
	);
	for (let a = 0; a < 5; a++) await add(a, a % 2 ? 'odd' : 'even');
	expect(await find('odd', 0)).toEqual([{ a: 1 }, { a: 3 }]);
	expect(await find('even', 2)).toEqual([{ a: 4 }]);
	expect(await find("' or 1=1 --", 0)).toEqual([]);
	expect(buildAdd).toHaveBeenCalledOnce();
});

it('refuses another number of values than the query takes', async () => {
	const db = pairs();
	const find = compiledQuery<unknown[], unknown>(db, () =>
		db
			.selectFrom('pair')
			.select(sql`1`.as('one'))
			.where('a', '=', later),
	);
	await expect(find()).rejects.toThrow('takes 1 values, not 0');
	await expect(find(1, 2)).rejects.toThrow('takes 1 values, not 2');
});
