/** The engines held in memory: the last used ones, each with its app's present keys. */
import { second, type Clock } from '../runtime/clock';
import type { SigningKey } from '../storage/app/signing-keys';
import { makeDocuments, type Document } from './documents';
import { buildEngine, type Engine, type EngineOptions } from './engine';
import type { EngineApp } from './engine-app';
import { fingerprintOf } from './keys/rotation';
import { currentKeys } from './keys/signing-keys';

/** How long an engine is assumed to have the app's present keys; changes in this process count at once. */
const keysBelieved = second;

export interface Held {
	engine: Engine;
	documents: Map<string, Document>;
	checkedAt: number;
}

interface ShelfOptions {
	/** @throws Refusal app/not-found */
	app(id: number): Promise<EngineApp>;
	clock: Clock;
	engine: EngineOptions;
	/** Engines held at a time. */
	keep: number;
}

export class EngineShelf {
	readonly #held = new Map<number, Held>();
	readonly #coming = new Map<number, Promise<Held>>();
	readonly #options: ShelfOptions;
	constructor(options: ShelfOptions) {
		this.#options = options;
	}

	get size(): number {
		return this.#held.size;
	}

	/** The engine with the app's present keys. @throws Refusal app/not-found */
	get(id: number): Held | Promise<Held> {
		const held = this.#held.get(id);
		// A clock that was set back must not prolong this.
		const isBelieved = held && Math.abs(this.#options.clock.now() - held.checkedAt) < keysBelieved;
		return isBelieved ? held : this.#renewOnce(id);
	}

	forget(id: number): void {
		this.#held.delete(id);
		this.#coming.delete(id);
	}

	clear(): void {
		this.#held.clear();
		this.#coming.clear();
	}

	#renewOnce(id: number): Promise<Held> {
		const coming = this.#coming.get(id);
		if (coming) return coming;
		const renewal = this.#renew(id).finally(() => {
			if (this.#coming.get(id) === renewal) this.#coming.delete(id);
		});
		this.#coming.set(id, renewal);
		return renewal;
	}

	async #renew(id: number): Promise<Held> {
		try {
			const app = await this.#options.app(id);
			const keys = await currentKeys(app);
			const held = this.#held.get(id);
			const isSame = held?.engine.app === app && held.engine.keys === fingerprintOf(keys);
			return this.#put(id, isSame ? { ...held, checkedAt: app.clock.now() } : await this.#build(app, keys));
		} catch (error) {
			this.#held.delete(id);
			throw error;
		}
	}

	async #build(app: EngineApp, keys: readonly SigningKey[]): Promise<Held> {
		const engine = buildEngine(app, keys, this.#options.engine);
		return {
			engine,
			documents: await makeDocuments(engine, this.#options.engine.origin),
			checkedAt: app.clock.now(),
		};
	}

	/** Last in the map is last used. Requests under way keep the engine they began with. */
	#put(id: number, held: Held): Held {
		this.#held.delete(id);
		this.#held.set(id, held);
		const [oldest] = this.#held.keys();
		if (this.#held.size > this.#options.keep && oldest !== undefined) this.#held.delete(oldest);
		return held;
	}
}
