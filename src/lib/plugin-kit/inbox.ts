/**
 * What an emulator of a sender received, kept for tests and people: `GET /__messages`. Also the memory of a vendor
 * that accepts each request once, and only while it is fresh. Never part of the product.
 */
import type { EmulatedAnswer } from './emulator';

export interface ReceivedMessage {
	channel: 'email' | 'sms';
	/** The recipient, as sent to the vendor. */
	to: string;
	subject?: string;
	/** The text that the person reads. */
	text: string;
	html?: string;
	/** The values that the vendor filled into its template. */
	params?: Readonly<Record<string, string>>;
	/** Template, sign name, account: other data sent to the vendor. */
	facts?: Readonly<Record<string, string>>;
}

export class Inbox {
	/** In order of arrival. */
	readonly messages: ReceivedMessage[] = [];
	/** To be added to the emulator's `routes`. */
	readonly routes: Readonly<Record<string, EmulatedAnswer>> = {
		'GET /__messages': () => Response.json(this.messages),
	};
	/** To be added to its `pages`. */
	readonly pages = ['GET /__messages'];

	/** @returns its number, from 1 */
	add(message: ReceivedMessage): number {
		return this.messages.push(message);
	}
	forget(): void {
		this.messages.length = 0;
	}
}

export type Time = () => number;

/** Milliseconds since 1970 by the machine's clock: an emulator has no context to ask. */
export const realTime: Time = () => Math.round(performance.timeOrigin + performance.now());

/** Checks timestamps and nonces as vendors do. */
export class Freshness {
	readonly #used = new Set<string>();
	readonly #now: Time;
	readonly #tolerance: number;

	/** @param tolerance milliseconds to either side */
	constructor(now: Time, tolerance: number) {
		this.#now = now;
		this.#tolerance = tolerance;
	}

	/** @param at milliseconds since 1970 */
	isFresh(at: number): boolean {
		return Math.abs(this.#now() - at) <= this.#tolerance;
	}
	/** @returns whether this is the first use */
	use(nonce: string): boolean {
		const first = !this.#used.has(nonce);
		this.#used.add(nonce);
		return first;
	}
	forget(): void {
		this.#used.clear();
	}
}
