/** Both engines for the suite: fresh storages, fresh apps, and access by raw SQL. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import type { AppStore } from '../../src/lib/server/storage/app/repositories';
import { openStorage, type Storage, type StorageOptions } from '../../src/lib/server/storage/open';
import { startPostgres } from './postgres-server';

/** One place where databases live; it can be opened again and again. */
export interface Place {
	open(options?: Partial<StorageOptions>): Promise<Storage>;
	/** Runs SQL on the database of an app (or the control database) behind the product's back. */
	run(database: number | 'control', sql: string): Promise<Record<string, unknown>[]>;
}

export interface Engine {
	readonly name: 'sqlite' | 'postgres';
	/** Where nothing is yet. */
	newPlace(): Promise<Place>;
	/** One storage for all tests that need no place of their own. */
	shared(): Promise<Storage>;
	newApp(): Promise<AppStore>;
	stop(): Promise<void>;
}

function sqlitePlace(dataDir: string): Place {
	const fileOf = (database: number | 'control') =>
		join(dataDir, database === 'control' ? 'control.db' : `apps/${database}/app.db`);
	return {
		open: (options) => openStorage({ dataDir, ...options }),
		async run(database, sql) {
			const handle = new Sqlite(fileOf(database));
			try {
				const statement = handle.prepare(sql);
				if (statement.reader) return statement.all() as Record<string, unknown>[];
				statement.run();
				return [];
			} finally {
				handle.close();
			}
		},
	};
}

function postgresPlace(databaseUrl: string): Place {
	return {
		open: (options) => openStorage({ dataDir: '/nowhere', databaseUrl, ...options }),
		async run(database, sql) {
			const client = new pg.Client({ connectionString: databaseUrl });
			await client.connect();
			try {
				await client.query(`set search_path to ${database === 'control' ? 'menshen' : `app_${database}`}`);
				return (await client.query<Record<string, unknown>>(sql)).rows;
			} finally {
				await client.end();
			}
		},
	};
}

function engineOver(name: Engine['name'], newPlace: () => Promise<Place>, stop: () => Promise<void>): Engine {
	let storage: Promise<Storage> | undefined;
	let apps = 0;
	const shared = () => (storage ??= newPlace().then((place) => place.open()));
	return {
		name,
		newPlace,
		shared,
		newApp: async () => (await shared()).createApp(++apps),
		async stop() {
			await (await storage)?.close();
			await stop();
		},
	};
}

export function sqliteEngine(): Engine {
	const home = mkdtempSync(join(tmpdir(), 'menshen-sqlite-'));
	let places = 0;
	const newPlace = async () => sqlitePlace(join(home, String(++places)));
	return engineOver('sqlite', newPlace, async () => rmSync(home, { recursive: true }));
}

export async function postgresEngine(): Promise<Engine> {
	const server = await startPostgres();
	let places = 0;
	const newPlace = async () => postgresPlace(await server.createDatabase(`place_${++places}`));
	return engineOver('postgres', newPlace, () => server.stop());
}
