/** The operator's time zone: the browser sends it in a cookie, so that the first paint shows the right hours. */

export const zoneCookie = 'menshen-zone';

/** An IANA name that this machine knows, or undefined. */
export function readZone(value: string | undefined): string | undefined {
	if (!value || value.length > 64) return undefined;
	try {
		return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
	} catch {
		return undefined;
	}
}
