/** Kysely's PostgreSQL driver, whose failures arrive as coded refusals on reads as on writes. */
import {
	PostgresDialect,
	PostgresDriver,
	type CompiledQuery,
	type DatabaseConnection,
	type PostgresDialectConfig,
	type QueryResult,
} from 'kysely';
import { translated, translateFailure } from './failures';

class Connection implements DatabaseConnection {
	readonly inner: DatabaseConnection;
	/** The first failure since the connection was taken. */
	failure: { error: unknown } | undefined;

	constructor(inner: DatabaseConnection) {
		this.inner = inner;
	}
	async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
		try {
			return await this.inner.executeQuery<R>(query);
		} catch (error) {
			const failure = translateFailure(error);
			this.failure ??= { error: failure };
			throw failure;
		}
	}
	streamQuery<R>(query: CompiledQuery, rows: number): AsyncIterableIterator<QueryResult<R>> {
		return this.inner.streamQuery<R>(query, rows);
	}
}

class Driver extends PostgresDriver {
	readonly #admit: () => void;
	constructor(config: PostgresDialectConfig, admit: () => void) {
		super(config);
		this.#admit = admit;
	}
	override async acquireConnection(): Promise<DatabaseConnection> {
		this.#admit();
		return super.acquireConnection().then((inner) => new Connection(inner), translated);
	}
	/** PostgreSQL answers COMMIT after a failed statement with a silent rollback: that must not count as success. */
	override async commitTransaction(connection: DatabaseConnection): Promise<void> {
		const { failure } = connection as Connection;
		if (failure) throw failure.error;
		await super.commitTransaction(connection);
	}
	override releaseConnection(connection: DatabaseConnection): Promise<void> {
		return super.releaseConnection((connection as Connection).inner as never);
	}
}

export class TranslatingPostgresDialect extends PostgresDialect {
	readonly #config: PostgresDialectConfig;
	readonly #admit: () => void;
	/** @param admit called before a connection is taken; throws to refuse it */
	constructor(config: PostgresDialectConfig, admit: () => void = () => undefined) {
		super(config);
		this.#config = config;
		this.#admit = admit;
	}
	override createDriver(): PostgresDriver {
		return new Driver(this.#config, this.#admit);
	}
}
