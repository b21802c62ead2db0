/** Whether a plugin works, as its last calls told. */
export interface PluginHealth {
	/** `open`: the circuit breaker keeps calls away for now. `unknown`: not called since the start. */
	state: 'unknown' | 'ok' | 'failing' | 'open';
	/** The last failure, for operators. */
	detail?: string;
	/** When that was, in ms. */
	at?: number;
}
