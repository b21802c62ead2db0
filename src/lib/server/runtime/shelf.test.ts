import { describe, expect, it } from 'vitest';
import { Shelf } from './shelf';

function shelfOf(most: number) {
	const opened: number[] = [];
	const shelf = new Shelf(most, async (key: number) => {
		opened.push(key);
		if (key < 0) throw new Error('no such thing');
		return { key };
	});
	return { shelf, opened };
}

describe('a shelf', () => {
	it('opens each thing once, also for many at once', async () => {
		const { shelf, opened } = shelfOf(10);
		const found = await Promise.all([shelf.get(1), shelf.get(1), shelf.get(2)]);
		expect(found[0]).toBe(found[1]);
		expect(opened).toEqual([1, 2]);
	});

	it('forgets the oldest beyond its size, and opens it again', async () => {
		const { shelf, opened } = shelfOf(2);
		for (const key of [1, 2, 3, 3, 2, 1]) await shelf.get(key);
		expect(opened).toEqual([1, 2, 3, 1]);
	});

	it('tries again what failed, and what was forgotten', async () => {
		const { shelf, opened } = shelfOf(2);
		await expect(shelf.get(-1)).rejects.toThrow();
		await expect(shelf.get(-1)).rejects.toThrow();
		await shelf.get(1);
		shelf.forget(1);
		await shelf.get(1);
		expect(opened).toEqual([-1, -1, 1, 1]);
	});
});
