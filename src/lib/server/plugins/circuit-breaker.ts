/**
 * Blocks calls to a vendor that fails, so that people get an error at once instead of after a time-out.
 * Opens after some failures in a row; after a pause one call may try, and its outcome decides.
 */
import type { Clock } from '../runtime/clock';
import type { PluginFailure } from '../../plugin-kit';
import type { HealthNews, PluginHealth } from './health';

export interface BreakerOptions {
	clock: Clock;
	/** Failures in a row that open it; 0: it never opens (a plugin that calls no vendor). */
	failures: number;
	/** How long it stays open, in ms. */
	pauseMs: number;
	/** Calls under way at once. */
	concurrency: number;
	/** A listener for changes. Never called where the breaker never opens. */
	onNews?: (news: HealthNews) => void;
}

/** What a call showed about the vendor: a failure; that it answered, even with a refusal; or nothing. */
export type CallOutcome = Pick<PluginFailure, 'message' | 'reason'> | 'answered' | 'says-nothing';

export interface Breaker {
	/** Whether a call may start. Each `true` is followed by exactly one `leave`. */
	enter(): boolean;
	leave(outcome: CallOutcome): void;
	health(): PluginHealth;
}

/** For a call that an operator asks for: it is made in spite of earlier failures, and is not counted. */
export const breakerThatStaysClosed = (clock: Clock): Breaker =>
	createBreaker({ clock, failures: 0, pauseMs: 0, concurrency: Infinity });

export function createBreaker(options: BreakerOptions): Breaker {
	const { clock, failures, pauseMs, concurrency, onNews } = options;
	let inARow = 0;
	let underWay = 0;
	let opensAgainAt = 0;
	let trying = false;
	let last: { detail: string; at: number } | undefined;
	let called = false;
	let since = 0;
	let isKnownToWork = failures === 0;
	const isOpen = () => failures > 0 && inARow >= failures;
	const failed = ({ message, reason }: Pick<PluginFailure, 'message' | 'reason'>) => {
		const now = clock.now();
		if (inARow === 0) since = now;
		inARow += 1;
		last = { detail: message, at: now };
		if (!isOpen()) return;
		opensAgainAt = now + pauseMs;
		isKnownToWork = false;
		onNews?.({ state: 'open', since, reason });
	};
	const succeeded = () => {
		inARow = 0;
		if (isKnownToWork) return;
		isKnownToWork = true;
		onNews?.({ state: 'works' });
	};
	return {
		enter() {
			if (underWay >= concurrency) return false;
			if (isOpen() && (trying || clock.now() < opensAgainAt)) return false;
			trying = isOpen();
			underWay += 1;
			return true;
		},
		leave(outcome) {
			underWay -= 1;
			trying = false;
			if (outcome === 'says-nothing') return;
			called = true;
			if (outcome === 'answered') succeeded();
			else failed(outcome);
		},
		health() {
			if (!called) return { state: 'unknown' };
			if (inARow === 0) return { state: 'ok' };
			return { state: isOpen() ? 'open' : 'failing', ...last };
		},
	};
}
