/** Short messages after an action. They disappear by themselves, except errors and those that offer an action. */

export interface Toast {
	readonly id: number;
	readonly kind: 'success' | 'error' | 'info';
	readonly text: string;
	/** e.g. "Undo". */
	readonly action?: { text: string; run: () => void } | undefined;
}

const SHOWN_MS = 5000;
/** More than three at once cannot be read. */
const AT_ONCE = 3;

let last = 0;
let shown = $state<readonly Toast[]>([]);

export function dismissToast(id: number): void {
	shown = shown.filter((one) => one.id !== id);
}

function show(kind: Toast['kind'], text: string, action?: Toast['action']): void {
	const id = (last += 1);
	shown = [...shown, { id, kind, text, action }].slice(-AT_ONCE);
	if (kind !== 'error' && !action) setTimeout(() => dismissToast(id), SHOWN_MS);
}

export const shownToasts = (): readonly Toast[] => shown;

export const toast = {
	success: (text: string): void => show('success', text),
	error: (text: string): void => show('error', text),
	info: (text: string, options: { action?: Toast['action'] } = {}): void =>
		show('info', text, options.action),
};
