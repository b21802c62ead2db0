/**
 * The calls of one process: which are under way, what each asks of the host, and when to end the process. Every
 * message belongs to a call and counts against its budget.
 */
import { readFile } from 'node:fs/promises';
import { DeliveryFailed, PluginFailure, type PluginContext } from '../../../plugin-kit';
import { codeOf, findEgressFailure } from '../egress/failure';
import { PluginFault } from '../plugin-fault';
import type { Child } from './child';
import { httpRequestSchema, type FromChild, type Order, type Refused, type ToldFailure } from './messages';

/** The most requests and log lines of one call, and messages that no longer belong to a call. */
const budget = 200;
/** How long a plugin may take to stop. */
const graceMs = 1000;
const watchMs = 250;
/** The most memory that a plugin may use, in KB. */
const mostMemory = 384 * 1024;

interface Pending {
	context: PluginContext<unknown>;
	left: number;
	/** Errors of its requests, by number. */
	failures: Map<number, unknown>;
	resolve(value: unknown): void;
	reject(error: unknown): void;
}

export interface SessionEnds {
	/** Called once, when no new call should come here: the process hangs, or is gone. */
	over(): unknown;
	/** No call is under way any more. */
	idle(): unknown;
	/** Names that the manifest declares. */
	endpoints: readonly string[];
}

/** A failure that the host itself noticed; its text contains no secrets. */
export class ProcessFailure extends PluginFault {}

const cut = (text: string, length: number) => (text.length > length ? `${text.slice(0, length)}…` : text);

/** The endpoints that have an address now: `address` in the plugin is synchronous, so it cannot ask the host. */
function addressesOf(
	endpoints: readonly string[],
	{ address }: PluginContext<unknown>,
): Record<string, string> {
	const known = endpoints.flatMap((name): [string, string][] => {
		try {
			return [[name, address(name)]];
		} catch {
			return [];
		}
	});
	return Object.fromEntries(known);
}

/** What a plugin is told about a failed request through the host. */
function refusedOf(error: unknown): Refused {
	const links: { code?: string; kind?: string }[] = [];
	for (let each = error; each instanceof Error && links.length < 5; each = each.cause) {
		const kind = findEgressFailure(each) === each ? (each as { kind?: string }).kind : undefined;
		links.push({ code: codeOf(each), ...(kind ? { kind } : {}) });
	}
	const known = error instanceof PluginFailure ? error : undefined;
	return {
		reason: known?.reason === 'config' ? 'config' : 'unavailable',
		message: cut(known?.message ?? 'the request could not be made', 400),
		links: links.slice(1),
	};
}

/** The kit's failure, as the plugin threw it in its own process. */
function failureOf(told: ToldFailure, cause?: unknown): Error {
	const { name, message, reason, counts, retry, certain, retryAfter } = told;
	if (name === 'DeliveryFailed' && retry !== undefined && certain !== undefined)
		return new DeliveryFailed({
			retry,
			certain,
			retryAfter,
			reason: reason ?? 'refused',
			detail: message,
			cause,
		});
	if (reason) return new PluginFailure(reason, message, { cause, counts: counts ?? true });
	return Object.assign(new Error(message, { cause }), { name });
}

async function memoryOf(pid: number): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
	return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
}

export class Session {
	readonly child: Child;
	readonly #ends: SessionEnds;
	readonly #pending = new Map<number, Pending>();
	/** Calls that the host has given up and the plugin has not. */
	readonly #abandoned = new Map<number, NodeJS.Timeout>();
	#calls = 0;
	#stray = 0;
	#retired = false;
	/** Aborts that the process has acknowledged: it still reacts. */
	readonly #answersAborts = new Set<number>();
	#watch: NodeJS.Timeout | undefined;

	constructor(child: Child, ends: SessionEnds) {
		this.child = child;
		this.#ends = ends;
	}

	get busy(): boolean {
		return this.#pending.size > 0;
	}

	/** Takes no new calls. */
	get over(): boolean {
		return this.#retired;
	}

	call(order: Order, context: PluginContext<unknown>): Promise<unknown> {
		const call = ++this.#calls;
		return new Promise<unknown>((resolve, reject) => {
			const stop = () => this.#abandon(call);
			const settle = <T>(how: (value: T) => void) => {
				return (value: T) => {
					context.signal.removeEventListener('abort', stop);
					this.#settled(call);
					how(value);
				};
			};
			this.#pending.set(call, {
				context,
				left: budget,
				failures: new Map(),
				resolve: settle(resolve),
				reject: settle(reject),
			});
			context.signal.addEventListener('abort', stop, { once: true });
			this.#startWatch();
			this.child.send({
				type: 'call',
				call,
				...order,
				config: context.config as never,
				locale: context.locale,
				now: context.now(),
				addresses: addressesOf(this.#ends.endpoints, context),
			});
		});
	}

	take(message: Exclude<FromChild, { type: 'loaded' | 'broken' | 'crashed' }>): void {
		if (message.type === 'aborted' && this.#abandoned.has(message.call))
			return void this.#answersAborts.add(message.call);
		const pending = this.#pending.get(message.call);
		if (!pending || message.type === 'aborted') return this.#takeStray(message);
		if (message.type === 'result') return pending.resolve(message.value);
		if (message.type === 'failure')
			return pending.reject(failureOf(message, pending.failures.get(message.request ?? -1)));
		pending.left -= 1;
		if (pending.left < 0) return this.child.kill(`asked for more than ${budget} things in one call`);
		if (message.type === 'log') return this.#log(pending, message);
		void this.#http(pending, message);
	}

	/** The process has ended. */
	gone(detail: string): void {
		this.retire();
		for (const timer of this.#abandoned.values()) clearTimeout(timer);
		this.#abandoned.clear();
		for (const { reject } of [...this.#pending.values()]) reject(new ProcessFailure(detail));
	}

	/** Takes no new calls, and ends the process when those under way are done. */
	retire(): void {
		if (this.#retired) return;
		this.#retired = true;
		this.#ends.over();
		if (!this.busy) this.child.kill('was replaced');
	}

	#takeStray(message: FromChild & { call: number }): void {
		if (message.type === 'result' || message.type === 'failure') {
			clearTimeout(this.#abandoned.get(message.call));
			this.#abandoned.delete(message.call);
			this.#answersAborts.delete(message.call);
		}
		this.#stray += 1;
		if (this.#stray > budget) this.child.kill('sent messages that belong to no call');
	}

	#log({ context }: Pending, { level, message, fields }: Extract<FromChild, { type: 'log' }>): void {
		const small = fields !== undefined && (JSON.stringify(fields)?.length ?? 0) <= 4000;
		const isRecord = small && typeof fields === 'object' && fields !== null && !Array.isArray(fields);
		context.log[level](cut(message, 2000), isRecord ? (fields as Record<string, unknown>) : {});
	}

	async #http(pending: Pending, { request, endpoint, options }: Extract<FromChild, { type: 'http' }>) {
		try {
			const parsed = httpRequestSchema.safeParse(options);
			if (!parsed.success) {
				const fields = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
				throw new PluginFailure('config', `not a request: ${fields}`);
			}
			const value = await pending.context.http(endpoint, parsed.data);
			this.child.send({ type: 'reply', request, value });
		} catch (error) {
			pending.failures.set(request, error);
			this.child.send({ type: 'reply', request, failure: refusedOf(error) });
		}
	}

	#settled(call: number): void {
		this.#pending.delete(call);
		this.#stray = 0;
		if (this.busy) return;
		clearInterval(this.#watch);
		this.#watch = undefined;
		if (this.#retired) this.child.kill('was replaced');
		else this.#ends.idle();
	}

	/**
	 * Gives a call up after its time. A plugin that stops on the signal goes on; one that does not react is ended.
	 */
	#abandon(call: number): void {
		this.child.send({ type: 'abort', call });
		const timer = setTimeout(() => {
			this.#abandoned.delete(call);
			if (!this.#answersAborts.delete(call)) this.child.kill('hung and was ended');
			else this.retire();
		}, graceMs);
		timer.unref();
		this.#abandoned.set(call, timer);
		this.#pending.get(call)?.reject(new ProcessFailure('no answer in time'));
	}

	#startWatch(): void {
		if (this.#watch || process.platform !== 'linux') return;
		this.#watch = setInterval(() => {
			void memoryOf(this.child.pid).then((size) => {
				if (size > mostMemory) this.child.kill('took too much memory and was ended');
			});
		}, watchMs);
		this.#watch.unref();
	}
}
