/** The differences of the engines in DDL, hidden from code outside this folder. */
import { PostgresAdapter, sql, type ColumnDefinitionBuilder, type Kysely, type RawBuilder } from 'kysely';
import type { EngineName } from './database';

export interface Columns {
	/** A counting primary key. */
	readonly number: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
	readonly numberType: 'integer' | 'bigint';
	/** Text compared byte by byte, so that prefixes can be searched as ranges by the index. */
	readonly key: RawBuilder<unknown>;
	readonly bytes: 'blob' | 'bytea';
}

const byEngine: Record<EngineName, Columns> = {
	sqlite: {
		number: (column) => column.primaryKey().autoIncrement(),
		numberType: 'integer',
		key: sql`text`,
		bytes: 'blob',
	},
	postgres: {
		number: (column) => column.primaryKey().generatedAlwaysAsIdentity(),
		numberType: 'bigint',
		key: sql`text collate "C"`,
		bytes: 'bytea',
	},
};

export function columnsOf(engine: EngineName): Columns {
	return byEngine[engine];
}

/** The engine of a handle that a migration gets. */
export function engineOf(db: Kysely<never>): EngineName {
	return db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite';
}
