/** Shows and hides what is typed into a password field (the button is invisible without this script). */
export function revealPasswords(page: Document): void {
	for (const button of page.querySelectorAll<HTMLElement>('[data-reveal]')) {
		const field = page.getElementById(button.dataset.reveal ?? '');
		// Set up once for each field: several parts of a page may call this.
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
		// Password managers read the type when the form is sent.
		field.form?.addEventListener('submit', () => show(false));
	}
}
