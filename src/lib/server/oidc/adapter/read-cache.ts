/**
 * What was read since the last commit, whoever made it: a token that is looked at again and again costs one
 * look at the database's version instead of five queries. Where the version cannot be told (PostgreSQL)
 * everything is read each time.
 */
import type { AppStore } from '../../storage/app/repositories';

const mostEntries = 5000;

type Entries = Map<string, Promise<unknown>>;

/** The reads of one request, as of its beginning or newer. What they give is shared: it must not be changed. */
export class Reads {
	readonly #entries: Entries | undefined;
	constructor(entries: Entries | undefined) {
		this.#entries = entries;
	}

	get<T>(key: string, read: () => Promise<T>): Promise<T> {
		if (!this.#entries) return read();
		const known = this.#entries.get(key);
		if (known) return known as Promise<T>;
		const value = read();
		this.#entries.set(key, value);
		value.catch(() => this.#entries?.delete(key));
		return value;
	}
}

class ReadCache {
	readonly #store: Pick<AppStore, 'version'>;
	#version: number | undefined;
	#entries: Entries = new Map();

	constructor(store: Pick<AppStore, 'version'>) {
		this.#store = store;
	}

	/** For one request. */
	begin(): Reads {
		const version = this.#store.version();
		if (version === undefined) return new Reads(undefined);
		if (version !== this.#version || this.#entries.size > mostEntries) {
			this.#version = version;
			this.#entries = new Map();
		}
		return new Reads(this.#entries);
	}
}

const caches = new WeakMap<AppStore, ReadCache>();

/** The reads of a request that begins now. */
export function beginReads(store: AppStore): Reads {
	const cache = caches.get(store) ?? new ReadCache(store);
	caches.set(store, cache);
	return cache.begin();
}
