import { expect, it } from 'vitest';
import { day, hour, minute, second, systemClock } from './clock';

it('counts whole milliseconds since 1970', () => {
	const now = systemClock.now();
	expect(Number.isInteger(now)).toBe(true);
	expect(now).toBeGreaterThan(Date.UTC(2026, 0, 1));
});

it('has units that fit into each other', () => {
	expect([second, minute, hour, day]).toEqual([1000, 60_000, 3_600_000, 86_400_000]);
});
