/**
 * Slows guessing down. Failures are counted in the database, so that a restart forgets nothing and processes share
 * one count; tries under way count as failures until their outcome is known, so that making many at once does not
 * help. Success costs no write. A limit that is reached is written into the audit log.
 */
import type { IRateLimiterOptions } from 'rate-limiter-flexible';
import RateLimiterRes from 'rate-limiter-flexible/lib/RateLimiterRes.js';
import RateLimiterStoreAbstract from 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js';
import { Refusal } from '../../contract/errors';
import type { Clock } from '../runtime/clock';
import type { SharedRepositories } from '../storage/shared/repositories';
import type { Counter } from '../storage/shared/rate-limits';

interface LimitStore {
	readonly read: Pick<SharedRepositories, 'rateLimits'>;
	write<T>(work: (repositories: Pick<SharedRepositories, 'rateLimits' | 'audit'>) => Promise<T>): Promise<T>;
}

/** One rule: at most `points` failures of a key in `seconds`. */
export interface LimitRule {
	readonly name: string;
	readonly points: number;
	readonly seconds: number;
}

/** The rules that a try counts under, each with its key. */
export type LimitKeys = readonly (readonly [rule: LimitRule, key: string])[];

/** A repeated action that is limited. */
export interface Tries {
	on: LimitKeys;
	/** The client, for the audit log. */
	by: { address: string; requestId: string };
	/** The object of the action, for the audit log: `kind:id`. */
	target?: string;
}

export interface Limiter {
	/** Runs `work`; when it throws a Refusal for which `counts` is true, the try counts as a failure. @throws Refusal auth/too-many-attempts */
	guard<T>(tries: Tries, work: () => Promise<T>, counts?: (refusal: Refusal) => boolean): Promise<T>;
	/**
	 * Counts one use whatever its outcome (a code sent, an account made). `work`, where given, runs meanwhile, so
	 * that what it writes and the count may be one commit. @throws Refusal auth/too-many-attempts before the count
	 * and the work
	 */
	spend(tries: Tries): Promise<void>;
	spend<T>(tries: Tries, work: () => Promise<T>): Promise<T>;
	/** Forgets what was counted for a key. */
	forget(rule: LimitRule, key: string): Promise<void>;
}

class CountingLimiter extends RateLimiterStoreAbstract {
	readonly #store: LimitStore;
	readonly #clock: Clock;
	constructor(store: LimitStore, clock: Clock, options: IRateLimiterOptions) {
		super(options);
		this.#store = store;
		this.#clock = clock;
	}
	protected _get(key: string): Promise<Counter | undefined> {
		return this.#store.read.rateLimits.find(key, this.#clock.now());
	}
	protected _upsert(
		...[key, points, duration, replace]: [key: string, points: number, duration: number, replace: boolean]
	): Promise<Counter> {
		const expiresAt = this.#clock.now() + duration;
		return this.#store.write(async (tx) => {
			if (!replace) return tx.rateLimits.add(key, points, { expiresAt, now: this.#clock.now() });
			await tx.rateLimits.set(key, points, expiresAt);
			return { points, expiresAt };
		});
	}
	protected _delete(key: string): Promise<boolean> {
		return this.#store.write((tx) => tx.rateLimits.delete(key));
	}
	protected _getRateLimiterRes(_key: string, changed: number, counter: Counter): RateLimiterRes {
		const left = Math.max(0, counter.expiresAt - this.#clock.now());
		return new RateLimiterRes(
			Math.max(0, this.points - counter.points),
			left,
			counter.points,
			counter.points === changed,
		);
	}
}

function refuse(milliseconds: number): never {
	throw new Refusal('auth/too-many-attempts', {
		params: { seconds: Math.max(1, Math.ceil(milliseconds / 1000)) },
	});
}

/** Tries under way in this process. Each of them may still fail, so those that come later count it as a failure. */
class UnderWay {
	readonly #counts = new Map<string, number>();

	/** @returns how many were under way before this one, per key */
	enter(keys: LimitKeys): number[] {
		const ahead = keys.map(([rule, key]) => this.#counts.get(nameOf(rule, key)) ?? 0);
		this.#move(keys, 1);
		return ahead;
	}

	leave(keys: LimitKeys): void {
		this.#move(keys, -1);
	}

	#move(keys: LimitKeys, by: number): void {
		for (const [rule, key] of keys) {
			const name = nameOf(rule, key);
			const count = (this.#counts.get(name) ?? 0) + by;
			if (count > 0) this.#counts.set(name, count);
			else this.#counts.delete(name);
		}
	}
}

const nameOf = (rule: LimitRule, key: string) => `${rule.name}:${key}`;

const markOf = (rule: LimitRule, key: string) => `reached:${nameOf(rule, key)}`;

/**
 * Writes into the audit log that a limit was reached: once for each key and window.
 * The mark that says so is a counter with the life of the window, so processes share it.
 */
function reachedNotes(store: LimitStore, clock: Clock) {
	return async (
		{ rule, key, left }: { rule: LimitRule; key: string; left: number },
		{ by, target = '' }: Tries,
	): Promise<void> => {
		const at = clock.now();
		const mark = markOf(rule, key);
		if (await store.read.rateLimits.find(mark, at)) return;
		const note = store.write(async (tx) => {
			const { points } = await tx.rateLimits.add(mark, 1, { now: at, expiresAt: at + left });
			if (points > 1) return;
			await tx.audit.add({
				at,
				action: 'limit.reached',
				outcome: 'refused',
				actor: { kind: 'nobody', id: '' },
				target,
				address: by.address,
				requestId: by.requestId,
				detail: { limit: rule.name, most: rule.points, seconds: rule.seconds },
			});
		});
		await note.catch((error: unknown) => {
			// Where nothing can be written (a full disk), the try is refused all the same.
			if (!(error instanceof Refusal)) throw error;
		});
	};
}

export function createLimiter(store: LimitStore, clock: Clock): Limiter {
	const limiters = new Map<string, CountingLimiter>();
	const noteReached = reachedNotes(store, clock);
	const underWay = new UnderWay();
	const limiterOf = (rule: LimitRule): CountingLimiter => {
		const known = limiters.get(rule.name);
		if (known) return known;
		const made = new CountingLimiter(store, clock, {
			keyPrefix: rule.name,
			points: rule.points,
			duration: rule.seconds,
		});
		limiters.set(rule.name, made);
		return made;
	};
	const check = async (tries: Tries, ahead: readonly number[]): Promise<void> => {
		for (const [index, [rule, key]] of tries.on.entries()) {
			const counted = await limiterOf(rule).get(key);
			const consumed = counted?.consumedPoints ?? 0;
			if (consumed >= rule.points) {
				const left = counted?.msBeforeNext ?? rule.seconds * 1000;
				await noteReached({ rule, key, left }, tries);
				refuse(left);
			}
			if (consumed + (ahead[index] ?? 0) >= rule.points) refuse(1000);
		}
	};
	const count = async (keys: LimitKeys): Promise<void> => {
		await Promise.all(keys.map(([rule, key]) => limiterOf(rule).penalty(key)));
	};
	const within = async <T>(tries: Tries, work: () => Promise<T>): Promise<T> => {
		const ahead = underWay.enter(tries.on);
		try {
			await check(tries, ahead);
			return await work();
		} finally {
			underWay.leave(tries.on);
		}
	};
	return {
		guard: (tries, work, counts = () => true) =>
			within(tries, () =>
				work().catch(async (error: unknown) => {
					if (error instanceof Refusal && counts(error)) await count(tries.on);
					throw error;
				}),
			),
		spend: <T>(tries: Tries, work?: () => Promise<T>) =>
			within(tries, async () => {
				const [done] = await Promise.all([work?.(), count(tries.on)]);
				return done as T;
			}),
		forget: async (rule, key) => {
			await limiterOf(rule).delete(key);
			await store.write((tx) => tx.rateLimits.delete(markOf(rule, key)));
		},
	};
}
