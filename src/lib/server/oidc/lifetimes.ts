/** How long tokens, sessions and grants live. The engine counts in seconds. */
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { day, hour, minute, second } from '../runtime/clock';
import type { EngineApp } from './engine-app';
import { sessionEnd } from './live-session';

const seconds = (milliseconds: number) => Math.max(1, Math.floor(milliseconds / second));

export const refreshLife = 30 * day;
/** For an engine session without a user: it only carries a logout form. */
const anonymousLife = hour;
/** The longest session an app may have (contract/app-settings), plus the life of its last refresh token. */
const longestGrant = 365 * day + refreshLife;

/** The life of access tokens from the app's present settings; read before the engine needs it. */
const accessLife = new WeakMap<KoaContextWithOIDC, number>();

export async function readAccessLife(app: EngineApp, ctx: KoaContextWithOIDC): Promise<void> {
	accessLife.set(ctx, (await app.settings()).tokenDays * day);
}

/**
 * A grant outlives its session by a refresh token's life: the last refresh token may be issued at the session's
 * end.
 */
function grantLife(app: EngineApp, ctx: KoaContextWithOIDC | undefined): number {
	const end = sessionEnd(ctx);
	return end === undefined ? longestGrant : end - app.clock.now() + refreshLife;
}

export function lifetimes(app: EngineApp): NonNullable<Configuration['ttl']> {
	return {
		AuthorizationCode: seconds(minute),
		IdToken: seconds(hour),
		Interaction: seconds(hour),
		AccessToken: (ctx) => seconds(accessLife.get(ctx) ?? day),
		Grant: (ctx) => seconds(grantLife(app, ctx)),
		// Rotation does not prolong: the family ends when its first token would have ended (RFC 9700 §4.14.2).
		RefreshToken: (ctx) =>
			Math.max(1, ctx.oidc.entities.RotatedRefreshToken?.remainingTTL ?? seconds(refreshLife)),
		Session(ctx, session) {
			const end = sessionEnd(ctx);
			if (end !== undefined) return seconds(end - app.clock.now());
			return session.exp ? Math.max(1, session.remainingTTL) : seconds(anonymousLife);
		},
	};
}
