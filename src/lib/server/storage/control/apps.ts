/** The apps of the appliance. */
import { sql, type Kysely } from 'kysely';
import { holdRows } from '../engine/hold-rows';
import type { ControlSchema } from './schema';

export interface AppEntry {
	id: number;
	name: string;
	isPublic: boolean;
	createdAt: number;
	updatedAt: number;
}

const columns = [
	'id',
	'name',
	'is_public as isPublic',
	'created_at as createdAt',
	'updated_at as updatedAt',
] as const;
type Row = Omit<AppEntry, 'isPublic'> & { isPublic: 0 | 1 };
const fromRow = (row: Row): AppEntry => ({ ...row, isPublic: row.isPublic === 1 });

export function appEntryRepository(db: Kysely<ControlSchema>) {
	/** Lets one write at a time give out a number. */
	const holdNumbers = () => holdRows(db, () => db.selectFrom('app_number').select('id').where('id', '=', 0));

	/** The first gap after 0, whose row always exists. */
	async function lowestFree(): Promise<number> {
		const { id } = await db
			.selectFrom('app_number as one')
			.leftJoin('app_number as next', (join) => join.on('next.id', '=', sql`one.id + 1`))
			.select((eb) => eb.fn.min('one.id').as('id'))
			.where('next.id', 'is', null)
			.executeTakeFirstOrThrow();
		return id + 1;
	}
	return {
		async find(id: number): Promise<AppEntry | undefined> {
			const row = await db.selectFrom('app').select(columns).where('id', '=', id).executeTakeFirst();
			return row && fromRow(row);
		},
		async list(): Promise<AppEntry[]> {
			return (await db.selectFrom('app').select(columns).orderBy('id').execute()).map(fromRow);
		},
		/**
		 * A number that no app ever had, reserved until this write ends: one above the last, or the lowest
		 * that is free where an operator has chosen the highest one there may be.
		 */
		async nextId(highest: number): Promise<number> {
			await holdNumbers();
			const { id } = await db
				.selectFrom('app_number')
				.select((eb) => eb.fn.max('id').as('id'))
				.executeTakeFirstOrThrow();
			return id < highest ? id + 1 : lowestFree();
		},
		/** @throws the engine's duplicate error when the id is taken. */
		async create(entry: AppEntry): Promise<void> {
			await holdNumbers();
			await db
				.insertInto('app_number')
				.values({ id: entry.id })
				.onConflict((conflict) => conflict.column('id').doNothing())
				.execute();
			await db
				.insertInto('app')
				.values({
					id: entry.id,
					name: entry.name,
					is_public: entry.isPublic ? 1 : 0,
					created_at: entry.createdAt,
					updated_at: entry.updatedAt,
				})
				.execute();
		},
		async update(id: number, change: { name: string; isPublic: boolean; updatedAt: number }): Promise<void> {
			await db
				.updateTable('app')
				.set({ name: change.name, is_public: change.isPublic ? 1 : 0, updated_at: change.updatedAt })
				.where('id', '=', id)
				.execute();
		},
		async delete(id: number): Promise<boolean> {
			const result = await db.deleteFrom('app').where('id', '=', id).executeTakeFirst();
			return Number(result.numDeletedRows) === 1;
		},
	};
}
