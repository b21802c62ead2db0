import type { Kysely } from 'kysely';
import { columnsOf, engineOf } from '../../engine/columns';
import { createSessionTable, createSharedTables } from '../shared-tables';

export async function up(db: Kysely<never>): Promise<void> {
	const columns = columnsOf(engineOf(db));
	await createSharedTables(db);
	await db.schema
		.createTable('app')
		.addColumn('id', 'integer', (c) => c.primaryKey())
		.addColumn('name', 'text', (c) => c.notNull())
		.addColumn('is_public', 'integer', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('updated_at', 'bigint', (c) => c.notNull())
		.execute();
	await db.schema
		.createTable('operator')
		.addColumn('number', columns.numberType, columns.number)
		.addColumn('id', 'text', (c) => c.notNull().unique())
		.addColumn('email', 'text', (c) => c.notNull())
		.addColumn('email_key', columns.key, (c) => c.notNull().unique())
		.addColumn('name', 'text', (c) => c.notNull())
		.addColumn('role', 'text', (c) => c.notNull())
		.addColumn('password', 'text', (c) => c.notNull())
		.addColumn('locale', 'text')
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('updated_at', 'bigint', (c) => c.notNull())
		.addColumn('last_sign_in_at', 'bigint')
		.execute();
	await createSessionTable(db, 'operator.id');
	await db.schema
		.createTable('lease')
		.addColumn('name', 'text', (c) => c.primaryKey())
		.addColumn('holder', 'text', (c) => c.notNull())
		.addColumn('expires_at', 'bigint', (c) => c.notNull())
		.execute();
}
