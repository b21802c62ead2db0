/** A query that is built once and run with other values each time: building it takes longer than running it. */
import type { Compilable, CompiledQuery, QueryResult } from 'kysely';

interface Runner {
	executeQuery<Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>>;
}

/** Placeholder for a value in the query. */
export const later = '' as never;

/**
 * @param build makes the query, with `later` for each value
 * @returns runs it with the values, in the order in which the SQL names them
 */
export function compiledQuery<Values extends readonly unknown[], Row>(
	db: Runner,
	build: () => Compilable<Row>,
): (...values: Values) => Promise<Row[]> {
	let compiled: CompiledQuery<Row> | undefined;
	return async (...values) => {
		compiled ??= build().compile();
		if (compiled.parameters.length !== values.length)
			throw new Error(`${compiled.sql} takes ${compiled.parameters.length} values, not ${values.length}`);
		return (await db.executeQuery<Row>({ ...compiled, parameters: values })).rows;
	};
}
