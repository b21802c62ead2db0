import { sql, type Kysely } from 'kysely';
import { columnsOf, engineOf } from '../../engine/columns';
import { createSessionTable, createSharedTables } from '../shared-tables';

export async function up(db: Kysely<never>): Promise<void> {
	await createSharedTables(db);
	await createUsers(db);
	await createProofs(db);
	await createRoles(db);
	await createClients(db);
	await createArtifacts(db);
	await createKeysAndImages(db);
}

async function createUsers(db: Kysely<never>): Promise<void> {
	const columns = columnsOf(engineOf(db));
	await db.schema
		.createTable('user')
		.addColumn('number', columns.numberType, columns.number)
		.addColumn('id', columns.key, (c) => c.notNull().unique())
		.addColumn('username', 'text')
		.addColumn('username_key', columns.key, (c) => c.unique())
		.addColumn('email', 'text')
		.addColumn('email_key', columns.key, (c) => c.unique())
		.addColumn('email_contact', columns.key)
		.addColumn('email_verified', 'integer', (c) => c.notNull())
		.addColumn('phone', 'text')
		.addColumn('phone_key', columns.key, (c) => c.unique())
		.addColumn('phone_verified', 'integer', (c) => c.notNull())
		.addColumn('name', 'text', (c) => c.notNull())
		.addColumn('name_key', columns.key, (c) => c.notNull())
		.addColumn('locale', 'text')
		.addColumn('status', 'text', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('updated_at', 'bigint', (c) => c.notNull())
		.addColumn('last_sign_in_at', 'bigint')
		.addColumn('sign_in_count', 'bigint', (c) => c.notNull())
		.execute();
	await db.schema
		.createIndex('user_email_contact')
		.on('user')
		.columns(['email_contact', 'email_verified desc', 'number'])
		.execute();
	await createUserSearch(db);
	await db.schema.createIndex('user_name').on('user').columns(['name_key', 'number']).execute();
	await db.schema.createIndex('user_status').on('user').columns(['status', 'number']).execute();
}

/** Finds the newest users whose key begins with something, block by block of 4,096 numbers: see app/user-search. */
async function createUserSearch(db: Kysely<never>): Promise<void> {
	for (const column of ['username_key', 'email_contact', 'phone_key', 'name_key'])
		await db.schema
			.createIndex(`user_search_${column}`)
			.on('user')
			.expression(sql`(number / 4096), status, ${sql.ref(column)}`)
			.where(sql.ref(column), 'is not', null)
			.execute();
}

async function createProofs(db: Kysely<never>): Promise<void> {
	const columns = columnsOf(engineOf(db));
	await db.schema
		.createTable('credential')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('user_id', columns.key, (c) => c.notNull().references('user.id').onDelete('cascade'))
		.addColumn('connector', 'text', (c) => c.notNull())
		.addColumn('secret', 'text', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('updated_at', 'bigint', (c) => c.notNull())
		.execute();
	await db.schema.createIndex('credential_user').on('credential').columns(['user_id', 'connector']).execute();
	await createSessionTable(db, 'user.id');
}

async function createRoles(db: Kysely<never>): Promise<void> {
	const columns = columnsOf(engineOf(db));
	await db.schema
		.createTable('role')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('name', 'text', (c) => c.notNull())
		.addColumn('permissions', 'text', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.execute();
	await db.schema
		.createTable('user_role')
		.addColumn('user_id', columns.key, (c) => c.notNull().references('user.id').onDelete('cascade'))
		.addColumn('role_id', 'text', (c) => c.notNull().references('role.id').onDelete('cascade'))
		.addColumn('is_primary', 'integer', (c) => c.notNull())
		.addPrimaryKeyConstraint('user_role_key', ['user_id', 'role_id'])
		.execute();
	await db.schema.createIndex('user_role_role').on('user_role').column('role_id').execute();
}

async function createClients(db: Kysely<never>): Promise<void> {
	const columns = columnsOf(engineOf(db));
	await db.schema
		.createTable('client')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('name', 'text', (c) => c.notNull())
		.addColumn('secret', 'text')
		.addColumn('application_type', 'text', (c) => c.notNull())
		.addColumn('first_party', 'integer', (c) => c.notNull())
		.addColumn('pkce_required', 'integer', (c) => c.notNull())
		.addColumn('redirect_uris', 'text', (c) => c.notNull())
		.addColumn('post_logout_redirect_uris', 'text', (c) => c.notNull())
		.addColumn('backchannel_logout_uri', 'text')
		.addColumn('id_token_alg', 'text', (c) => c.notNull())
		.addColumn('website', 'text', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('updated_at', 'bigint', (c) => c.notNull())
		.execute();
	await db.schema
		.createTable('consent')
		.addColumn('user_id', columns.key, (c) => c.notNull().references('user.id').onDelete('cascade'))
		.addColumn('client_id', 'text', (c) => c.notNull().references('client.id').onDelete('cascade'))
		.addColumn('grant_id', 'text', (c) => c.notNull())
		.addColumn('scopes', 'text', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('updated_at', 'bigint', (c) => c.notNull())
		.addPrimaryKeyConstraint('consent_key', ['user_id', 'client_id'])
		.execute();
	await db.schema.createIndex('consent_client').on('consent').column('client_id').execute();
	await db.schema
		.createTable('logout_delivery')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('client_id', 'text', (c) => c.notNull().references('client.id').onDelete('cascade'))
		.addColumn('account_id', 'text', (c) => c.notNull())
		.addColumn('sid', 'text', (c) => c.notNull())
		.addColumn('status', 'text', (c) => c.notNull())
		.addColumn('attempts', 'integer', (c) => c.notNull())
		.addColumn('next_at', 'bigint')
		.addColumn('error', 'text')
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('finished_at', 'bigint')
		.execute();
	await db.schema
		.createIndex('logout_delivery_due')
		.on('logout_delivery')
		.columns(['status', 'next_at'])
		.execute();
}

async function createArtifacts(db: Kysely<never>): Promise<void> {
	await db.schema
		.createTable('artifact')
		.addColumn('model', 'text', (c) => c.notNull())
		.addColumn('id', 'text', (c) => c.notNull())
		.addColumn('payload', 'text', (c) => c.notNull())
		.addColumn('grant_id', 'text')
		.addColumn('uid', 'text')
		.addColumn('user_code', 'text')
		.addColumn('account_id', 'text')
		.addColumn('client_id', 'text')
		.addColumn('consumed_at', 'bigint')
		.addColumn('expires_at', 'bigint')
		.addPrimaryKeyConstraint('artifact_key', ['model', 'id'])
		.execute();
	for (const column of ['grant_id', 'uid', 'user_code', 'account_id', 'expires_at'])
		await db.schema
			.createIndex(`artifact_${column}`)
			.on('artifact')
			.column(column)
			// Most rows have null in most of these columns: no index entry is written for null.
			.where(sql.ref(column), 'is not', null)
			.execute();
}

async function createKeysAndImages(db: Kysely<never>): Promise<void> {
	const columns = columnsOf(engineOf(db));
	await db.schema
		.createTable('signing_key')
		.addColumn('kid', 'text', (c) => c.primaryKey())
		.addColumn('alg', 'text', (c) => c.notNull())
		.addColumn('public_jwk', 'text', (c) => c.notNull())
		.addColumn('private_jwk', 'text', (c) => c.notNull())
		.addColumn('state', 'text', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('changes_at', 'bigint')
		.execute();
	// Only one key of each kind signs, also when several processes make the first one at once.
	await db.schema
		.createIndex('signing_key_current')
		.unique()
		.on('signing_key')
		.column('alg')
		.where(sql.ref('state'), '=', sql.lit('current'))
		.execute();
	await db.schema
		.createTable('image')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('mime', 'text', (c) => c.notNull())
		.addColumn('bytes', columns.bytes, (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.execute();
}
