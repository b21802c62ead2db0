/** How a session that the API starts reaches the caller (ADR 0012). */
import { Refusal } from '../../contract/errors';
import { setSessionCookie, setSignedInCookies } from '../edge/cookies';
import type { AppServices } from '../flows/services';
import type { StartedSession } from '../sessions/sessions';
import { sessionTokenPrefix, type Proof } from './callers';
import type { SessionCarrier, TrpcContext } from './context';
import type { CookieJar } from './cookie-jar';
import type { SessionView } from './views/session';

/** @param wish the header `menshen-session`: `token` asks for the session in the answer instead of a cookie */
export function wayOf(source: Proof['source'], wish: string | null): SessionCarrier['way'] {
	if (source === 'elsewhere') return 'none';
	return source === 'no-browser' && wish === 'token' ? 'body' : 'cookie';
}

export function cookieCarrier(way: SessionCarrier['way'], jar: CookieJar): SessionCarrier {
	return {
		way,
		hand(app, { session, knownBrowser }) {
			if (way !== 'cookie') return;
			if (knownBrowser === undefined) setSessionCookie(jar, session.cookie);
			else setSignedInCookies(jar, app, { session, knownBrowser });
		},
		drop(app: AppServices) {
			if (way === 'cookie') setSessionCookie(jar, app.sessions.blankCookie());
		},
	};
}

/** Called before a session is started. @throws Refusal edge/cross-site */
export function requireCarrier({ carrier }: Pick<TrpcContext, 'carrier'>): void {
	if (carrier.way === 'none') throw new Refusal('edge/cross-site');
}

/** The digest of the caller's present session, which a new one replaces. */
export async function replacedSession(ctx: Pick<TrpcContext, 'findUser'>): Promise<string | undefined> {
	return (await ctx.findUser())?.session?.id;
}

/** Passes the session on. @returns the session for the answer; null where the cookie carries it */
export function handOver(
	{ carrier }: Pick<TrpcContext, 'carrier'>,
	app: AppServices,
	started: { session: StartedSession; knownBrowser?: string },
): SessionView {
	carrier.hand(app.id, started);
	if (carrier.way !== 'body') return null;
	const { token, session } = started.session;
	return { token: sessionTokenPrefix + token, expiresAt: session.endsAt };
}
