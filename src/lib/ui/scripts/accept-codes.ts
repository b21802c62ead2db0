/** A pasted or autofilled code loses its spaces and dashes; a complete one is submitted automatically, once. */
export function acceptCodes(page: Document): void {
	for (const field of page.querySelectorAll<HTMLInputElement>('input[data-digits]')) {
		const length = Number(field.dataset.digits);
		let sent = false;
		field.addEventListener('input', () => {
			// Full-width digits come from Chinese keyboards.
			const digits = field.value.normalize('NFKC').replace(/\D/g, '').slice(0, length);
			if (digits !== field.value) field.value = digits;
			if (digits.length < length || sent) return;
			sent = true;
			field.form?.requestSubmit();
		});
	}
}
