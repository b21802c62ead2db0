import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dismissToast, shownToasts, toast } from './toasts.svelte';

const texts = () => shownToasts().map(({ text }) => text);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const { id } of shownToasts()) dismissToast(id);
	vi.useRealTimers();
});

describe('toast', () => {
	it('disappears by itself', () => {
		toast.success('Saved');
		expect(texts()).toEqual(['Saved']);
		vi.advanceTimersByTime(5000);
		expect(texts()).toEqual([]);
	});

	it('stays when it is an error or offers an action', () => {
		toast.error('Not saved');
		toast.info('Deleted', { action: { text: 'Undo', run: () => undefined } });
		vi.advanceTimersByTime(60_000);
		expect(texts()).toEqual(['Not saved', 'Deleted']);
	});

	it('shows three at once, the newest', () => {
		for (const text of ['a', 'b', 'c', 'd']) toast.error(text);
		expect(texts()).toEqual(['b', 'c', 'd']);
	});

	it('can be dismissed, without the others', () => {
		toast.error('a');
		toast.error('b');
		dismissToast(shownToasts()[0]?.id ?? 0);
		expect(texts()).toEqual(['b']);
	});
});
