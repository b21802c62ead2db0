/** A database seen through its repositories. Other parts of the server use storage only through this. */
import type { Kysely } from 'kysely';
import type { Database, EngineName, WriteOptions } from './engine/database';
import { isFull } from './engine/failures';
import { refuseReadInWrite } from './engine/write-scope';

export interface Store<Repositories> {
	readonly engine: EngineName;
	/** Finished writes only. */
	readonly read: Repositories;
	/**
	 * Differs after each commit that `read` can see, from any process; undefined where reading it would cost a query.
	 */
	version(): number | undefined;
	/** The same, but unchanged by commits that write only artifacts, as nearly every request does. */
	settledVersion(): number | undefined;
	/**
	 * One transaction; resolves after it is on disk, and undoes everything when `work` throws.
	 * `work` must await nothing but its repositories: no network, no hashing.
	 */
	write<T>(work: (repositories: Repositories) => Promise<T>, options?: WriteOptions): Promise<T>;
	close(): Promise<void>;
}

/** Cached data of a store may be read outside of writes only, also when no query is needed. */
function outsideWrites<T>(ask: () => T): T {
	refuseReadInWrite();
	return ask();
}

/** @param onFull called for each write that is refused for lack of room */
export function storeOver<Schema, Repositories>(
	database: Database<Schema>,
	build: (db: Kysely<Schema>) => Repositories,
	onFull?: () => void,
): Store<Repositories> {
	const built = new WeakMap<Kysely<Schema>, Repositories>();
	// SQLite hands out the same transaction object each time, PostgreSQL a new one.
	const repositoriesOf = (db: Kysely<Schema>): Repositories => {
		const known = built.get(db) ?? build(db);
		built.set(db, known);
		return known;
	};
	return {
		engine: database.engine,
		read: build(database.read),
		version: () => outsideWrites(() => database.version()),
		settledVersion: () => outsideWrites(() => database.settledVersion()),
		write: (work, options) =>
			database
				.write((transaction) => work(repositoriesOf(transaction)), options)
				.catch((error: unknown) => {
					if (isFull(error)) onFull?.();
					throw error;
				}),
		close: () => database.close(),
	};
}
