/**
 * What both engines offer. `read` never sees an unfinished write; `write` resolves after the commit is on disk, and
 * its work must await nothing but its own statements, as other requests may share its transaction.
 */
import type { Kysely } from 'kysely';

export type EngineName = 'sqlite' | 'postgres';

export interface WriteOptions {
	/** The write makes the data grow: it is refused first when the disk gets full, so that signing in goes on. */
	grows?: boolean;
}

export interface Database<Schema> {
	readonly engine: EngineName;
	readonly read: Kysely<Schema>;
	/**
	 * Differs after each commit that `read` can see, from any process; undefined where reading it would cost a query.
	 */
	version(): number | undefined;
	/** The same, but unchanged by commits that write only artifacts, as nearly every request does. */
	settledVersion(): number | undefined;
	/** @throws whatever `work` throws (its statements are rolled back), or a Refusal when the disk is full. */
	write<T>(work: (transaction: Kysely<Schema>) => Promise<T>, options?: WriteOptions): Promise<T>;
	/** Waits for writes under way, then closes everything. */
	close(): Promise<void>;
}

/** The most rows that one statement of house-keeping deletes: a write holds up the others until it is done. */
export const sweepSize = 1000;
