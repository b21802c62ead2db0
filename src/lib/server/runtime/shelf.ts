/**
 * Open objects by key: each is opened once and shared by all callers. Beyond `most` the one opened longest ago is
 * forgotten; its next use opens it again. One that failed to open is tried again.
 */
export class Shelf<Key, Value> {
	readonly #items = new Map<Key, Promise<Value>>();
	readonly #most: number;
	readonly #open: (key: Key) => Promise<Value>;

	constructor(most: number, open: (key: Key) => Promise<Value>) {
		this.#most = most;
		this.#open = open;
	}

	get(key: Key): Promise<Value> {
		const known = this.#items.get(key);
		if (known) return known;
		const opened = this.#open(key);
		this.#items.set(key, opened);
		opened.catch(() => this.forget(key));
		const [oldest] = this.#items.keys();
		if (this.#items.size > this.#most && oldest !== undefined) this.#items.delete(oldest);
		return opened;
	}

	forget(key: Key): void {
		this.#items.delete(key);
	}
}
