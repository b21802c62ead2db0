/** Waits until the other device has confirmed, and then goes on automatically. */
type State = 'waiting' | 'seen' | 'confirmed' | 'denied' | 'over';

const everyMs = 1500;

function watch(panel: HTMLElement): void {
	const shown = panel.dataset.state;
	const left = document.querySelector<HTMLElement>('[data-left]');
	const end = performance.now() + Number(left?.dataset.left) * 1000;
	const template = left?.dataset.text ?? '';
	const count = () => {
		const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
		if (left) left.textContent = template.replace('{seconds}', String(seconds));
	};
	const ask = async () => {
		const answer = await fetch(panel.dataset.watch ?? '');
		const { state } = (await answer.json()) as { state: State };
		if (state === 'confirmed') {
			clearInterval(asking);
			document.querySelector<HTMLFormElement>('form[data-continue]')?.requestSubmit();
		} else if (state !== shown) location.replace(location.href);
	};
	// A failed request is repeated.
	const asking = setInterval(() => void ask().catch(() => undefined), everyMs);
	setInterval(count, 1000);
	count();
}

const panel = document.querySelector<HTMLElement>('[data-watch]');
if (panel) watch(panel);
