/** Why an outgoing call got no answer. */

/**
 * - `refused`: the guard does not allow the call
 * - `timeout`, `too-large`: a limit was reached
 * - `network`: no such host, connection refused, broken TLS, nonsense instead of HTTP
 */
export type EgressFailureKind = 'refused' | 'timeout' | 'too-large' | 'network';

export class EgressFailure extends Error {
	readonly kind: EgressFailureKind;
	/** The host that was to be reached: for operators, not for end users. */
	readonly host: string;

	constructor(kind: EgressFailureKind, host: string, detail: string) {
		super(`${kind}: ${host}: ${detail}`);
		this.name = 'EgressFailure';
		this.kind = kind;
		this.host = host;
	}
}

/** The failure, with its causes. */
export function causedBy(failure: EgressFailure, cause: unknown): EgressFailure {
	failure.cause = cause;
	return failure;
}

/** The error code of Node or undici, e.g. `ECONNREFUSED`; else the kind of error. */
export function codeOf(error: unknown): string {
	if (!(error instanceof Error)) return 'failed';
	const { code } = error as { code?: unknown };
	return typeof code === 'string' ? code : error.name;
}

/** Finds the guard's own failure inside a library's error. */
export function findEgressFailure(error: unknown, depth = 0): EgressFailure | undefined {
	if (error instanceof EgressFailure) return error;
	if (!(error instanceof Error) || depth > 8) return undefined;
	return findEgressFailure(error.cause, depth + 1);
}
