/**
 * What was read of a store, remembered until something lasting is changed in it, by whomever: most of what a
 * request asks first (settings, plugins) changes once a month. Where that cannot be told it is read each time.
 */
interface Versioned {
	settledVersion(): number | undefined;
}

/** @param read what it gives is shared by all who ask: it must not be changed. A failure is not remembered. */
export function remembered<T>(store: Versioned, read: () => Promise<T>): () => Promise<T> {
	let kept: { version: number; value: Promise<T> } | undefined;
	return () => {
		// Asked before reading: what is read may be newer than that, never older.
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
