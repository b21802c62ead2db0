/**
 * Remembers what was read from a store until any process changes something lasting in it: most of what a request
 * reads first (settings, plugins) changes once a month. Where changes cannot be detected it is read each time.
 */
interface Versioned {
	settledVersion(): number | undefined;
}

/** @param read its result is shared by all callers: it must not be changed. A failure is not remembered. */
export function remembered<T>(store: Versioned, read: () => Promise<T>): () => Promise<T> {
	let kept: { version: number; value: Promise<T> } | undefined;
	return () => {
		// The version is read first: the data may be newer than it, never older.
		const version = store.settledVersion();
		if (version === undefined) return read();
		if (kept?.version === version) return kept.value;
		const value = read();
		kept = { version, value };
		value.catch(() => {
			if (kept?.value === value) kept = undefined;
		});
		return value;
	};
}
