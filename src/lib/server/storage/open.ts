/** Opens the control database and the apps' databases on the engine that the options name. */
import { openOnSqlite } from './open-sqlite';
import type { Storage, StorageOptions } from './storage';

export type { Storage, StorageOptions } from './storage';

/** @throws SchemaTooNew, or a Refusal when the control database cannot be used. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
	const { databaseUrl } = options;
	if (!databaseUrl) return openOnSqlite(options);
	const { openOnPostgres } = await import('./open-postgres');
	return openOnPostgres({ ...options, databaseUrl });
}
