/** Opens the control database and the apps' databases on the engine that the options name. */
import { openOnPostgres } from './open-postgres';
import { openOnSqlite } from './open-sqlite';
import type { Storage, StorageOptions } from './storage';

export type { Storage, StorageOptions } from './storage';

/** @throws SchemaTooNew, or a Refusal when the control database cannot be used. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
	const { databaseUrl } = options;
	return databaseUrl ? openOnPostgres({ ...options, databaseUrl }) : openOnSqlite(options);
}
