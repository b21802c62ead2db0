/**
 * Group commit: the writes of concurrent requests share one transaction and one fsync, so that `synchronous=FULL`
 * stays affordable. Each request works in a savepoint of its own; a failure undoes that savepoint only. No request
 * is answered, not even with a refusal, before the COMMIT of everything that its answer depends on has returned.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { SqliteConnection } from './sqlite-connection';
import { refuseNestedWrite, WriteScope } from './write-scope';

interface Job {
	readonly scope: WriteScope;
	/** Runs the work in the caller's async context, so that its log lines carry the caller's request id. */
	readonly inContext: <R>(run: () => R) => R;
	readonly work: () => Promise<unknown>;
	readonly resolve: (value: unknown) => void;
	readonly reject: (reason: unknown) => void;
}

/** The result for a job once the group is on disk. */
interface Outcome {
	readonly job: Job;
	readonly tell: () => void;
}

interface Limits {
	/** The most requests in one transaction. */
	readonly jobs: number;
	/** Milliseconds after which a group takes no further request: the first one waits for the last. */
	readonly gathering: number;
	/** Milliseconds a write waits for another process that holds the file (a copy being taken). */
	readonly patience: number;
	/**
	 * Milliseconds after which a group is given up: then its work must be awaiting something that is not a statement.
	 */
	readonly duration: number;
}

const defaults: Limits = { jobs: 256, gathering: 25, patience: 5000, duration: 5000 };

const isBusy = (error: unknown) =>
	String((error as { code?: string } | null)?.code).startsWith('SQLITE_BUSY');
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

export class GroupCommit {
	readonly #connection: SqliteConnection;
	readonly #limits: Limits;
	readonly #queue: Job[] = [];
	#draining: Promise<void> | undefined;
	/** How many transactions have reached the disk. */
	commits = 0;
	/** How many of them changed more than the passing table. */
	settled = 0;
	#current: WriteScope | undefined;
	/** The first failure of a statement of the current job. */
	#failure: { error: unknown } | undefined;

	constructor(connection: SqliteConnection, limits: Partial<Limits> = {}) {
		this.#connection = connection;
		this.#limits = { ...defaults, ...limits };
	}

	/** @throws what `work` throws, or the engine's failure when the group did not reach the disk. */
	submit<T>(work: () => Promise<T>): Promise<T> {
		return (
			refuseNestedWrite() ??
			new Promise<T>((resolve, reject) => {
				this.#queue.push({
					scope: new WriteScope(),
					inContext: AsyncLocalStorage.snapshot(),
					work,
					resolve: resolve as Job['resolve'],
					reject,
				});
				this.#draining ??= this.#drain();
			})
		);
	}

	/**
	 * A statement from outside its write would join another request's savepoint and be rolled back with it; one after
	 * a failure may run outside of any transaction and be kept for good.
	 */
	admit(): void {
		if (!this.#current?.isCurrent) throw new Error('a statement ran outside of its write(): was it awaited?');
		this.#refuseFailed();
	}

	/** Work that goes on after a failed statement fails with it, as it would on PostgreSQL. */
	failed(error: unknown): void {
		this.#failure ??= { error };
	}

	/** Runs `action` when nothing is queued or under way; nothing can begin before it returns. */
	async whenIdle<T>(action: () => T): Promise<T> {
		while (this.#draining) await this.#draining;
		return action();
	}

	/** Each group begins in a turn of its own: requests that arrive together share it, and I/O is never starved. */
	async #drain(): Promise<void> {
		do {
			await nextTurn();
			await this.#commitGroup();
		} while (this.#queue.length > 0);
		this.#draining = undefined;
	}

	async #commitGroup(): Promise<void> {
		const outcomes: Outcome[] = [];
		try {
			await this.#begin();
			await this.#runJobs(outcomes);
			this.#connection.run('commit');
			this.commits += 1;
			if (this.#connection.changedLasting) this.settled += 1;
			this.#connection.changedLasting = false;
		} catch (error) {
			this.#rollback();
			// What a failed commit has left is read again.
			this.settled += 1;
			for (const { job } of outcomes) job.reject(error);
			return;
		}
		for (const { tell } of outcomes) tell();
	}

	/** BEGIN with retries but without blocking the event loop, as SQLite's own busy timeout would. */
	async #begin(): Promise<void> {
		const deadline = performance.now() + this.#limits.patience;
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

	async #runJobs(outcomes: Outcome[]): Promise<void> {
		const { jobs, gathering, duration } = this.#limits;
		const started = performance.now();
		let giveUp: (reason: Error) => void = () => undefined;
		const timer = setTimeout(
			() => giveUp(new Error('a write awaited something that is no statement')),
			duration,
		);
		try {
			while (outcomes.length < jobs && performance.now() - started < gathering) {
				const job = this.#queue.shift();
				if (!job) return;
				const abandoned = new Promise<never>((_, reject) => (giveUp = reject));
				await this.#runJob(job, abandoned, outcomes);
			}
		} finally {
			clearTimeout(timer);
		}
	}

	async #runJob(job: Job, abandoned: Promise<never>, outcomes: Outcome[]): Promise<void> {
		this.#current = job.scope;
		this.#failure = undefined;
		try {
			this.#connection.run('savepoint job');
			const value = await Promise.race([job.inContext(() => job.scope.run(job.work)), abandoned]);
			job.scope.end();
			this.#refuseFailed();
			this.#connection.run('release job');
			outcomes.push({ job, tell: () => job.resolve(value) });
		} catch (error) {
			job.scope.end();
			outcomes.push({ job, tell: () => job.reject(error) });
			// A full disk can roll the whole transaction back: every request in the group has to fail.
			if (!this.#connection.handle.inTransaction) throw error;
			this.#connection.run('rollback to job');
			this.#connection.run('release job');
		}
	}

	#refuseFailed(): void {
		if (this.#failure) throw this.#failure.error;
	}

	#rollback(): void {
		this.#current = undefined;
		if (!this.#connection.isOpen || !this.#connection.handle.inTransaction) return;
		try {
			this.#connection.run('rollback');
		} catch {
			// A handle that cannot even roll back is not used again: closing it rolls back too.
			this.#connection.close();
		}
	}
}
