/**
 * As many hashes at once as there are cores, first come, first served. More would not be faster: argon2id is
 * bound by memory bandwidth, and eight at a time on one core are a third slower than one after the other.
 */
import { availableParallelism } from 'node:os';
import { PluginFailure } from '@menshen/plugin-kit';

/** Longer queues could not be worked off before the callers' time is up. */
const longestQueue = 2_000;

interface Waiting {
	readonly start: () => void;
}

export class Pool {
	readonly #size: number;
	readonly #queue: Waiting[] = [];
	#running = 0;

	constructor(size: number = availableParallelism()) {
		this.#size = size;
	}

	/**
	 * @param signal removes the work from the queue when no caller waits for it any more.
	 * @throws {PluginFailure} `unavailable` when the queue is full, or the signal is aborted before the start.
	 */
	async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
		if (this.#running < this.#size) this.#running += 1;
		else await this.#wait(signal);
		try {
			return await work();
		} finally {
			const next = this.#queue.shift();
			// The place is passed on directly, so that a new job cannot get in before those that wait.
			if (next) next.start();
			else this.#running -= 1;
		}
	}

	#wait(signal: AbortSignal): Promise<void> {
		if (this.#queue.length >= longestQueue)
			return Promise.reject(new PluginFailure('unavailable', 'too many passwords are being checked'));
		return new Promise((resolve, reject) => {
			const leave = () => {
				const place = this.#queue.indexOf(waiting);
				if (place >= 0) this.#queue.splice(place, 1);
				reject(new PluginFailure('unavailable', 'the time was up before its turn came'));
			};
			const waiting: Waiting = {
				start: () => {
					signal.removeEventListener('abort', leave);
					resolve();
				},
			};
			this.#queue.push(waiting);
			signal.addEventListener('abort', leave, { once: true });
			if (signal.aborted) leave();
		});
	}
}
