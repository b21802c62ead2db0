/** Kysely over one better-sqlite3 handle. Statements are prepared once; each runs synchronously. */
import type Sqlite from 'better-sqlite3';
import {
	SqliteAdapter,
	SqliteIntrospector,
	SqliteQueryCompiler,
	type CompiledQuery,
	type DatabaseConnection,
	type Dialect,
	type Driver,
	type QueryResult,
} from 'kysely';
import { translateFailure } from './failures';

const cachedStatements = 300;
/** Milliseconds. A lock keeps other processes from the file; this is in case one uses it all the same. */
const versionBelieved = 5;

/** Statements that change nothing by themselves. */
const idleStatement = /^(?:select|begin|savepoint|release|rollback|commit)\b/i;

interface Prepared {
	readonly statement: Sqlite.Statement;
	/** The statement may change more than the passing table. */
	readonly isLasting: boolean;
}

interface ConnectionHooks {
	/** Opens the file; called at the first statement and again after `close()`. */
	readonly open: () => Sqlite.Database;
	/** Called before each statement; throws to refuse it. */
	readonly admit?: () => void;
	/** A table whose rows come and go with requests. Recognised as Kysely writes it; anything else counts as lasting. */
	readonly passing?: string | undefined;
	/** Called for each failed statement. */
	readonly failed?: (error: unknown) => void;
}

export class SqliteConnection implements DatabaseConnection {
	readonly #hooks: ConnectionHooks;
	readonly #statements = new Map<string, Prepared>();
	readonly #ofPassing: readonly string[];
	#handle: Sqlite.Database | undefined;
	#streams = 0;
	#opens = 0;
	#versionStatement: Sqlite.Statement<[], number> | undefined;
	#version = { number: 0, askedAt: -Infinity };
	/** Set by each statement; cleared by the code that chooses which file to close. */
	used = false;
	/** Set by each statement that may change more than the passing table; cleared by the code that commits. */
	changedLasting = false;

	constructor(hooks: ConnectionHooks) {
		this.#hooks = hooks;
		this.#ofPassing = ['insert into', 'update', 'delete from'].map(
			(verb) => `${verb} "${hooks.passing ?? ''}" `,
		);
	}

	get handle(): Sqlite.Database {
		if (!this.#handle) {
			this.#handle = this.#hooks.open();
			this.#opens += 1;
		}
		return this.#handle;
	}

	/**
	 * Changes soon after each commit by another connection (commits of this one are counted by its own code).
	 * SQLite's own number means something to one handle only.
	 */
	get dataVersion(): number {
		const now = performance.now();
		if (!this.#versionStatement || now - this.#version.askedAt > versionBelieved) {
			this.#versionStatement ??= this.handle.prepare<[], number>('pragma data_version').pluck();
			this.#version = { number: this.#opens * 2 ** 32 + (this.#versionStatement.get() ?? 0), askedAt: now };
		}
		return this.#version.number;
	}

	get isOpen(): boolean {
		return this.#handle !== undefined;
	}

	/** A cursor is being read: the handle cannot be closed. */
	get isStreaming(): boolean {
		return this.#streams > 0;
	}

	/** Takes a handle that was opened elsewhere (for the migrations). */
	adopt(handle: Sqlite.Database): void {
		this.close();
		this.#handle = handle;
	}

	run<R>(sql: string, parameters: readonly unknown[] = []): QueryResult<R> {
		this.used = true;
		const { statement, isLasting } = this.#prepare(sql);
		if (isLasting) this.changedLasting = true;
		if (statement.reader) return { rows: statement.all(parameters) as R[] };
		const { changes, lastInsertRowid } = statement.run(parameters);
		return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
	}

	async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
		this.#hooks.admit?.();
		try {
			return this.run<R>(query.sql, query.parameters);
		} catch (error) {
			const failure = translateFailure(error);
			this.#hooks.failed?.(failure);
			throw failure;
		}
	}

	async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
		this.#hooks.admit?.();
		this.#streams += 1;
		this.changedLasting = true;
		try {
			// Prepared separately: a cached statement cannot run twice at a time.
			const rows = this.handle.prepare(query.sql).iterate(query.parameters);
			for (const row of rows) yield { rows: [row as R] };
		} catch (error) {
			throw translateFailure(error);
		} finally {
			this.#streams -= 1;
		}
	}

	/** Closes the file; the next statement opens it again. */
	close(): void {
		this.#statements.clear();
		this.#versionStatement = undefined;
		this.#handle?.close();
		this.#handle = undefined;
	}

	#prepare(sql: string): Prepared {
		const known = this.#statements.get(sql);
		if (known) return known;
		const isLasting = !idleStatement.test(sql) && !this.#ofPassing.some((start) => sql.startsWith(start));
		const prepared = { statement: this.handle.prepare(sql), isLasting };
		if (this.#statements.size >= cachedStatements) this.#statements.clear();
		this.#statements.set(sql, prepared);
		return prepared;
	}
}

/** Statements only: only the group commit opens transactions. */
class StatementDriver implements Driver {
	readonly #connection: SqliteConnection;
	constructor(connection: SqliteConnection) {
		this.#connection = connection;
	}
	async init() {}
	async destroy() {
		this.#connection.close();
	}
	async acquireConnection() {
		return this.#connection;
	}
	async releaseConnection() {}
	beginTransaction(): Promise<void> {
		return Promise.reject(new Error('use write()'));
	}
	async commitTransaction() {}
	async rollbackTransaction() {}
}

export function sqliteDialect(connection: SqliteConnection): Dialect {
	return {
		createAdapter: () => new SqliteAdapter(),
		createDriver: () => new StatementDriver(connection),
		createIntrospector: (db) => new SqliteIntrospector(db),
		createQueryCompiler: () => new SqliteQueryCompiler(),
	};
}
