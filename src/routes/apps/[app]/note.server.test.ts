import { describe, expect, it } from 'vitest';
import { parseNote } from './note.server';

describe('a note between two steps', () => {
	it('is read at the step it was left for, and nowhere else', () => {
		const note = JSON.stringify({ at: 'recover', identifier: 'alice' });
		expect(parseNote(note, 'recover')).toEqual({ at: 'recover', identifier: 'alice' });
		expect(parseNote(note, 'sign-in')).toBeUndefined();
	});

	it.each([
		'',
		'x',
		'null',
		'[]',
		'{"at":"recover"}',
		'{"at":"recover","identifier":7}',
		`{"at":"recover","identifier":"${'a'.repeat(255)}"}`,
	])('that was altered is ignored: %.40s', (value) => expect(parseNote(value, 'recover')).toBeUndefined());

	it.each(['made/up', 'toString', ''])('holds no unknown refusal: %j', (what) => {
		const told = (named: string) => JSON.stringify({ at: 'told', connector: 'github', what: named });
		expect(parseNote(told('auth/cancelled'), 'told')).toMatchObject({ what: 'auth/cancelled' });
		expect(parseNote(told(what), 'told')).toBeUndefined();
	});
});
