/** PostgreSQL: schema `menshen` for the appliance, schema `app_<id>` for each app, the layout that Citus shards by. */
import { Refusal } from '../../contract/errors';
import type { AppStore } from './app/repositories';
import type { AppSchema } from './app/schema';
import type { ControlSchema } from './control/schema';
import { translated } from './engine/failures';
import { isReachable, openPools, openPostgres, quoted, type Pools } from './engine/postgres';
import { createPostgresSchema, migratePostgres } from './migrate/migrate-postgres';
import { timelines, type Migrations } from './migrate/timelines';
import { appStoreOver, checkedId, controlStoreOver, type Storage, type StorageOptions } from './storage';

/** Stores are small, but an appliance may have very many apps. */
const cachedStores = 1000;
const controlSchema = 'menshen';

class AppSchemas {
	readonly #url: string;
	readonly #pools: Pools;
	readonly #migrations: Migrations;
	/** The last in the map was used last. */
	readonly #known = new Map<number, Promise<AppStore>>();

	readonly #options: StorageOptions;

	constructor(options: StorageOptions & { databaseUrl: string }, pools: Pools, migrations: Migrations) {
		this.#options = options;
		this.#url = options.databaseUrl;
		this.#pools = pools;
		this.#migrations = migrations;
	}

	use(id: number): Promise<AppStore> {
		const known = this.#known.get(id) ?? this.#open(id);
		this.#known.delete(id);
		this.#known.set(id, known);
		for (const [oldest] of this.#known) {
			if (this.#known.size <= cachedStores) break;
			this.#known.delete(oldest);
		}
		return known;
	}

	async create(id: number): Promise<AppStore> {
		const made = await createPostgresSchema(this.#target(id));
		if (!made) throw new Refusal('app/id-taken');
		return this.use(id);
	}

	async delete(id: number): Promise<void> {
		this.#known.delete(id);
		await this.#pools.writing
			.query(`drop schema if exists ${quoted(this.#target(id).schema)} cascade`)
			.catch(translated);
	}

	#target(id: number) {
		return { url: this.#url, schema: `app_${checkedId(id)}`, migrations: this.#migrations };
	}

	#open(id: number): Promise<AppStore> {
		const opened = this.#migrated(id);
		// A schema that could not be opened is tried again the next time.
		opened.catch(() => this.#known.delete(id));
		return opened;
	}

	async #migrated(id: number): Promise<AppStore> {
		const target = this.#target(id);
		if (!(await migratePostgres(this.#pools.reading, target))) throw new Refusal('app/not-found');
		return appStoreOver(openPostgres<AppSchema>(this.#pools, target.schema), this.#options);
	}
}

export async function openOnPostgres(options: StorageOptions & { databaseUrl: string }): Promise<Storage> {
	const released = options.timelines ?? timelines;
	const url = options.databaseUrl;
	const pools = openPools(url);
	const target = { url, schema: controlSchema, migrations: released.control };
	try {
		const found = await migratePostgres(pools.reading, target);
		if (!found) await createPostgresSchema(target);
	} catch (error) {
		await pools.close();
		throw error;
	}
	const apps = new AppSchemas(options, pools, released.app);
	return {
		control: controlStoreOver(openPostgres<ControlSchema>(pools, controlSchema), options),
		app: async (id) => apps.use(id),
		createApp: (id) => apps.create(id),
		deleteApp: (id) => apps.delete(id),
		isReady: () => isReachable(pools.reading),
		openFiles: () => 0,
		close: () => pools.close(),
	};
}
