import type { Kysely } from 'kysely';
import { columnsOf, engineOf } from '../../engine/columns';

export async function up(db: Kysely<never>): Promise<void> {
	await createIdentities(db);
	await createPasskeys(db);
	await createMerges(db);
	await db.schema
		.alterTable('user')
		.addColumn('points', 'bigint', (c) => c.notNull().defaultTo(0))
		.execute();
}

async function createIdentities(db: Kysely<never>): Promise<void> {
	const { key } = columnsOf(engineOf(db));
	await db.schema
		.createTable('identity')
		.addColumn('id', key, (c) => c.primaryKey())
		.addColumn('user_id', key, (c) => c.notNull().references('user.id').onDelete('cascade'))
		.addColumn('connector', 'text', (c) => c.notNull())
		.addColumn('name', 'text', (c) => c.notNull())
		.addColumn('avatar', 'text', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('last_used_at', 'bigint', (c) => c.notNull())
		.execute();
	await db.schema.createIndex('identity_user').on('identity').column('user_id').execute();
	// A name belongs to one person: the second of two writes at once fails.
	await db.schema
		.createTable('identity_subject')
		.addColumn('authority', 'text', (c) => c.notNull())
		.addColumn('scope', 'text', (c) => c.notNull())
		.addColumn('subject', 'text', (c) => c.notNull())
		.addColumn('identity_id', key, (c) => c.notNull().references('identity.id').onDelete('cascade'))
		.addPrimaryKeyConstraint('identity_subject_key', ['authority', 'subject', 'scope'])
		.execute();
	await db.schema
		.createIndex('identity_subject_identity')
		.on('identity_subject')
		.column('identity_id')
		.execute();
}

async function createPasskeys(db: Kysely<never>): Promise<void> {
	const { key } = columnsOf(engineOf(db));
	await db.schema
		.createTable('passkey')
		.addColumn('id', key, (c) => c.primaryKey())
		.addColumn('user_id', key, (c) => c.notNull().references('user.id').onDelete('cascade'))
		.addColumn('connector', 'text', (c) => c.notNull())
		.addColumn('stored', 'text', (c) => c.notNull())
		.addColumn('name', 'text', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('last_used_at', 'bigint')
		.execute();
	await db.schema.createIndex('passkey_user').on('passkey').column('user_id').execute();
}

async function createMerges(db: Kysely<never>): Promise<void> {
	const { key } = columnsOf(engineOf(db));
	await db.schema
		.createTable('user_merge')
		.addColumn('id', key, (c) => c.primaryKey())
		.addColumn('kept_user', key, (c) => c.notNull().references('user.id').onDelete('cascade'))
		.addColumn('gone_user', key, (c) => c.notNull().references('user.id').onDelete('cascade'))
		.addColumn('data', 'text', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('undone_at', 'bigint')
		.execute();
	await db.schema.createIndex('user_merge_kept').on('user_merge').column('kept_user').execute();
}
