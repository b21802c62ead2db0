/**
 * What the appliance mails its operators about, and when a mail would be one too many. A further kind needs its
 * name here, its words (flows/alerts/alert-letter.ts), and whoever notices it.
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

/** What it is about: ids only. Neither app nor plugin: the appliance. */
export interface AlertPlace {
	app?: number | undefined;
	plugin?: string | undefined;
	user?: string | undefined;
}

export interface Alert extends AlertPlace {
	kind: AlertKind;
	/** When it began, ms. */
	since: number;
	/** Of a plugin: the vendor does not answer, or rejects the operator's settings. */
	reason?: 'unavailable' | 'config';
}

const minute = 60_000;
const hour = 60 * minute;

export const alertLimits = {
	/** After a mail about a trouble, for the same trouble at the same place, ms. */
	quiet: hour,
	/** Before a trouble that lasts is told again, ms. */
	remind: 24 * hour,
	/** How long it is known that a trouble was told and not yet ended, ms. */
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

/** Something of this kind lasts until good news ends it. */
export const lasts = (kind: AlertKind): boolean => Object.values(endings).includes(kind);

/** Under which the trouble is remembered, the same for its beginning and its end. */
export function troubleOf({ kind, app, plugin, user }: Pick<Alert, 'kind'> & AlertPlace): string {
	return [endings[kind] ?? kind, app ?? '', plugin ?? '', user ?? ''].join(':');
}

/** What the database remembers of a trouble. */
export interface AlertMarks {
	/** It was mailed about less than `quiet` ago. */
	quiet: boolean;
	/** When it was told, if it has not ended since. */
	toldAt?: number | undefined;
	/** Mails of this kind within a day. */
	today: number;
}

/**
 * An end is told where its beginning was, so that the last mail about a place is always true. After an end it is
 * quiet for an hour too: what goes on and off is told at most twice an hour, and goes on being looked at.
 */
export function mayTell(kind: AlertKind, { quiet, toldAt, today }: AlertMarks, now: number): boolean {
	if (isEnding(kind)) return toldAt !== undefined;
	const told = toldAt !== undefined && now - toldAt < alertLimits.remind;
	return !quiet && !told && today < alertLimits.perDay;
}
