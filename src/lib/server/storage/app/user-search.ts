/**
 * The newest users whose username, email, phone or name begins with a text, or whose id or number it is.
 * An index in the order of keys cannot deliver the newest first, and one in the order of numbers cannot
 * find a prefix, so a prefix that very many users share would be read through to its end. Numbers are
 * therefore cut into blocks of 4,096 and each key is indexed by (block, status, key): whether a block has a
 * match is one look into the index, and the blocks are asked from the newest on until the page is full. A
 * prefix that few users share is read whole.
 */
import { sql, type Kysely } from 'kysely';
import type { AppSchema } from './schema';

/** Also part of the indexes `user_search_*`. */
const blockSize = 4096;
/** How many blocks are checked for a match at a time. */
const blocksAsked = 64;
/** The most blocks whose matches are read at a time. */
const blocksRead = 16;
/** A prefix that more users share than this is searched by blocks. */
const few = 500;

const searched = ['username_key', 'email_contact', 'phone_key', 'name_key'] as const;
type Searched = (typeof searched)[number];
type Status = AppSchema['user']['status'];

export interface Search {
	/** Not empty; normalised like a key. */
	text: string;
	statuses: readonly Status[];
	/** Only numbers below this one. */
	before: number;
	limit: number;
}

/** Sorts after every string that begins with the prefix. */
const after = (prefix: string) => `${prefix}\u{10FFFF}`;
const blockOf = (number: number) => Math.floor(number / blockSize);
const block = sql<number>`number / ${sql.lit(blockSize)}`;

/** Written so that no index is used: few rows are left at this comparison, and an index would read more. */
const number = sql<number>`number + 0`;
const status = sql<Status>`coalesce(status, '')`;

const withPrefix = (db: Kysely<AppSchema>, column: Searched, text: string) =>
	db.selectFrom('user').where(column, '>=', text).where(column, '<', after(text));

/** Matches by a key, at most `few` + 1 of each, by the index of that key alone. */
async function isRare(db: Kysely<AppSchema>, text: string): Promise<boolean> {
	const counts = searched.map((column) => {
		const some = withPrefix(db, column, text)
			.select('number')
			.limit(few + 1);
		return db.selectFrom(some.as('some')).select(sql<number>`count(*)`.as('n'));
	});
	const found = await Promise.all(counts.map((count) => count.executeTakeFirstOrThrow()));
	return found.every(({ n }) => n <= few);
}

async function searchRare(db: Kysely<AppSchema>, search: Search): Promise<number[]> {
	const matches = searched
		.map((column) => withPrefix(db, column, search.text).select('number'))
		.reduce((all, one) => all.union(one));
	const rows = await db
		.selectFrom('user')
		.select('number')
		.where('number', 'in', matches)
		.where('number', '<', search.before)
		.where(status, 'in', search.statuses)
		.orderBy('number', 'desc')
		.limit(search.limit)
		.execute();
	return rows.map((row) => row.number);
}

const ofStatus = (db: Kysely<AppSchema>, column: Searched, search: Search) =>
	withPrefix(db, column, search.text).where('status', 'in', search.statuses);

/** Of `blocksAsked` blocks downwards from `top`, those that hold a match, the newest first. */
async function blocksWithMatch(db: Kysely<AppSchema>, search: Search, top: number): Promise<number[]> {
	const hits = searched.map((column) =>
		ofStatus(db, column, search)
			.where(block, '=', sql.ref<number>('asked.b'))
			.select(sql`1`.as('hit'))
			.limit(1),
	);
	const rows = await db
		.withRecursive('asked(b)', (cte) =>
			cte.selectNoFrom(sql<number>`cast(${top} as bigint)`.as('b')).unionAll(
				cte
					.selectFrom('asked')
					.select(sql<number>`b - 1`.as('b'))
					.where(sql.ref<number>('b'), '>', Math.max(0, top - blocksAsked + 1)),
			),
		)
		.selectFrom('asked')
		.select('asked.b')
		.where(sql<boolean>`coalesce(${sql.join(hits)}) is not null`)
		.execute();
	return rows.map((row) => row.b).sort((a, b) => b - a);
}

/** The newest matches inside the blocks. */
async function readBlocks(
	db: Kysely<AppSchema>,
	search: Search,
	blocks: readonly number[],
): Promise<number[]> {
	const queries = searched.map((column) =>
		ofStatus(db, column, search)
			.where(block, 'in', blocks)
			.select('number')
			.where(number, '<', search.before)
			.orderBy(number, 'desc')
			.limit(search.limit),
	);
	const found = await Promise.all(queries.map((query) => query.execute()));
	const numbers = new Set(found.flat().map((row) => row.number));
	return [...numbers].sort((a, b) => b - a).slice(0, search.limit);
}

async function searchByBlocks(db: Kysely<AppSchema>, search: Search): Promise<number[]> {
	const { newest } = await db
		.selectFrom('user')
		.select(sql<number | null>`max(number)`.as('newest'))
		.executeTakeFirstOrThrow();
	const numbers: number[] = [];
	for (let top = blockOf(Math.min(newest ?? 0, search.before)); top >= 0; top -= blocksAsked) {
		const blocks = await blocksWithMatch(db, search, top);
		// Common prefixes fill the page from one block; the rarer they are, the more blocks are read at a time.
		for (let size = 1; blocks.length > 0; size = Math.min(blocksRead, size * 2)) {
			const limit = search.limit - numbers.length;
			numbers.push(...(await readBlocks(db, { ...search, limit }, blocks.splice(0, size))));
			if (numbers.length >= search.limit) return numbers;
		}
	}
	return numbers;
}

/** A number may also be a user's own number, besides being a prefix. */
async function searchExactly(db: Kysely<AppSchema>, search: Search): Promise<number[]> {
	const typed = /^\d{1,15}$/.test(search.text) ? Number(search.text) : -1;
	const rows = await db
		.selectFrom('user')
		.select('number')
		.where((eb) => eb.or([eb('id', '=', search.text), eb('number', '=', typed)]))
		.where('number', '<', search.before)
		.where(status, 'in', search.statuses)
		.execute();
	return rows.map((row) => row.number);
}

/** @returns numbers of users, descending, at most `limit` */
export async function searchUsers(db: Kysely<AppSchema>, search: Search): Promise<number[]> {
	const rare = await isRare(db, search.text);
	const found = await Promise.all([
		searchExactly(db, search),
		rare ? searchRare(db, search) : searchByBlocks(db, search),
	]);
	const numbers = new Set(found.flat());
	return [...numbers].sort((a, b) => b - a).slice(0, search.limit);
}
