/**
 * A form is sent once: its button says that it is busy until the answer comes.
 * The button is not disabled, because its own name and value would then be missing from what is sent.
 */

/** After this time without an answer the person may try again, e.g. when the network hangs. */
const PATIENCE_MS = 15_000;

function markBusy(button: HTMLElement): () => void {
	const kept = [...button.childNodes];
	const text = button.dataset.pendingText;
	if (text) button.replaceChildren(text);
	button.setAttribute('aria-busy', 'true');
	button.setAttribute('aria-disabled', 'true');
	return () => {
		button.replaceChildren(...kept);
		button.removeAttribute('aria-busy');
		button.removeAttribute('aria-disabled');
	};
}

/** Lets each form of the page be submitted once, and again after a return by the Back button. */
export function guardSubmits(page: Document): void {
	const releases = new Map<EventTarget, () => void>();
	const releaseAll = () => {
		for (const release of releases.values()) release();
		releases.clear();
	};
	page.addEventListener('submit', (event) => {
		const form = event.target;
		if (!form || event.defaultPrevented) return;
		if (releases.has(form)) {
			event.preventDefault();
			return;
		}
		const button = event.submitter;
		releases.set(form, button ? markBusy(button) : () => undefined);
		setTimeout(releaseAll, PATIENCE_MS);
	});
	// A page taken from the back-forward cache is still busy, as it was when it was left.
	page.defaultView?.addEventListener('pageshow', (event) => {
		if (event.persisted) releaseAll();
	});
}
