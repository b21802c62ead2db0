import type { FailureReason } from '../../plugin-kit';

/** Whether a plugin works, as its last calls told. */
export interface PluginHealth {
	/** `open`: the circuit breaker keeps calls away for now. `unknown`: not called since the start. */
	state: 'unknown' | 'ok' | 'failing' | 'open';
	/** The last failure, for operators. */
	detail?: string;
	/** When that was, in ms. */
	at?: number;
}

/** Told as it happens: each time that calls begin to be kept away, and of the first success after that or after a start. */
export type HealthNews =
	| {
			state: 'open';
			/** The first of the failures in a row, ms. */
			since: number;
			reason: FailureReason;
	  }
	| { state: 'works' };

export type HealthListener = (plugin: string, news: HealthNews) => void;
