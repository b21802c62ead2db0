/**
 * A form that was refused is answered in place, so the browser's history contains the post: coming back, or
 * reloading, would ask to send it again. This replaces it in the history by the address alone.
 */
export function forgetPost(entries: History): void {
	entries.replaceState(entries.state, '', location.href);
}
