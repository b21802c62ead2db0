/**
 * One call of one plugin function: limited in time, counted by the breaker, its answer checked, its failure turned
 * into a coded refusal. No error of a plugin gets past this file.
 */
import type { z } from 'zod';
import { Refusal, type ErrorCode } from '../../contract/errors';
import {
	PluginFailure,
	type FailureReason,
	type Kind,
	type Plugin,
	type PluginContext,
} from '../../plugin-kit';
import type { Breaker, CallOutcome } from './circuit-breaker';
import { PluginFault } from './plugin-fault';
import { findEgressFailure, type EgressFailure } from './egress/failure';
import type { Scrubber } from './scrub';

/** Which function to call. */
export interface Part<T> {
	/** `<plugin>.<kind>.<function>`, for the log. */
	name: string;
	run(plugin: Plugin, context: PluginContext<unknown>): unknown;
	/** The schema of the answer. */
	schema: z.ZodType<T>;
}

/** Everything that one call needs, made by the host. */
export interface Call<T> extends Part<T> {
	timeoutMs: number;
	breaker: Breaker;
	scrubber: Scrubber;
	load(): Promise<Plugin>;
	context(plugin: Plugin, signal: AbortSignal): PluginContext<unknown>;
	/** Whether the vendor was called by now; always true for a plugin that has none. */
	hasAsked(): boolean;
}

const codes: Record<FailureReason, ErrorCode> = {
	unavailable: 'plugin/provider-unavailable',
	config: 'plugin/provider-unavailable',
	refused: 'auth/not-accepted',
	cancelled: 'auth/cancelled',
	unserved: 'auth/number-not-served',
};

/** Kinds whose refusals are about what the person typed, and not about a vendor's answer. */
const typed: readonly Kind[] = ['secret', 'code'];

/** A call that did not succeed: the kit's failure if the plugin threw one, and the error code for the client. */
export class CallFailed extends Error {
	readonly failure: PluginFailure;
	readonly egress: EgressFailure | undefined;

	constructor(name: string, failure: PluginFailure) {
		super(`${name}: ${failure.message}`, { cause: failure });
		this.failure = failure;
		this.egress = findEgressFailure(failure);
	}

	/** The detail is for the log; the causes stay here, as they have not been scrubbed. */
	toRefusal(kind: Kind): Refusal {
		const { reason } = this.failure;
		const code = reason === 'refused' && typed.includes(kind) ? 'auth/code-invalid' : codes[reason];
		return new Refusal(code, { detail: this.message });
	}
}

/** One object for all calls: making an error with its stack takes as long as the rest of a call. */
const over = new DOMException('the call is over', 'AbortError');

async function within<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
	const controller = new AbortController();
	let timer: NodeJS.Timeout | undefined;
	const timeUp = new Promise<never>((_, reject) => {
		timer = setTimeout(() => {
			reject(new PluginFault(`no answer within ${timeoutMs} ms`));
		}, timeoutMs);
	});
	const working = work(controller.signal);
	// A plugin whose call timed out may still fail later: that failure is ignored.
	working.catch(() => undefined);
	try {
		return await Promise.race([working, timeUp]);
	} finally {
		clearTimeout(timer);
		// Whatever the plugin left open ends with the call.
		controller.abort(over);
	}
}

/** Keeps the kit's failures, with their text scrubbed; turns every other error into one. */
function failureOf(error: unknown, scrubber: Scrubber): PluginFailure {
	if (error instanceof PluginFailure) {
		error.message = scrubber.text(error.message);
		return error;
	}
	const egress = findEgressFailure(error);
	const text =
		egress?.message ?? (error instanceof Error ? `threw ${error.name}: ${error.message}` : 'threw no error');
	return new PluginFault(scrubber.text(text), { cause: egress });
}

/**
 * What a call shows about the vendor. A call that never reached it shows nothing, good or bad: a browser may return
 * with any input, any number of times, and must neither open nor close the breaker.
 */
function outcomeOf(failure: PluginFailure | undefined, hasAsked: boolean): CallOutcome {
	if (failure instanceof PluginFault) return failure;
	if (!hasAsked || failure?.counts === false) return 'says-nothing';
	return failure && ['unavailable', 'config'].includes(failure.reason) ? failure : 'answered';
}

async function attempt<T>(call: Call<T>): Promise<T> {
	const answer = await within(call.timeoutMs, async (signal) => {
		const plugin = await call.load();
		return call.run(plugin, call.context(plugin, signal));
	});
	const result = call.schema.safeParse(answer);
	if (result.success) return result.data;
	const fields = result.error.issues.map((issue) => issue.path.join('.') || 'answer').join(', ');
	throw new PluginFault(`answered in an unexpected shape: ${fields}`);
}

/** @throws {CallFailed} */
export async function callPlugin<T>(call: Call<T>): Promise<T> {
	const { breaker, scrubber } = call;
	if (!breaker.enter()) throw new CallFailed(call.name, new BreakerOpen());
	let failure: PluginFailure | undefined;
	try {
		return await attempt(call);
	} catch (error) {
		failure = failureOf(error, scrubber);
		throw new CallFailed(call.name, failure);
	} finally {
		breaker.leave(outcomeOf(failure, call.hasAsked()));
	}
}

/** The breaker was open, so the call was not made. */
export class BreakerOpen extends PluginFailure {
	constructor() {
		super('unavailable', 'not called: it failed too often just now, or too many calls are under way');
	}
}
