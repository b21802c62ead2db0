/** Which apps there are. */
import { sql, type Kysely } from 'kysely';
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
	return {
		async find(id: number): Promise<AppEntry | undefined> {
			const row = await db.selectFrom('app').select(columns).where('id', '=', id).executeTakeFirst();
			return row && fromRow(row);
		},
		async list(): Promise<AppEntry[]> {
			return (await db.selectFrom('app').select(columns).orderBy('id').execute()).map(fromRow);
		},
		async nextId(): Promise<number> {
			const row = await db
				.selectFrom('app')
				.select(sql<number | null>`max(id)`.as('id'))
				.executeTakeFirst();
			return (row?.id ?? 0) + 1;
		},
		/** @throws the engine's duplicate error when the id is taken. */
		async create(entry: AppEntry): Promise<void> {
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
