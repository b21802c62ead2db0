import type { FailureReason } from '../../plugin-kit';

/** Whether a plugin works, by its last calls. */
export interface PluginHealth {
	/** `open`: the circuit breaker blocks calls for now. `unknown`: not called since the start. */
	state: 'unknown' | 'ok' | 'failing' | 'open';
	/** The last failure, for operators. */
	detail?: string;
	/** When that was, in ms. */
	at?: number;
}

/** Called each time the breaker opens, and for the first success after that or after a start. */
export type HealthNews =
	| {
			state: 'open';
			/** The first of the failures in a row, ms. */
			since: number;
			reason: FailureReason;
	  }
	| { state: 'works' };

export type HealthListener = (plugin: string, news: HealthNews) => void;
