import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyIdentifier, keyOf, usernameSchema } from './identifiers';

const isUsername = (value: string) => usernameSchema.safeParse(value).success;

describe('a username', () => {
	it.each(['alice', '门神', 'bob.smith_2', '2024-alice', '12-34'])('may be %s', (name) => {
		expect(isUsername(name)).toBe(true);
	});

	it.each([
		'138-0013-8000',
		'1-3-8-0-0-1-3-8-0-0-0',
		'１３８-００１３-８０００',
		'13800138000',
		'123456',
		'010-6275-1234',
	])('that is read as a phone number, %s, is refused, as it could not sign in', (name) => {
		expect(isUsername(name)).toBe(false);
	});

	it('is found at sign-in as it was registered, whatever it is', () => {
		const digits = fc.string({ unit: fc.constantFrom(...'0123456789-'), maxLength: 20 });
		const anything = fc.string({ unit: 'grapheme', maxLength: 70 });
		const near = fc.string({ unit: fc.constantFrom(...'0189-._ab+() @ＡＢ１２'), maxLength: 24 });
		fc.assert(
			fc.property(fc.oneof(digits, near, anything), (typed) => {
				const result = usernameSchema.safeParse(typed);
				fc.pre(result.success);
				const found = { kind: 'username', key: keyOf(result.data ?? '') };
				expect(classifyIdentifier(result.data ?? '')).toEqual(found);
				expect(classifyIdentifier(typed)).toEqual(found);
			}),
			{ numRuns: 500 },
		);
	});
});
