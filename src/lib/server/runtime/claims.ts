/** What may be taken once: by the first who comes, in this process, for as long as it could be asked for. */
import type { Clock } from './clock';

export interface Claims {
	/** @returns false for what was taken before */
	take(name: string, clock: Clock): boolean;
}

/** @param life milliseconds after which a name is forgotten */
export function createClaims(life: number): Claims {
	/** Name and when it is forgotten, the oldest first. */
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
