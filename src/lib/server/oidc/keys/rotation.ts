/**
 * The life of a signing key: published as upcoming, then current, then retiring until nothing that it signed is
 * verified any more. Pure: the changes that are due follow from the rows and the time.
 */
import { day } from '../../runtime/clock';
import type { SigningKey } from '../../storage/app/signing-keys';

/** How long a new key is published before it signs: relying parties cache a key set that long. */
export const publishAhead = day;
/** How long an old key stays published: its ID tokens still serve as logout hints while refreshing goes on. */
export const retireAfter = 30 * day;

export type KeyChange =
	| { kid: string; to: 'current'; changesAt: null }
	| { kid: string; to: 'retiring'; changesAt: number }
	| { kid: string; to: 'gone' };

const isDue = (key: SigningKey, now: number) => key.changesAt !== null && key.changesAt <= now;

/** The changes that are due, in the order in which they have to be made. */
export function dueChanges(keys: readonly SigningKey[], now: number): KeyChange[] {
	const gone = keys.filter((key) => key.state === 'retiring' && isDue(key, now));
	const risen = keys.filter((key) => key.state === 'upcoming' && isDue(key, now));
	const changes: KeyChange[] = gone.map(({ kid }) => ({ kid, to: 'gone' }));
	for (const alg of new Set(risen.map((key) => key.alg))) {
		const chosen = risen.filter((key) => key.alg === alg).at(-1);
		const replaced = keys.filter(
			(key) => key.alg === alg && key.kid !== chosen?.kid && (key.state === 'current' || risen.includes(key)),
		);
		for (const { kid } of replaced) changes.push({ kid, to: 'retiring', changesAt: now + retireAfter });
		if (chosen) changes.push({ kid: chosen.kid, to: 'current', changesAt: null });
	}
	return changes;
}

const rankOfAlg = { RS256: 0, ES256: 1 } as const;
const rankOfState = { current: 0, upcoming: 1, retiring: 2 } as const;

/** The one that signs comes before the others of its kind: the engine takes the first that fits. */
export function inSigningOrder(keys: readonly SigningKey[]): SigningKey[] {
	return [...keys].sort(
		(a, b) => rankOfAlg[a.alg] - rankOfAlg[b.alg] || rankOfState[a.state] - rankOfState[b.state],
	);
}

/** Equal exactly when the same keys are in the same states. */
export function fingerprintOf(keys: readonly SigningKey[]): string {
	return keys.map((key) => `${key.kid}:${key.state}`).join(' ');
}
