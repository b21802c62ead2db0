/**
 * A form that was refused is answered in place, so the browser's history holds the sending of it: coming back there,
 * or reloading, would ask to send it once more. From here on the history holds the address alone.
 */
export function forgetPost(entries: History): void {
	entries.replaceState(entries.state, '', location.href);
}
