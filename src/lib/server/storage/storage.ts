/** The storage interface for the rest of the server: the appliance's own store, and one store per app. */
import { Refusal } from '../../contract/errors';
import { appRepositories, type AppStore } from './app/repositories';
import type { AppSchema } from './app/schema';
import { controlRepositories, type ControlStore } from './control/repositories';
import type { ControlSchema } from './control/schema';
import type { Database } from './engine/database';
import type { Timelines } from './migrate/timelines';
import { storeOver } from './store';

export interface StorageOptions {
	dataDir: string;
	/** Unset: SQLite. */
	databaseUrl?: string | undefined;
	/** Most app files open at a time. */
	openFiles?: number;
	/** Called for each write, of any store, that is refused for lack of room. */
	onFull?: () => void;
	/** Other migrations than the released ones: for the tests of upgrades. */
	timelines?: Timelines;
}

export interface Storage {
	readonly control: ControlStore;
	/**
	 * The store of an app that exists, brought up to date before its first use.
	 * @throws Refusal app/not-found, app/damaged
	 * @throws SchemaTooNew
	 */
	app(id: number): Promise<AppStore>;
	/** Creates the empty database of a new app. @throws Refusal app/id-taken */
	createApp(id: number): Promise<AppStore>;
	/** Removes an app's database for good. A store of it that is still in use refuses from then on. */
	deleteApp(id: number): Promise<void>;
	/** Whether the engine answers. */
	isReady(): Promise<boolean>;
	/** How many app files are open now (SQLite). */
	openFiles(): number;
	close(): Promise<void>;
}

/** An app id is the only thing of a request that becomes part of a path or a schema's name: digits, or nothing. */
export function checkedId(id: number): number {
	if (!Number.isInteger(id) || id < 1 || id > 999_999) throw new Refusal('app/not-found');
	return id;
}

type Told = Pick<StorageOptions, 'onFull'>;
export const appStoreOver = (database: Database<AppSchema>, { onFull }: Told): AppStore =>
	storeOver(database, appRepositories, onFull);
export const controlStoreOver = (database: Database<ControlSchema>, { onFull }: Told): ControlStore =>
	storeOver(database, controlRepositories, onFull);
