/** Cookies that the edge sets: sessions, the known browser, the language. */
import type { Cookies } from '@sveltejs/kit';
import type { Locale } from '../../i18n/locale';
import type { SessionCookie } from '../sessions/sessions';
import type { SignedIn } from '../flows/sign-in/begin-session';

const year = 365 * 24 * 3600;
export const localeCookie = 'menshen-locale';

const knownBrowserCookie = (app: number, secure: boolean) => `${secure ? '__Host-' : ''}menshen-known-${app}`;

export function setSessionCookie(cookies: Pick<Cookies, 'set'>, cookie: SessionCookie): void {
	cookies.set(cookie.name, cookie.value, cookie.attributes);
}

/** After signing in to an app: the session, and the note by which this browser is known later. */
export function setSignedInCookies(
	cookies: Pick<Cookies, 'set'>,
	app: number,
	signedIn: Pick<SignedIn, 'session' | 'knownBrowser'>,
): void {
	const { cookie } = signedIn.session;
	setSessionCookie(cookies, cookie);
	cookies.set(knownBrowserCookie(app, cookie.attributes.secure), signedIn.knownBrowser, {
		...cookie.attributes,
		maxAge: year,
	});
}

export function readKnownBrowser(
	cookies: Pick<Cookies, 'get'>,
	app: number,
	secure: boolean,
): string | undefined {
	return cookies.get(knownBrowserCookie(app, secure));
}

/** Any cookie by which we would act for somebody. */
export function hasOurCookie(header: string | null): boolean {
	return /(?:^|;\s*)(?:__Host-|__Secure-)?menshen-/.test(header ?? '');
}

export function rememberLocale(cookies: Cookies, locale: Locale, secure: boolean): void {
	cookies.set(localeCookie, locale, { path: '/', httpOnly: true, secure, sameSite: 'lax', maxAge: year });
}
