/**
 * Keeps the process of one plugin: started at the first call, ended after a time without calls, started again after
 * it broke. Calls of all apps go to the same process.
 */
import { PluginFailure, type Manifest, type PluginContext } from '../../../plugin-kit';
import type { Clock } from '../../runtime/clock';
import type { PluginHealth } from '../health';
import type { Child } from './child';
import { confinement } from './confinement';
import type { Order } from './messages';
import { openSession } from './open-session';
import { ProcessFailure, type Session } from './session';

export interface RunnerOptions {
	manifest: Manifest;
	/** The approved code, read and compared at each start. @throws {ProcessFailure} when it is not what was approved */
	code(): Promise<string>;
	clock: Clock;
	/** A process without a call for this long is ended. */
	idleMs: number;
}

/** A refusal by the vendor is not a fault of the plugin. */
const isFault = (error: unknown): boolean =>
	!(error instanceof PluginFailure) || (error.reason === 'unavailable' && error.counts);

/** This class does not know the apps' secrets, so the text of a plugin's error is not repeated. */
function detailOf(error: unknown): string {
	if (error instanceof ProcessFailure) return error.message;
	return `a call failed (${error instanceof Error ? error.name : 'no error'})`;
}

export class Runner {
	readonly #options: RunnerOptions;
	readonly #alive = new Set<Child>();
	#opening: Promise<Session> | undefined;
	#session: Session | undefined;
	#idle: NodeJS.Timeout | undefined;
	#health: PluginHealth = { state: 'unknown' };

	constructor(options: RunnerOptions) {
		this.#options = options;
	}

	get health(): PluginHealth {
		return this.#health;
	}

	/** The id of the process that takes calls now. */
	get pid(): number | undefined {
		return this.#session?.child.pid;
	}

	async call(order: Order, context: PluginContext<unknown>): Promise<unknown> {
		try {
			const session = await this.#open();
			clearTimeout(this.#idle);
			const value = await session.call(order, context);
			this.#health = { state: 'ok' };
			return value;
		} catch (error) {
			this.#health = isFault(error)
				? { state: 'failing', detail: detailOf(error), at: this.#options.clock.now() }
				: { state: 'ok' };
			throw error;
		}
	}

	/** Ends its processes; resolves when they are gone. */
	async stop(detail: string): Promise<void> {
		const opening = this.#opening;
		this.#forget();
		await opening?.catch(() => undefined);
		const alive = [...this.#alive];
		for (const child of alive) child.kill(detail);
		await Promise.all(alive.map(({ ended }) => ended));
	}

	async #open(): Promise<Session> {
		this.#opening ??= this.#start();
		const opening = this.#opening;
		try {
			const session = await opening;
			if (session.over) throw new ProcessFailure('its process ended');
			if (this.#opening === opening) this.#session = session;
			return session;
		} catch (error) {
			if (this.#opening === opening) this.#forget();
			throw error;
		}
	}

	async #start(): Promise<Session> {
		const { manifest, code } = this.#options;
		const [walls, source] = await Promise.all([confinement(), code()]);
		return openSession({
			manifest,
			walls,
			source,
			started: (child) => this.#alive.add(child),
			ended: (child) => this.#alive.delete(child),
			ends: (session) => ({
				over: () => session === this.#session && this.#forget(),
				idle: () => this.#rest(session),
			}),
		});
	}

	#rest(session: Session): void {
		clearTimeout(this.#idle);
		this.#idle = setTimeout(() => session.retire(), this.#options.idleMs);
		this.#idle.unref();
	}

	#forget(): void {
		this.#opening = undefined;
		this.#session = undefined;
		clearTimeout(this.#idle);
	}
}
