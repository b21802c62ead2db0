/**
 * The value of a field: the given one first, then what the person types. When another value is given, the field
 * takes it. A refresh of the page's data with the same value leaves what was typed alone; a bound prop would be
 * reset by it.
 *
 * @param given compared by identity: a text, a number, a boolean
 */
export function kept<T>(given: () => T): { current: T } {
	const stored = $derived(given());
	let current = $derived(stored);
	return {
		get current() {
			return current;
		},
		set current(next) {
			current = next;
		},
	};
}
