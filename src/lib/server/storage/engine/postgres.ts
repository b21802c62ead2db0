/** PostgreSQL: two pools for the appliance, one schema per app (`app_<id>`), the control data in `menshen`. */
import { Kysely } from 'kysely';
import pg from 'pg';
import type { Database } from './database';
import { isCollision } from './failures';
import { TranslatingPostgresDialect } from './postgres-connection';
import { refuseNestedWrite, refuseReadInWrite, WriteScope } from './write-scope';

/** The types int8 and numeric. */
const numbers: readonly number[] = [20, 1700];
const attempts = 3;

const types: pg.CustomTypesConfig = {
	getTypeParser: (oid, format): ((value: string) => unknown) =>
		numbers.includes(oid) ? Number : (pg.types.getTypeParser(oid, format) as (value: string) => unknown),
};

export interface PoolOptions {
	url: string;
	max: number;
	/** Milliseconds a statement may take; 0 for no limit. */
	patience?: number;
}

/** Connections whose counts and times arrive as numbers. */
export function createPool({ url, max, patience = 10_000 }: PoolOptions): pg.Pool {
	const pool = new pg.Pool({
		connectionString: url,
		max,
		connectionTimeoutMillis: 3000,
		idleTimeoutMillis: 30_000,
		statement_timeout: patience,
		idle_in_transaction_session_timeout: patience,
		application_name: 'menshen',
		keepAlive: true,
		types,
	});
	// A broken connection fails the query that uses it and is replaced; without this listener, an idle one would end
	// the process.
	pool.on('error', () => undefined);
	pool.on('connect', (client) => client.on('error', () => undefined));
	return pool;
}

/** Reads and writes have pools of their own: reads never wait for writes that wait for each other. */
export interface Pools {
	readonly reading: pg.Pool;
	readonly writing: pg.Pool;
	readonly reader: Kysely<unknown>;
	readonly writer: Kysely<unknown>;
	close(): Promise<void>;
}

export function openPools(url: string): Pools {
	const reading = createPool({ url, max: 10 });
	const writing = createPool({ url, max: 10 });
	return {
		reading,
		writing,
		reader: new Kysely({ dialect: new TranslatingPostgresDialect({ pool: reading }, refuseReadInWrite) }),
		writer: new Kysely({ dialect: new TranslatingPostgresDialect({ pool: writing }) }),
		close: async () => void (await Promise.all([reading.end(), writing.end()])),
	};
}

export function openPostgres<Schema>(pools: Pools, schema: string): Database<Schema> {
	const writer = pools.writer as Kysely<Schema>;
	const attempt = async <T>(work: (transaction: Kysely<Schema>) => Promise<T>): Promise<T> => {
		const scope = new WriteScope();
		try {
			return await writer.transaction().execute((tx) => scope.run(() => work(tx.withSchema(schema))));
		} finally {
			scope.end();
		}
	};
	/** Of two writes that wait for each other PostgreSQL ends one, which left nothing behind: it may try again. */
	const persist = async <T>(work: (transaction: Kysely<Schema>) => Promise<T>): Promise<T> => {
		for (let left = attempts; ; left--) {
			try {
				return await attempt(work);
			} catch (error) {
				if (left === 1 || !isCollision((error as { cause?: unknown } | null)?.cause)) throw error;
			}
		}
	};
	return {
		engine: 'postgres',
		read: (pools.reader as Kysely<Schema>).withSchema(schema),
		version: () => undefined,
		settledVersion: () => undefined,
		write: (work) => refuseNestedWrite() ?? persist(work),
		close: async () => undefined,
	};
}

export const quoted = (schema: string): string => `"${schema.replaceAll('"', '')}"`;

export async function isReachable(pool: pg.Pool): Promise<boolean> {
	return pool.query('select 1').then(
		() => true,
		() => false,
	);
}
