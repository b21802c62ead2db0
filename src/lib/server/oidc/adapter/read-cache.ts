/**
 * A cache of what was read since the last commit of any process: a token that is read repeatedly costs one query
 * for the database's version instead of five queries. What is not an artifact (clients, users, roles) is remembered
 * across commits of artifacts too. Where the version is not available (PostgreSQL) everything is read each time.
 */
import type { AppStore } from '../../storage/app/repositories';

const mostEntries = 5000;

type Entries = Map<string, Promise<unknown>>;

function getFrom<T>(entries: Entries | undefined, key: string, read: () => Promise<T>): Promise<T> {
	if (!entries) return read();
	const known = entries.get(key);
	if (known) return known as Promise<T>;
	const value = read();
	entries.set(key, value);
	value.catch(() => entries.delete(key));
	return value;
}

/** The reads of one request, as of its beginning or newer. The results are shared: they must not be changed. */
export class Reads {
	readonly #all: Entries | undefined;
	readonly #settled: Entries | undefined;
	constructor(all: Entries | undefined, settled: Entries | undefined) {
		this.#all = all;
		this.#settled = settled;
	}

	get<T>(key: string, read: () => Promise<T>): Promise<T> {
		return getFrom(this.#all, key, read);
	}

	/** For what is read from other tables than the artifacts'. */
	settled<T>(key: string, read: () => Promise<T>): Promise<T> {
		return getFrom(this.#settled, key, read);
	}
}

/** Cache entries that are valid as long as a version lasts. */
class Remembered {
	#version: number | undefined;
	#entries: Entries = new Map();

	at(version: number | undefined): Entries | undefined {
		if (version === undefined) return undefined;
		if (version !== this.#version || this.#entries.size > mostEntries) {
			this.#version = version;
			this.#entries = new Map();
		}
		return this.#entries;
	}
}

class ReadCache {
	readonly #store: Versioned;
	readonly #all = new Remembered();
	readonly #settled = new Remembered();
	constructor(store: Versioned) {
		this.#store = store;
	}

	/** For one request. */
	begin(): Reads {
		return new Reads(this.#all.at(this.#store.version()), this.#settled.at(this.#store.settledVersion()));
	}
}

type Versioned = Pick<AppStore, 'version' | 'settledVersion'>;

const caches = new WeakMap<AppStore, ReadCache>();

/** The reads of a request that begins now. */
export function beginReads(store: AppStore): Reads {
	const cache = caches.get(store) ?? new ReadCache(store);
	caches.set(store, cache);
	return cache.begin();
}
