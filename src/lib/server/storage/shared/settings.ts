/** Named JSON values: an app's own settings, the appliance's. */
import type { Kysely } from 'kysely';
import { compiledQuery, later } from '../engine/compiled-query';
import { holdRows } from '../engine/hold-rows';
import type { SharedSchema } from './schema';

export function settingRepository(db: Kysely<SharedSchema>) {
	const find = compiledQuery<[name: string], { value: string }>(db, () =>
		db.selectFrom('setting').select('value').where('name', '=', later),
	);
	const findText = async (name: string): Promise<string | undefined> => (await find(name))[0]?.value;
	return {
		/** The JSON text, for callers that compare before parsing. */
		findText,
		async find(name: string): Promise<unknown> {
			const text = await findText(name);
			return text === undefined ? undefined : (JSON.parse(text) as unknown);
		},
		/**
		 * Locks the value against other writes that lock it, until this write ends; what is written back has to be read
		 * after this.
		 */
		hold: (name: string): Promise<void> =>
			holdRows(db, () => db.selectFrom('setting').select('name').where('name', '=', name)),
		async save(name: string, value: unknown, now: number): Promise<void> {
			const text = JSON.stringify(value);
			await db
				.insertInto('setting')
				.values({ name, value: text, updated_at: now })
				.onConflict((conflict) => conflict.column('name').doUpdateSet({ value: text, updated_at: now }))
				.execute();
		},
		/** Saves only where no value is stored: the first write wins. */
		async claim(name: string, value: unknown, now: number): Promise<boolean> {
			const result = await db
				.insertInto('setting')
				.values({ name, value: JSON.stringify(value), updated_at: now })
				.onConflict((conflict) => conflict.column('name').doNothing())
				.executeTakeFirst();
			return Number(result.numInsertedOrUpdatedRows ?? 0) === 1;
		},
		async delete(name: string): Promise<void> {
			await db.deleteFrom('setting').where('name', '=', name).execute();
		},
	};
}
