import { describe, expect, it } from 'vitest';
import { createBreaker } from './circuit-breaker';

function breaker(options: Partial<Parameters<typeof createBreaker>[0]> = {}) {
	let now = 0;
	const made = createBreaker({
		clock: { now: () => now },
		failures: 3,
		pauseMs: 100,
		concurrency: 4,
		...options,
	});
	const call = (failure?: string) => {
		if (!made.enter()) return false;
		made.leave(failure);
		return true;
	};
	return { ...made, call, pass: (ms: number) => void (now += ms) };
}

describe('a breaker', () => {
	it('opens after failures in a row only', () => {
		const { call } = breaker();
		call('no');
		call('no');
		call();
		call('no');
		call('no');
		expect(call('no')).toBe(true);
		expect(call()).toBe(false);
	});

	it('after the pause one call may try; its failure opens it again, its success closes it', () => {
		const { call, enter, leave, pass } = breaker();
		for (let round = 0; round < 3; round += 1) call('no');
		pass(99);
		expect(enter()).toBe(false);
		pass(1);
		expect([enter(), enter()]).toEqual([true, false]);
		leave('still no');
		expect(enter()).toBe(false);
		pass(100);
		expect(enter()).toBe(true);
		leave();
		expect([enter(), enter()]).toEqual([true, true]);
	});

	it('lets so many calls run at once and no more', () => {
		const { enter, leave } = breaker({ concurrency: 2 });
		expect([enter(), enter(), enter()]).toEqual([true, true, false]);
		leave();
		expect(enter()).toBe(true);
	});

	it('never opens for a plugin that calls nobody', () => {
		const { call } = breaker({ failures: 0 });
		for (let round = 0; round < 50; round += 1) expect(call('no')).toBe(true);
	});

	it('tells how it stands', () => {
		const { call, health, pass } = breaker();
		expect(health()).toEqual({ state: 'unknown' });
		pass(7);
		call('first');
		expect(health()).toEqual({ state: 'failing', detail: 'first', at: 7 });
		call('second');
		call('third');
		expect(health()).toMatchObject({ state: 'open', detail: 'third' });
		pass(100);
		call();
		expect(health()).toEqual({ state: 'ok' });
	});

	it('a late success of a call begun before the opening closes it', () => {
		const { call, enter, leave } = breaker();
		enter();
		for (let round = 0; round < 3; round += 1) call('no');
		leave();
		expect(call()).toBe(true);
	});
});
