/** Tables that the control database and the app databases both have. They are part of their first migrations. */
import type { Kysely } from 'kysely';
import { columnsOf, engineOf } from '../engine/columns';

export async function createSharedTables(db: Kysely<never>): Promise<void> {
	await createSettings(db);
	await createMessages(db);
	await createAudit(db);
}

async function createSettings(db: Kysely<never>): Promise<void> {
	await db.schema
		.createTable('data_key')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('wrapped', 'text', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.execute();
	await db.schema
		.createTable('setting')
		.addColumn('name', 'text', (c) => c.primaryKey())
		.addColumn('value', 'text', (c) => c.notNull())
		.addColumn('updated_at', 'bigint', (c) => c.notNull())
		.execute();
	await db.schema
		.createTable('plugin')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('enabled', 'integer', (c) => c.notNull())
		.addColumn('config', 'text', (c) => c.notNull())
		.addColumn('position', 'integer', (c) => c.notNull())
		.addColumn('updated_at', 'bigint', (c) => c.notNull())
		.execute();
	await db.schema
		.createTable('rate_limit')
		.addColumn('key', 'text', (c) => c.primaryKey())
		.addColumn('points', 'bigint', (c) => c.notNull())
		.addColumn('expires_at', 'bigint', (c) => c.notNull())
		.execute();
	await db.schema.createIndex('rate_limit_expiry').on('rate_limit').column('expires_at').execute();
}

async function createMessages(db: Kysely<never>): Promise<void> {
	await db.schema
		.createTable('message')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('channel', 'text', (c) => c.notNull())
		.addColumn('sender', 'text', (c) => c.notNull())
		.addColumn('purpose', 'text', (c) => c.notNull())
		.addColumn('recipient', 'text', (c) => c.notNull())
		.addColumn('content', 'text', (c) => c.notNull())
		.addColumn('status', 'text', (c) => c.notNull())
		.addColumn('attempts', 'integer', (c) => c.notNull())
		.addColumn('next_at', 'bigint')
		.addColumn('error', 'text')
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('expires_at', 'bigint', (c) => c.notNull())
		.addColumn('finished_at', 'bigint')
		.execute();
	await db.schema.createIndex('message_due').on('message').columns(['status', 'next_at']).execute();
	await db.schema.createIndex('message_expiry').on('message').column('expires_at').execute();
	await db.schema.createIndex('message_recent').on('message').column('created_at').execute();
	await db.schema
		.createTable('verification')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('purpose', 'text', (c) => c.notNull())
		.addColumn('target', 'text', (c) => c.notNull())
		.addColumn('user_id', 'text')
		.addColumn('data', 'text')
		.addColumn('code', 'text', (c) => c.notNull())
		.addColumn('link', 'text')
		.addColumn('attempts', 'integer', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('expires_at', 'bigint', (c) => c.notNull())
		.addColumn('used_at', 'bigint')
		.execute();
	await db.schema
		.createIndex('verification_target')
		.on('verification')
		.columns(['target', 'purpose', 'created_at'])
		.execute();
	await db.schema.createIndex('verification_link').on('verification').column('link').execute();
	await db.schema.createIndex('verification_expiry').on('verification').column('expires_at').execute();
}

async function createAudit(db: Kysely<never>): Promise<void> {
	const columns = columnsOf(engineOf(db));
	await db.schema
		.createTable('audit')
		.addColumn('seq', columns.numberType, columns.number)
		.addColumn('at', 'bigint', (c) => c.notNull())
		.addColumn('action', 'text', (c) => c.notNull())
		.addColumn('outcome', 'text', (c) => c.notNull())
		.addColumn('actor_kind', 'text', (c) => c.notNull())
		.addColumn('actor_id', 'text', (c) => c.notNull())
		.addColumn('target', 'text', (c) => c.notNull())
		.addColumn('address', 'text', (c) => c.notNull())
		.addColumn('request_id', 'text', (c) => c.notNull())
		.addColumn('detail', 'text', (c) => c.notNull())
		.execute();
	await db.schema.createIndex('audit_action').on('audit').columns(['action', 'seq']).execute();
	await db.schema.createIndex('audit_target').on('audit').columns(['target', 'seq']).execute();
}

/** @param owner the column a session belongs to: `user.id` in an app, `operator.id` in the control database */
export async function createSessionTable(db: Kysely<never>, owner: 'user.id' | 'operator.id'): Promise<void> {
	const columns = columnsOf(engineOf(db));
	await db.schema
		.createTable('session')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('user_id', columns.key, (c) => c.notNull().references(owner).onDelete('cascade'))
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('expires_at', 'bigint', (c) => c.notNull())
		.addColumn('ends_at', 'bigint', (c) => c.notNull())
		.addColumn('auth_time', 'bigint', (c) => c.notNull())
		.addColumn('amr', 'text', (c) => c.notNull())
		.addColumn('device', 'text', (c) => c.notNull())
		.addColumn('address', 'text', (c) => c.notNull())
		.addColumn('engine_session', 'text')
		.execute();
	await db.schema.createIndex('session_user').on('session').column('user_id').execute();
	await db.schema.createIndex('session_engine').on('session').column('engine_session').execute();
	await db.schema.createIndex('session_expiry').on('session').column('expires_at').execute();
	await db.schema.createIndex('session_end').on('session').column('ends_at').execute();
}
