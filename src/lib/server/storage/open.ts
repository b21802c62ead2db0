/**
 * Opens the control database and the apps' databases on either engine. SQLite files of apps are an LRU:
 * beyond `openFiles` the one used longest ago is closed, and opens again at its next use.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type pg from 'pg';
import { Refusal } from '../../contract/errors';
import { appRepositories, type AppStore } from './app/repositories';
import type { AppSchema } from './app/schema';
import { controlRepositories, type ControlStore } from './control/repositories';
import type { ControlSchema } from './control/schema';
import type { Database } from './engine/database';
import { translateFailure } from './engine/failures';
import { createPool, createSchema, dropSchema, openPostgres } from './engine/postgres';
import { openSqlite, type SqliteFile } from './engine/sqlite';
import { migratePostgres, migrateSqlite } from './migrate/migrate';
import { storeOver } from './store';

export interface StorageOptions {
	dataDir: string;
	/** Unset: SQLite. */
	databaseUrl?: string | undefined;
	/** Most app files open at a time. */
	openFiles?: number;
}

export interface Storage {
	readonly control: ControlStore;
	/** The store of an app that exists. Migrated before the first use. @throws Refusal app/not-found, app/damaged */
	app(id: number): Promise<AppStore>;
	/** Makes the empty database of a new app. */
	createApp(id: number): Promise<AppStore>;
	/** Removes an app's database for good. */
	deleteApp(id: number): Promise<void>;
	/** Whether the engine answers. */
	isReady(): Promise<boolean>;
	/** How many app files are open now (SQLite). */
	openFiles(): number;
	close(): Promise<void>;
}

/** An app id is the only thing of a request that becomes part of a path: digits, or nothing. */
function checkedId(id: number): number {
	if (!Number.isInteger(id) || id < 1 || id > 999_999) throw new Refusal('app/not-found');
	return id;
}

export async function openStorage(options: StorageOptions): Promise<Storage> {
	return options.databaseUrl ? openOnPostgres(options.databaseUrl) : openOnSqlite(options);
}

const appStoreOver = (database: Database<AppSchema>): AppStore => storeOver(database, appRepositories);
const controlStoreOver = (database: Database<ControlSchema>): ControlStore => storeOver(database, controlRepositories);

/** Opens a database file for the migrations only, which change the schema outside the group commit. */
async function migrateFile(file: string, timeline: 'app' | 'control'): Promise<void> {
	const handle = new Sqlite(file);
	try {
		handle.pragma('journal_mode = WAL');
		handle.pragma('synchronous = FULL');
		await migrateSqlite(handle, timeline);
	} finally {
		handle.close();
	}
}

async function openOnSqlite(options: StorageOptions): Promise<Storage> {
	const limit = options.openFiles ?? 100;
	const controlFile = join(options.dataDir, 'control.db');
	const control = openSqlite<ControlSchema>(controlFile);
	await prepareFile(control, controlFile, 'control');
	const apps = new Map<number, { file: SqliteFile<AppSchema>; store: AppStore; ready: Promise<void> }>();
	const folderOf = (id: number) => join(options.dataDir, 'apps', String(checkedId(id)));

	const open = (id: number) => {
		const path = join(folderOf(id), 'app.db');
		const file = openSqlite<AppSchema>(path);
		return { file, store: appStoreOver(file), ready: prepareFile(file, path, 'app') };
	};
	const use = async (id: number) => {
		const entry = apps.get(id) ?? open(id);
		// Last in the map is last used.
		apps.delete(id);
		apps.set(id, entry);
		await entry.ready.catch((error: unknown) => {
			apps.delete(id);
			throw translateFailure(error);
		});
		releaseOldest();
		return entry.store;
	};
	const releaseOldest = () => {
		const opened = [...apps.values()].filter((entry) => entry.file.isOpen);
		for (const entry of opened.slice(0, Math.max(0, opened.length - limit))) void entry.file.release();
	};
	return {
		control: controlStoreOver(control),
		async app(id) {
			if (!apps.has(id) && !existsSync(join(folderOf(id), 'app.db'))) throw new Refusal('app/not-found');
			return use(id);
		},
		async createApp(id) {
			if (existsSync(join(folderOf(id), 'app.db'))) throw new Refusal('app/id-taken');
			return use(id);
		},
		async deleteApp(id) {
			await apps.get(id)?.file.close();
			apps.delete(id);
			rmSync(folderOf(id), { recursive: true, force: true });
		},
		isReady: async () => existsSync(controlFile) && readdirSync(options.dataDir).length > 0,
		openFiles: () => [...apps.values()].filter((entry) => entry.file.isOpen).length,
		async close() {
			for (const entry of apps.values()) await entry.file.close();
			await control.close();
		},
	};
}

async function prepareFile<Schema>(file: SqliteFile<Schema>, path: string, timeline: 'app' | 'control'): Promise<void> {
	// An empty write makes the file with its final mode.
	await file.write(async () => undefined);
	await file.release();
	await migrateFile(path, timeline);
}

async function openOnPostgres(url: string): Promise<Storage> {
	const pool: pg.Pool = createPool(url);
	await createSchema(pool, 'menshen');
	await migratePostgres(pool, 'menshen', 'control');
	const control = controlStoreOver(openPostgres<ControlSchema>(pool, 'menshen'));
	const apps = new Map<number, Promise<AppStore>>();
	const schemaOf = (id: number) => `app_${checkedId(id)}`;
	const use = (id: number) => {
		const opened =
			apps.get(id) ??
			migratePostgres(pool, schemaOf(id), 'app').then(() => appStoreOver(openPostgres<AppSchema>(pool, schemaOf(id))));
		apps.set(id, opened);
		opened.catch(() => apps.delete(id));
		return opened;
	};
	return {
		control,
		async app(id) {
			if (apps.has(id)) return use(id);
			const found = await pool.query('select 1 from information_schema.schemata where schema_name = $1', [schemaOf(id)]);
			if (found.rowCount === 0) throw new Refusal('app/not-found');
			return use(id);
		},
		async createApp(id) {
			await createSchema(pool, schemaOf(id));
			return use(id);
		},
		async deleteApp(id) {
			apps.delete(id);
			await dropSchema(pool, schemaOf(id));
		},
		isReady: () => pool.query('select 1').then(() => true, () => false),
		openFiles: () => 0,
		close: () => pool.end(),
	};
}
