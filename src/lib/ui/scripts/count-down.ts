/** Counts the seconds on a "send again" button down, then gives it back. */
export function countDown(page: Document): void {
	for (const button of page.querySelectorAll<HTMLButtonElement>('button[data-wait]')) {
		const text = button.textContent;
		const waiting = button.dataset.waitText ?? '{seconds}';
		// By the clock, not by ticks: a phone in a pocket does not tick.
		const end = performance.now() + Number(button.dataset.wait) * 1000;
		const tick = () => {
			const seconds = Math.ceil((end - performance.now()) / 1000);
			button.disabled = seconds > 0;
			button.textContent = seconds > 0 ? waiting.replace('{seconds}', String(seconds)) : text;
			if (seconds <= 0) clearInterval(timer);
		};
		const timer = setInterval(tick, 1000);
		tick();
	}
}
