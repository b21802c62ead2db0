/** Shows and hides what is typed into a password field (the button is invisible without this script). */
export function revealPasswords(page: Document): void {
	for (const button of page.querySelectorAll<HTMLElement>('[data-reveal]')) {
		const field = page.getElementById(button.dataset.reveal ?? '');
		// Once for each: several parts of a page may ask for it.
		if (!(field instanceof HTMLInputElement) || !button.hidden) continue;
		const show = (shown: boolean) => {
			field.type = shown ? 'text' : 'password';
			button.setAttribute('aria-pressed', String(shown));
		};
		button.hidden = false;
		button.addEventListener('click', () => {
			show(field.type === 'password');
			field.focus();
		});
		// Password managers look at the type when the form leaves.
		field.form?.addEventListener('submit', () => show(false));
	}
}
