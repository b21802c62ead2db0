/**
 * One call of one plugin function: fenced in time, counted by the breaker, its answer checked, its failure
 * turned into a coded refusal. Nothing a plugin does reaches further than this file.
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
	/** What the answer must look like. */
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

/** Where a refusal speaks of what somebody typed, and not of what a vendor gave. */
const typed: readonly Kind[] = ['secret', 'code'];

/** A call that did not succeed: the kit's failure if the plugin threw one, and what a door may answer. */
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

/** One for all calls: to make one, with its stack, takes as long as the rest of a call. */
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
	// A plugin that is given up may still fail later: nobody waits for that any more.
	working.catch(() => undefined);
	try {
		return await Promise.race([working, timeUp]);
	} finally {
		clearTimeout(timer);
		// Whatever the plugin left open ends with the call.
		controller.abort(over);
	}
}

/** Keeps the kit's failures, with their text scrubbed; makes one of everything else. */
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
 * What a call says of the vendor. One that never called it says nothing, good or bad: a browser may come back with
 * any words, as often as somebody likes, and must neither close a way in nor declare it repaired.
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

/** The call was not made at all. */
export class BreakerOpen extends PluginFailure {
	constructor() {
		super('unavailable', 'not called: it failed too often just now, or too many calls are under way');
	}
}
