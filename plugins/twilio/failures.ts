/** What Twilio's error numbers mean for a message (twilio.com/docs/api/errors). */
import type { Fate } from '@menshen/plugin-kit/delivery';

const listed: Readonly<Record<Fate, readonly number[]>> = {
	settings: [
		20003, 20005, 20404, 21212, 21603, 21606, 21607, 21659, 21660, 21661, 21701, 21703, 21705, 21706, 20006,
	],
	// An account on trial sends to confirmed numbers only, and a country may be switched off: both are brought
	// about by the number, so they do not count against the settings.
	never: [
		21211, 21214, 21217, 21265, 21266, 21408, 21421, 21601, 21608, 21610, 21612, 21614, 21617, 21635, 21644,
	],
	later: [63038, 30001],
	busy: [20429, 14107, 21611],
	unknown: [20500, 20503, 20504],
};
const fates = new Map(
	Object.entries(listed).flatMap(([fate, codes]) => codes.map((code) => [code, fate as Fate] as const)),
);

const byStatus: Readonly<Record<number, Fate>> = {
	401: 'settings',
	403: 'settings',
	404: 'settings',
	429: 'busy',
};

/** An unknown error number is classified by the HTTP status. */
export function fateOfCode(code: number, status: number): Fate {
	return fates.get(code) ?? byStatus[status] ?? (status >= 500 ? 'unknown' : 'never');
}
