import { describe, expect, it } from 'vitest';
import { clientSettingsSchema } from '$lib/contract/client-settings';
import { idFrom, isKind, kinds, kindText } from './kinds';

describe('kinds of clients', () => {
	it.each(Object.entries(kinds))('%s is a valid registration', (_, shape) =>
		expect(clientSettingsSchema.safeParse({ id: 'x', name: 'X', ...shape }).success).toBe(true),
	);
	it('are only these', () => {
		expect(isKind('server')).toBe(true);
		expect(isKind('toString')).toBe(false);
		expect(isKind('')).toBe(false);
	});
	it('have names of their own in both languages', () => {
		for (const locale of ['en', 'zh-CN'] as const)
			expect(new Set(Object.values(kinds).map((shape) => kindText(shape, locale))).size).toBe(3);
	});
});

describe('an id out of a name', () => {
	it.each([
		['My Shop', 'my-shop'],
		['Café à Paris!', 'cafe-a-paris'],
		['  --x--  ', 'x'],
		['商店', ''],
		['a'.repeat(90), 'a'.repeat(40)],
	])('"%s" becomes "%s"', (name, id) => expect(idFrom(name)).toBe(id));
});
