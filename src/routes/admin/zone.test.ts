import { describe, expect, it } from 'vitest';
import { readZone } from './zone';

describe('the zone that a browser names', () => {
	it.each(['Asia/Shanghai', 'Europe/Berlin', 'UTC'])('%s is accepted', (zone) =>
		expect(readZone(zone)).toBe(zone),
	);
	it.each(['', 'Nowhere/Land', '<script>', 'x'.repeat(65), undefined])('%s is not', (zone) =>
		expect(readZone(zone)).toBeUndefined(),
	);
});
