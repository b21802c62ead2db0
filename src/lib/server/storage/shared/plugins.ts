/** Which plugins are switched on, and their sealed settings. */
import type { Kysely } from 'kysely';
import { compiledQuery } from '../engine/compiled-query';
import { holdRows } from '../engine/hold-rows';
import type { SharedSchema } from './schema';

export interface PluginRow {
	id: string;
	enabled: boolean;
	/** Sealed JSON; empty when nothing was set. */
	config: string;
	position: number;
}

export function pluginRepository(db: Kysely<SharedSchema>) {
	// Read for each call of a plugin and each page that offers one.
	const list = compiledQuery(db, () => db.selectFrom('plugin').selectAll().orderBy('position').orderBy('id'));
	return {
		async list(): Promise<PluginRow[]> {
			const rows = await list();
			return rows.map((row) => ({
				id: row.id,
				enabled: row.enabled === 1,
				config: row.config,
				position: row.position,
			}));
		},
		/**
		 * Locks the plugins' rows against other changes until this write ends; what is written back has to be read
		 * after this. A plugin without settings has no row to lock, so one row that every database has is locked for
		 * them all.
		 */
		hold: (): Promise<void> =>
			holdRows(db, () => db.selectFrom('data_key').select('id').where('id', '=', 'current')),
		async save(row: PluginRow, now: number): Promise<void> {
			const values = {
				enabled: row.enabled ? 1 : 0,
				config: row.config,
				position: row.position,
				updated_at: now,
			} as const;
			await db
				.insertInto('plugin')
				.values({ id: row.id, ...values })
				.onConflict((conflict) => conflict.column('id').doUpdateSet(values))
				.execute();
		},
	};
}
