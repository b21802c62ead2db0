/** Cookies that the edge sets: sessions, the known browser, the language. */
import type { Cookies } from '@sveltejs/kit';
import type { Locale } from '../../i18n/locale';
import type { SessionCookie } from '../sessions/sessions';
import type { SignedIn } from '../flows/sign-in/begin-session';
import { minute, second } from '../runtime/clock';
import { randomHex, randomToken } from '../runtime/random';

const year = 365 * 24 * 3600;
export const localeCookie = 'menshen-locale';

/** The place to sign in to: an app, or the console. */
export type Door = number | 'operator';

const knownBrowserCookie = (door: Door, secure: boolean) => `${secure ? '__Host-' : ''}menshen-known-${door}`;

export function setSessionCookie(cookies: Pick<Cookies, 'set'>, cookie: SessionCookie): void {
	cookies.set(cookie.name, cookie.value, cookie.attributes);
}

/** After signing in: the session, and the known-browser note. */
export function setSignedInCookies(
	cookies: Pick<Cookies, 'set'>,
	door: Door,
	signedIn: Pick<SignedIn, 'session' | 'knownBrowser'>,
): void {
	const { cookie } = signedIn.session;
	setSessionCookie(cookies, cookie);
	if (signedIn.knownBrowser === undefined) return;
	cookies.set(knownBrowserCookie(door, cookie.attributes.secure), signedIn.knownBrowser, {
		...cookie.attributes,
		maxAge: year,
	});
}

export function readKnownBrowser(
	cookies: Pick<Cookies, 'get'>,
	door: Door,
	secure: boolean,
): string | undefined {
	return cookies.get(knownBrowserCookie(door, secure));
}

const bindingCookie = (app: number, secure: boolean) => `${secure ? '__Host-' : ''}menshen-browser-${app}`;
/** Longer than any sign-in that is bound to it. */
const bindingLife = 30 * minute;
const bindingShape = /^[\w-]{43}$/;

/**
 * The value that binds sign-ins under way (at a vendor, by a code, by a passkey) to this browser; undefined where
 * none began.
 */
export function readBrowserBinding(
	cookies: Pick<Cookies, 'get'>,
	app: number,
	secure: boolean,
): string | undefined {
	const value = cookies.get(bindingCookie(app, secure));
	return value !== undefined && bindingShape.test(value) ? value : undefined;
}

/** The same value, made if missing, and its lifetime renewed. */
export function bindBrowser(cookies: Pick<Cookies, 'get' | 'set'>, app: number, secure: boolean): string {
	const value = readBrowserBinding(cookies, app, secure) ?? randomToken(32);
	cookies.set(bindingCookie(app, secure), value, {
		path: '/',
		httpOnly: true,
		secure,
		sameSite: 'lax',
		maxAge: bindingLife / second,
	});
	return value;
}

const guestShape = /^[0-9a-f]{32}$/;

/** The mark that makes this browser the same guest again; made if missing, and its lifetime renewed. */
export function markGuest(cookies: Pick<Cookies, 'get' | 'set'>, app: number, secure: boolean): string {
	const name = `${secure ? '__Host-' : ''}menshen-guest-${app}`;
	const kept = cookies.get(name);
	const value = kept !== undefined && guestShape.test(kept) ? kept : randomHex(16);
	cookies.set(name, value, { path: '/', httpOnly: true, secure, sameSite: 'lax', maxAge: year });
	return value;
}

/** Whether a request has a cookie that gives it a user's or operator's authority. */
export function hasOurCookie(header: string | null): boolean {
	return /(?:^|;\s*)(?:__Host-|__Secure-)?menshen-/.test(header ?? '');
}

export function rememberLocale(cookies: Cookies, locale: Locale, secure: boolean): void {
	cookies.set(localeCookie, locale, { path: '/', httpOnly: true, secure, sameSite: 'lax', maxAge: year });
}
