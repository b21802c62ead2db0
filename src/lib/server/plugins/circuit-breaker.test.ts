import { describe, expect, it } from 'vitest';
import { PluginFailure } from '../../plugin-kit';
import { createBreaker } from './circuit-breaker';
import type { HealthNews } from './health';

const down = (detail: string) => new PluginFailure('unavailable', detail);

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
		made.leave(failure === undefined ? 'answered' : down(failure));
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

	it('lets one call try after the pause; its failure opens it again, its success closes it', () => {
		const { call, enter, leave, pass } = breaker();
		for (let round = 0; round < 3; round += 1) call('no');
		pass(99);
		expect(enter()).toBe(false);
		pass(1);
		expect([enter(), enter()]).toEqual([true, false]);
		leave(down('still no'));
		expect(enter()).toBe(false);
		pass(100);
		expect(enter()).toBe(true);
		leave('answered');
		expect([enter(), enter()]).toEqual([true, true]);
	});

	it('limits how many calls run at once', () => {
		const { enter, leave } = breaker({ concurrency: 2 });
		expect([enter(), enter(), enter()]).toEqual([true, true, false]);
		leave('answered');
		expect(enter()).toBe(true);
	});

	it('never opens for a plugin that calls no vendor', () => {
		const { call } = breaker({ failures: 0 });
		for (let round = 0; round < 50; round += 1) expect(call('no')).toBe(true);
	});

	it('reports its state', () => {
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

	it('is not changed by a call that shows nothing about the vendor', () => {
		const { call, enter, leave, health, pass } = breaker();
		const sayNothing = () => {
			expect(enter()).toBe(true);
			leave('says-nothing');
		};
		sayNothing();
		expect(health()).toEqual({ state: 'unknown' });
		for (let round = 0; round < 3; round += 1) {
			call('no');
			if (round < 2) sayNothing();
		}
		expect(call()).toBe(false);
		pass(100);
		sayNothing();
		expect(health()).toMatchObject({ state: 'open' });
		expect(call('still no')).toBe(true);
		expect(call()).toBe(false);
	});

	it('is closed by a late success of a call begun before it opened', () => {
		const { call, enter, leave } = breaker();
		enter();
		for (let round = 0; round < 3; round += 1) call('no');
		leave('answered');
		expect(call()).toBe(true);
	});

	describe('a breaker with a listener', () => {
		const listening = (options: Parameters<typeof breaker>[0] = {}) => {
			const news: HealthNews[] = [];
			return { news, ...breaker({ ...options, onNews: (each) => news.push(each) }) };
		};

		it('reports that it opened, since when and why, and again when a try fails', () => {
			const { news, call, enter, leave, pass } = listening();
			pass(7);
			call('first');
			pass(5);
			call('second');
			expect(news).toEqual([]);
			enter();
			leave(new PluginFailure('config', 'wrong secret'));
			expect(news).toEqual([{ state: 'open', since: 7, reason: 'config' }]);
			call('kept away');
			expect(news).toHaveLength(1);
			pass(100);
			call('still');
			expect(news.at(-1)).toEqual({ state: 'open', since: 7, reason: 'unavailable' });
			expect(news).toHaveLength(2);
		});

		it('reports that the plugin works, at the first success ever and after it was open only', () => {
			const { news, call, pass } = listening();
			call();
			call();
			call('once');
			call();
			expect(news).toEqual([{ state: 'works' }]);
			for (let round = 0; round < 3; round += 1) call('no');
			pass(100);
			call();
			call();
			expect(news.map(({ state }) => state)).toEqual(['works', 'open', 'works']);
		});

		it('reports nothing where it never opens', () => {
			const { news, call } = listening({ failures: 0 });
			for (let round = 0; round < 9; round += 1) call(round % 2 ? 'no' : undefined);
			expect(news).toEqual([]);
		});
	});
});
