import { describe, expect, it } from 'vitest';
import { editedFields, editedList, isListEdited } from './edited';

describe('what a person changed in a form', () => {
	it('is what differs from the values shown', () => {
		const drawn = { name: 'A', on: false, list: ['x'] };
		expect(editedFields(drawn, { name: 'A', on: false, list: ['x'] })).toEqual({});
		expect(editedFields(drawn, { name: 'B', on: true, list: ['x', 'y'] })).toEqual({
			name: 'B',
			on: true,
			list: ['x', 'y'],
		});
	});

	it.each([
		['added', ['a'], { drawn: ['a'], typed: ['a', 'b'] }, ['a', 'b']],
		['taken away', ['a', 'b'], { drawn: ['a', 'b'], typed: ['b'] }, ['b']],
		['taken away elsewhere', ['a'], { drawn: ['a', 'b'], typed: ['a', 'b', 'c'] }, ['a', 'c']],
		['added elsewhere', ['a', 'z'], { drawn: ['a'], typed: [] }, ['z']],
		['added here and elsewhere', ['a', 'z'], { drawn: ['a'], typed: ['z', 'a'] }, ['a', 'z']],
	])('in a list: what was %s', (_, now, edit, after) => {
		expect(isListEdited(edit)).toBe(true);
		expect(editedList(now, edit)).toEqual(after);
	});

	it('does not include another order of a list', () =>
		expect(isListEdited({ drawn: ['a', 'b'], typed: ['b', 'a'] })).toBe(false));
});
