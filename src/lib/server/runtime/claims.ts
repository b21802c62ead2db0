/** Names that can be claimed once, by the first caller in this process, until they expire. */
import type { Clock } from './clock';

export interface Claims {
	/** @returns false for a name that was claimed before */
	take(name: string, clock: Clock): boolean;
}

/** @param life milliseconds after which a name is forgotten */
export function createClaims(life: number): Claims {
	/** Names and when they expire, the oldest first. */
	const taken = new Map<string, number>();
	const forget = (now: number) => {
		for (const [name, until] of taken) {
			if (until > now) return;
			taken.delete(name);
		}
	};
	return {
		take(name, clock) {
			const now = clock.now();
			forget(now);
			if (taken.has(name)) return false;
			taken.set(name, now + life);
			return true;
		},
	};
}
