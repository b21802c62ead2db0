import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { changeOf } from './change-of';

const settings = z.object({
	name: z.string().min(1),
	days: z.number().int().min(1).default(7),
	open: z.boolean().default(true),
	note: z.string().optional(),
});

describe('the schema of a change', () => {
	it('leaves out what was left out, defaults included', () => {
		expect(changeOf(settings).parse({})).toEqual({});
		expect(changeOf(settings).parse({ days: 3 })).toEqual({ days: 3 });
	});

	it('validates what is named as the settings do', () => {
		for (const change of [{ name: '' }, { days: 0 }, { open: 'yes' }, { days: null }])
			expect(changeOf(settings).safeParse(change).success).toBe(false);
	});

	it('refuses what is not a setting', () =>
		expect(changeOf(settings).safeParse({ dayz: 3 }).success).toBe(false));
});
