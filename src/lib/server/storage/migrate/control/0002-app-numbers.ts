import type { Kysely } from 'kysely';

/**
 * Every number that an app ever had. The number of a deleted app stays reserved: its clients know it as an issuer.
 * Earlier deleted apps are taken from the log; 0 belongs to no app, and counting starts there.
 */
export async function up(db: Kysely<never>): Promise<void> {
	await db.schema
		.createTable('app_number')
		.addColumn('id', 'integer', (c) => c.primaryKey())
		.execute();
	const tables = db as unknown as Kysely<{
		app: { id: number };
		audit: { action: string; target: string };
		app_number: { id: number };
	}>;
	const apps = await tables.selectFrom('app').select('id').execute();
	const made = await tables.selectFrom('audit').select('target').where('action', '=', 'app.create').execute();
	const logged = made.flatMap(({ target }) => /^app:([1-9]\d{0,5})$/.exec(target)?.[1] ?? []).map(Number);
	for (const id of new Set([0, ...apps.map((app) => app.id), ...logged]))
		await tables.insertInto('app_number').values({ id }).execute();
}
