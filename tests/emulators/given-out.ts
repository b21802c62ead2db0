/** What an emulated vendor gives out for a while: codes that are good once, and tokens. */
import { randomBytes } from 'node:crypto';

interface Given<T> {
	readonly value: T;
	readonly expired: boolean;
	/** For its vendor to say and to heed. */
	used: boolean;
}

export class GivenOut<T> {
	readonly #given = new Map<string, { value: T; until: number; used: boolean }>();
	readonly #lifetimeMs: number;

	constructor(lifetimeMs: number) {
		this.#lifetimeMs = lifetimeMs;
	}

	give(value: T, text: string = randomBytes(16).toString('hex')): string {
		this.#given.set(text, { value, until: performance.now() + this.#lifetimeMs, used: false });
		return text;
	}

	/** Also what is used or expired: vendors distinguish these. */
	find(text: string): Given<T> | undefined {
		const found = this.#given.get(text);
		return found && Object.assign(found, { expired: found.until < performance.now() });
	}

	/** Valid the first time and in time; `fits` checks the client: a try by another one does not use it up. */
	take(text: string, fits: (value: T) => boolean = () => true): T | undefined {
		const found = this.find(text);
		if (!found || found.used || found.expired || !fits(found.value)) return undefined;
		found.used = true;
		return found.value;
	}

	forget(): void {
		this.#given.clear();
	}
}
