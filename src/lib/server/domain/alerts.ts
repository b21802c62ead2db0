/**
 * What the appliance mails its operators about, and when no further mail is sent. A new kind needs its name here,
 * its text (flows/alerts/alert-letter.ts), and code that reports it.
 */

export const alertKinds = [
	'plugin-unhealthy',
	'plugin-recovered',
	'disk-full',
	'disk-writable',
	'passkey-copied',
	'messages-undelivered',
] as const;
export type AlertKind = (typeof alertKinds)[number];

/** The object of the alert, ids only. Without app and plugin: the appliance. */
export interface AlertPlace {
	app?: number | undefined;
	plugin?: string | undefined;
	user?: string | undefined;
}

export interface Alert extends AlertPlace {
	kind: AlertKind;
	/** When it began, ms. */
	since: number;
	/** For a plugin: the vendor does not answer, or rejects the operator's settings. */
	reason?: 'unavailable' | 'config';
}

const minute = 60_000;
const hour = 60 * minute;

export const alertLimits = {
	/** Time without another mail about the same trouble at the same place, ms. */
	quiet: hour,
	/** Time before a lasting trouble is mailed again, ms. */
	remind: 24 * hour,
	/** How long a mailed trouble without an end is remembered, ms. */
	remember: 30 * 24 * hour,
	/** Mails of one kind in `dayLength`: one kind cannot use up the share of another. */
	perDay: 10,
	dayLength: 24 * hour,
} as const;

/** Good news, and the trouble that it ends. */
const endings: Partial<Record<AlertKind, AlertKind>> = {
	'plugin-recovered': 'plugin-unhealthy',
	'disk-writable': 'disk-full',
};

export const isEnding = (kind: AlertKind): boolean => endings[kind] !== undefined;

/** Whether a trouble of this kind lasts until good news ends it. */
export const lasts = (kind: AlertKind): boolean => Object.values(endings).includes(kind);

/** The key under which a trouble is remembered, the same for its beginning and its end. */
export function troubleOf({ kind, app, plugin, user }: Pick<Alert, 'kind'> & AlertPlace): string {
	return [endings[kind] ?? kind, app ?? '', plugin ?? '', user ?? ''].join(':');
}

/** What the database remembers of a trouble. */
export interface AlertMarks {
	/** A mail about it was sent less than `quiet` ago. */
	quiet: boolean;
	/** When it was mailed, if it has not ended since. */
	toldAt?: number | undefined;
	/** Mails of this kind within a day. */
	today: number;
}

/**
 * An end is mailed where its beginning was, so that the last mail about a place is always true. No mail follows an
 * end for an hour either: a trouble that goes on and off is mailed at most twice an hour, and stays watched.
 */
export function mayTell(kind: AlertKind, { quiet, toldAt, today }: AlertMarks, now: number): boolean {
	if (isEnding(kind)) return toldAt !== undefined;
	const told = toldAt !== undefined && now - toldAt < alertLimits.remind;
	return !quiet && !told && today < alertLimits.perDay;
}
