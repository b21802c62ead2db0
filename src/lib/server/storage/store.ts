/** A database seen through its repositories. This is all that other rooms know of storage. */
import type { Kysely } from 'kysely';
import type { Database, EngineName, WriteOptions } from './engine/database';
import { isFull } from './engine/failures';
import { refuseReadInWrite } from './engine/write-scope';

export interface Store<Repositories> {
	readonly engine: EngineName;
	/** Finished writes only. */
	readonly read: Repositories;
	/** Differs after each commit that `read` can see, whoever made it; undefined where asking would cost a query. */
	version(): number | undefined;
	/** The same, but not for what changed only artifacts, which nearly every request does. */
	settledVersion(): number | undefined;
	/**
	 * One transaction; resolves after it is on disk, and undoes everything when `work` throws.
	 * `work` may await nothing but its repositories: no network, no hashing.
	 */
	write<T>(work: (repositories: Repositories) => Promise<T>, options?: WriteOptions): Promise<T>;
	close(): Promise<void>;
}

/** What is remembered of a store is asked for outside of writes as well, also when nothing had to be read. */
function outsideWrites<T>(ask: () => T): T {
	refuseReadInWrite();
	return ask();
}

/** @param onFull told of each write that is refused for lack of room */
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
