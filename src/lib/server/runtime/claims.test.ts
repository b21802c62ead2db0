import { expect, it } from 'vitest';
import { TestClock } from '../../../../tests/appliance-under-test';
import { createClaims } from './claims';

it('gives a name to the first caller, and forgets it when it expires', () => {
	const [clock, claims] = [new TestClock(), createClaims(1000)];
	expect(claims.take('a', clock)).toBe(true);
	expect(claims.take('a', clock)).toBe(false);
	clock.move(600);
	expect(claims.take('b', clock)).toBe(true);
	clock.move(400);
	expect(claims.take('b', clock)).toBe(false);
	expect(claims.take('a', clock)).toBe(true);
});
