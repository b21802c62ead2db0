/**
 * Keeps calls away from a vendor that fails, so that people are told at once instead of after a time-out.
 * Opens after some failures in a row; after a pause one call may try, and its outcome decides.
 */
import type { Clock } from '../runtime/clock';
import type { PluginHealth } from './app-plugins';

export interface BreakerOptions {
	clock: Clock;
	/** Failures in a row that open it; 0: it never opens (a plugin that calls nobody). */
	failures: number;
	/** How long it stays open, in ms. */
	pauseMs: number;
	/** Calls under way at once. */
	concurrency: number;
}

export interface Breaker {
	/** Whether a call may start. Each `true` is followed by exactly one `leave`. */
	enter(): boolean;
	/** @param failure what went wrong with the vendor; undefined when it answered, be it with a no. */
	leave(failure?: string): void;
	health(): PluginHealth;
}

export function createBreaker({ clock, failures, pauseMs, concurrency }: BreakerOptions): Breaker {
	let inARow = 0;
	let underWay = 0;
	let opensAgainAt = 0;
	let trying = false;
	let last: { detail: string; at: number } | undefined;
	let called = false;
	const isOpen = () => failures > 0 && inARow >= failures;
	return {
		enter() {
			if (underWay >= concurrency) return false;
			if (isOpen() && (trying || clock.now() < opensAgainAt)) return false;
			trying = isOpen();
			underWay += 1;
			return true;
		},
		leave(failure) {
			underWay -= 1;
			called = true;
			trying = false;
			inARow = failure === undefined ? 0 : inARow + 1;
			if (failure === undefined) return;
			last = { detail: failure, at: clock.now() };
			if (isOpen()) opensAgainAt = clock.now() + pauseMs;
		},
		health() {
			if (!called) return { state: 'unknown' };
			if (inARow === 0) return { state: 'ok' };
			return { state: isOpen() ? 'open' : 'failing', ...last };
		},
	};
}
