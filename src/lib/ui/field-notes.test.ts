import { describe, expect, it } from 'vitest';
import { describedBy, firstError } from './field-notes';

describe('firstError', () => {
	it('takes a text or the first of a list', () => {
		expect(firstError('no')).toBe('no');
		expect(firstError(['no', 'never'])).toBe('no');
	});

	it('is undefined when there is none', () => {
		expect(firstError(undefined)).toBeUndefined();
		expect(firstError('')).toBeUndefined();
		expect(firstError([])).toBeUndefined();
	});
});

describe('describedBy', () => {
	it('points at what is there, the hint first', () => {
		expect(describedBy('name', { hint: 'h', error: ['e'] })).toBe('name-hint name-error');
		expect(describedBy('name', { hint: 'h' })).toBe('name-hint');
		expect(describedBy('name', { error: 'e' })).toBe('name-error');
	});

	it('leaves the attribute out when nothing is there', () => {
		expect(describedBy('name', {})).toBeUndefined();
		expect(describedBy('name', { hint: '', error: [] })).toBeUndefined();
	});
});
