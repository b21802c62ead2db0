/**
 * SQLite: `DATA_DIR/control.db` and `DATA_DIR/apps/<id>/app.db`. `OpenFiles` limits the open app files: a closed
 * one is opened again at its next use, for every holder of its store.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../../contract/errors';
import type { AppStore } from './app/repositories';
import type { AppSchema } from './app/schema';
import type { ControlSchema } from './control/schema';
import { translated } from './engine/failures';
import { OpenFiles } from './engine/open-files';
import { createReserve, type Reserve } from './engine/reserve';
import { openForWriting, openSqlite, type SqliteFile } from './engine/sqlite';
import { createDatabaseFile } from './migrate/create-file';
import { migrateSqlite } from './migrate/migrate-sqlite';
import { timelines, type Migrations } from './migrate/timelines';
import { appStoreOver, checkedId, controlStoreOver, type Storage, type StorageOptions } from './storage';

interface AppFile {
	readonly file: SqliteFile<AppSchema>;
	readonly store: AppStore;
	readonly ready: Promise<void>;
}

async function prepare<Schema>(
	file: SqliteFile<Schema>,
	path: string,
	migrations: Migrations,
): Promise<void> {
	const handle = openForWriting(path);
	try {
		await migrateSqlite(handle, migrations);
	} catch (error) {
		handle.close();
		throw error;
	}
	file.adopt(handle);
}

interface AppFilesOptions extends Pick<StorageOptions, 'onFull'> {
	limit: number;
	reserve: Reserve;
}

class AppFiles {
	readonly #folder: string;
	readonly #migrations: Migrations;
	readonly #open: OpenFiles;
	/** Weak references: a closed file whose store is not in use costs nothing, and all users of a store share it. */
	readonly #known = new Map<number, WeakRef<AppFile>>();
	readonly #forget = new FinalizationRegistry<number>((id) => {
		if (!this.#known.get(id)?.deref()) this.#known.delete(id);
	});
	readonly #creating = new Set<number>();

	readonly #options: AppFilesOptions;

	constructor(folder: string, migrations: Migrations, options: AppFilesOptions) {
		this.#folder = folder;
		this.#options = options;
		this.#migrations = migrations;
		this.#open = new OpenFiles(options.limit);
	}

	get openFiles(): number {
		return this.#open.size;
	}

	async use(id: number): Promise<AppStore> {
		const known = this.#known.get(id)?.deref() ?? this.#remember(id);
		await known.ready;
		return known.store;
	}

	async create(id: number): Promise<AppStore> {
		if (existsSync(this.#pathOf(id)) || this.#creating.has(id)) throw new Refusal('app/id-taken');
		this.#creating.add(id);
		try {
			await createDatabaseFile(this.#pathOf(id), this.#migrations).catch(translated);
		} finally {
			this.#creating.delete(id);
		}
		return this.use(id);
	}

	async delete(id: number): Promise<void> {
		const known = this.#known.get(id)?.deref();
		this.#known.delete(id);
		await known?.file.retire();
		rmSync(join(this.#folder, String(checkedId(id))), { recursive: true, force: true });
	}

	async close(): Promise<void> {
		const files = [...this.#known.values()].flatMap((known) => known.deref()?.file ?? []);
		await Promise.all(files.map((file) => file.retire()));
	}

	#pathOf(id: number): string {
		return join(this.#folder, String(checkedId(id)), 'app.db');
	}

	#remember(id: number): AppFile {
		const path = this.#pathOf(id);
		if (!existsSync(path)) throw new Refusal('app/not-found');
		const file: SqliteFile<AppSchema> = openSqlite(path, {
			// These closures keep the entry alive as long as anyone holds its store.
			opened: () => this.#open.opened(entry.file),
			closed: () => this.#open.closed(entry.file),
			reserve: this.#options.reserve,
			passing: 'artifact',
		});
		const ready = prepare(file, path, this.#migrations).catch(translated);
		const entry: AppFile = { file, store: appStoreOver(file, this.#options), ready };
		// A file that could not be opened is tried again the next time.
		ready.catch(() => this.#known.delete(id));
		this.#known.set(id, new WeakRef(entry));
		this.#forget.register(entry, id);
		return entry;
	}
}

async function openControl(
	path: string,
	migrations: Migrations,
	reserve: Reserve,
): Promise<SqliteFile<ControlSchema>> {
	if (!existsSync(path)) await createDatabaseFile(path, migrations);
	const control = openSqlite<ControlSchema>(path, { reserve });
	await prepare(control, path, migrations);
	return control;
}

export async function openOnSqlite(options: StorageOptions): Promise<Storage> {
	const released = options.timelines ?? timelines;
	const reserve = createReserve(options.dataDir);
	const control = await openControl(join(options.dataDir, 'control.db'), released.control, reserve).catch(
		translated,
	);
	const apps = new AppFiles(join(options.dataDir, 'apps'), released.app, {
		...options,
		limit: options.openFiles ?? 100,
		reserve,
	});
	const store = controlStoreOver(control, options);
	return {
		control: store,
		app: (id) => apps.use(id),
		createApp: (id) => apps.create(id),
		deleteApp: (id) => apps.delete(id),
		isReady: () =>
			store.read.dataKeys.find().then(
				() => true,
				() => false,
			),
		openFiles: () => apps.openFiles,
		async close() {
			await apps.close();
			await control.retire();
		},
	};
}
