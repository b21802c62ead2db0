/**
 * Group commit: the writes of concurrent requests share one transaction and one fsync, so that
 * `synchronous=FULL` stays affordable. Each request works in a savepoint of its own; a failure undoes that
 * savepoint only. Nobody is answered before the COMMIT that holds their work has returned.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { SqliteConnection } from './sqlite-connection';

interface Job {
	/** Runs the work in the caller's async context, so that its log lines carry the caller's request id. */
	readonly inContext: <R>(run: () => R) => R;
	readonly work: () => Promise<unknown>;
	readonly resolve: (value: unknown) => void;
	readonly reject: (reason: unknown) => void;
}

/** Most requests in one transaction. */
const groupSize = 256;
/** Another process may hold the file (a copy being taken): how long a write waits for it. */
const patience = 5000;

const insideWrite = new AsyncLocalStorage<GroupCommit>();

const isBusy = (error: unknown) => String((error as { code?: string } | null)?.code).startsWith('SQLITE_BUSY');

export class GroupCommit {
	readonly #connection: SqliteConnection;
	#queue: Job[] = [];
	#draining: Promise<void> | undefined;

	constructor(connection: SqliteConnection) {
		this.#connection = connection;
	}

	submit<T>(work: () => Promise<T>): Promise<T> {
		if (insideWrite.getStore() === this)
			return Promise.reject(new Error('write() inside write(): pass the transaction along'));
		return new Promise<T>((resolve, reject) => {
			this.#queue.push({
				inContext: AsyncLocalStorage.snapshot() as Job['inContext'],
				work,
				resolve: resolve as Job['resolve'],
				reject,
			});
			this.#draining ??= new Promise((drained) => setImmediate(() => void this.#drain().then(drained)));
		});
	}

	async idle(): Promise<void> {
		while (this.#draining) await this.#draining;
	}

	async #drain(): Promise<void> {
		while (this.#queue.length > 0) await this.#commitGroup();
		this.#draining = undefined;
	}

	async #commitGroup(): Promise<void> {
		const done: { job: Job; value: unknown }[] = [];
		try {
			await this.#begin();
			for (let job; done.length < groupSize && (job = this.#queue.shift());) {
				const outcome = await this.#runInSavepoint(job);
				if (outcome) done.push({ job, value: outcome.value });
			}
			this.#connection.run('commit');
		} catch (error) {
			this.#rollback();
			for (const { job } of done) job.reject(error);
			return;
		}
		for (const { job, value } of done) job.resolve(value);
	}

	/** BEGIN with patience but without blocking the event loop, as SQLite's own busy timeout would. */
	async #begin(): Promise<void> {
		const deadline = performance.now() + patience;
		for (;;) {
			try {
				this.#connection.run('begin immediate');
				return;
			} catch (error) {
				if (!isBusy(error) || performance.now() > deadline) {
					for (const job of this.#queue.splice(0)) job.reject(error);
					throw error;
				}
			}
			await new Promise((again) => setTimeout(again, 2));
		}
	}

	async #runInSavepoint(job: Job): Promise<{ value: unknown } | undefined> {
		this.#connection.run('savepoint job');
		try {
			const value = await job.inContext(() => insideWrite.run(this, job.work));
			this.#connection.run('release job');
			return { value };
		} catch (error) {
			job.reject(error);
			// A full disk rolls the whole transaction back: everybody in the group must hear of it.
			if (!this.#connection.handle.inTransaction) throw error;
			this.#connection.run('rollback to job');
			this.#connection.run('release job');
			return undefined;
		}
	}

	#rollback(): void {
		if (this.#connection.isOpen && this.#connection.handle.inTransaction) this.#connection.run('rollback');
	}
}
