import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { personNameSchema, tidyPersonName } from './person-name';

const isName = (name: string) => personNameSchema.safeParse(name).success;

describe('a person’s name', () => {
	it.each(['', '伊芙', 'Zoë O’Neill-Müller 3rd', 'نیلوفر‌جان', 'שרה', '👩‍👩‍👧', 'a'.repeat(80), '👩'.repeat(80)])(
		'may be %j',
		(name) => {
			expect(personNameSchema.parse(name)).toBe(name);
			expect(tidyPersonName(name)).toBe(name);
		},
	);

	it('is trimmed', () => {
		expect(personNameSchema.parse('  Mei  ')).toBe('Mei');
	});

	it.each([
		['NUL', 'a\0b', 'a b'],
		['a line', 'a\r\nb', 'a b'],
		['a tab', 'a\tb', 'a b'],
		['an escape', 'a\u001b[31mb', 'a [31mb'],
		['a C1 control', 'a\u0085b', 'a b'],
		['a separator of lines', 'a\u2028b', 'a b'],
		['an override', 'a\u202eb', 'ab'],
		['an embedding', 'a\u202bb', 'ab'],
		['an isolate', 'a\u2067b', 'ab'],
		['half a character', 'a\ud83d', 'a'],
		['too much', 'a'.repeat(81), 'a'.repeat(80)],
		['too much of two halves each', '👩'.repeat(81), '👩'.repeat(80)],
	])('has no %s; one that was given is tidied', (_, given, tidied) => {
		expect(isName(given)).toBe(false);
		expect(tidyPersonName(given)).toBe(tidied);
	});

	it('is made from any input, and does not change when tidied again', () => {
		const anything = fc.string({ unit: 'binary', maxLength: 200 });
		fc.assert(
			fc.property(anything, (given) => {
				const tidied = tidyPersonName(given);
				expect(personNameSchema.parse(tidied)).toBe(tidied);
				expect(tidyPersonName(tidied)).toBe(tidied);
			}),
		);
	});
});
