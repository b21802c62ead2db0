/**
 * What a field holds: what it is given, from then on what the person makes of it. Given something else, it holds
 * that. A refresh of the page's data that brings the same once more leaves alone what was typed; a prop that is
 * bound and written to would be set back by it.
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
