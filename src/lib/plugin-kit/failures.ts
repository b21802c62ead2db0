/** How a plugin reports a failure. Anything else it throws counts as `unavailable`. */

/**
 * - `unavailable`: the vendor does not answer, or answers nonsense. Counts towards the circuit breaker.
 * - `refused`: the vendor answered and refuses this ticket, code or recipient.
 * - `cancelled`: the person cancelled at the vendor.
 * - `unserved`: messages there are never sent (`code`: a country that the operator left out).
 * - `config`: the vendor rejects the operator's settings (wrong secret, unknown app).
 */
export type FailureReason = 'unavailable' | 'refused' | 'cancelled' | 'unserved' | 'config';

export class PluginFailure extends Error {
	readonly reason: FailureReason;
	/**
	 * False where the browser reported it, which shows nothing about the vendor's health and must not open the
	 * breaker.
	 */
	readonly counts: boolean;

	/** @param detail for the operator's log: what happened, e.g. the vendor's own code. Never a secret. */
	constructor(reason: FailureReason, detail: string, options?: ErrorOptions & { counts?: boolean }) {
		super(detail, options);
		this.name = 'PluginFailure';
		this.reason = reason;
		this.counts = options?.counts ?? true;
	}
}

interface DeliveryFailure {
	/** Whether trying again later may work. */
	retry: boolean;
	/** True: it certainly did not arrive. False: it may have, so sending again could deliver it twice. */
	certain: boolean;
	/** Seconds that the vendor asks to wait before another try. */
	retryAfter?: number | undefined;
	/** The reason; default `refused`. */
	reason?: FailureReason;
	detail: string;
	cause?: unknown;
}

/** A failure to hand a message over. */
export class DeliveryFailed extends PluginFailure {
	readonly retry: boolean;
	readonly certain: boolean;
	readonly retryAfter: number | undefined;

	constructor(failure: DeliveryFailure) {
		super(failure.reason ?? 'refused', failure.detail, { cause: failure.cause });
		this.name = 'DeliveryFailed';
		this.retry = failure.retry;
		this.certain = failure.certain;
		this.retryAfter = failure.retryAfter;
	}
}
