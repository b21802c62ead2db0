/** Advice under a new password while it is typed, in the place of the field's hint: one line, not two. */
import { strengthOf } from './password-strength';

function wordsOf(box: HTMLElement): readonly string[] {
	return JSON.parse(box.dataset.words ?? '[]') as string[];
}

export function adviseOnStrength(page: Document): void {
	for (const box of page.querySelectorAll<HTMLElement>('[data-strength]')) {
		const field = page.getElementById(box.dataset.strength ?? '');
		const text = box.querySelector('span');
		if (!(field instanceof HTMLInputElement) || !text) continue;
		const words = wordsOf(box);
		const names = (box.dataset.names ?? '').split('\n');
		const advise = () => {
			const level = strengthOf(field.value, names);
			box.dataset.level = String(level);
			text.textContent = words[level] ?? '';
		};
		const hint = page.getElementById(`${field.id}-hint`);
		if (hint) hint.hidden = true;
		box.hidden = false;
		field.addEventListener('input', advise);
		advise();
	}
}
