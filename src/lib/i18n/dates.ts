/** Dates and times as each language writes them. The zone is given by the caller or is the machine's own. */
import type { Locale } from './locale';

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
	['year', 31_557_600_000],
	['month', 2_629_800_000],
	['week', 604_800_000],
	['day', 86_400_000],
	['hour', 3_600_000],
	['minute', 60_000],
	['second', 1000],
];

/** Making a formatter costs more than using it a hundred times: one is kept per language, zone and shape. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(shape: string, locale: Locale, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = `${shape} ${locale} ${options.timeZone ?? ''}`;
	const kept = formatters.get(key) ?? new Intl.DateTimeFormat(locale, options);
	formatters.set(key, kept);
	return kept;
}

const zoned = (zone: string | undefined): Intl.DateTimeFormatOptions => (zone ? { timeZone: zone } : {});

/** e.g. `Nov 20, 2026` and `2026年11月20日`. `at` in ms since 1970. */
export function formatDate(at: number, locale: Locale, zone?: string): string {
	return formatter('date', locale, { dateStyle: 'medium', ...zoned(zone) }).format(at);
}

/** e.g. `Nov 20, 2026, 9:05 AM` and `2026年11月20日 09:05`. `at` in ms since 1970. */
export function formatDateTime(at: number, locale: Locale, zone?: string): string {
	return formatter('time', locale, { dateStyle: 'medium', timeStyle: 'short', ...zoned(zone) }).format(at);
}

/** To the second, with the zone, for comparing with logs. `at` in ms since 1970. */
export function formatExact(at: number, locale: Locale, zone?: string): string {
	return formatter('exact', locale, { dateStyle: 'full', timeStyle: 'long', ...zoned(zone) }).format(at);
}

/** How long before or after `from`, in the largest unit that fits: `3 minutes ago`, `3分钟前`. Both in ms. */
export function formatRelative(at: number, from: number, locale: Locale): string {
	const distance = at - from;
	const [unit, length] = units.find(([, size]) => Math.abs(distance) >= size) ?? (['second', 1000] as const);
	// Cut off, not rounded: 90 minutes are not yet two hours.
	return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.trunc(distance / length), unit);
}

/** A count with the language's own grouping. */
export function formatNumber(value: number, locale: Locale): string {
	return new Intl.NumberFormat(locale).format(value);
}
