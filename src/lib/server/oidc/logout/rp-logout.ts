/**
 * RP-initiated logout (OIDC RP-Initiated Logout 1.0 §2): with a valid ID token of this user the relying party has
 * shown that it may end the session, and the user is not asked. Where no one is signed in there is nothing to ask.
 * Otherwise the person decides on a page.
 */
import type { ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Session } from '../../sessions/sessions';
import type { EngineApp } from '../engine-app';
import { sessionBehind } from '../live-session';
import type { EnginePages } from '../pages/engine-pages';
import { syntheticPair } from '../synthetic';

interface Mounted {
	app: EngineApp;
	origin: URL;
	mount: string;
	provider: Provider;
	pages: EnginePages;
}

export function isShownById(ctx: KoaContextWithOIDC): boolean {
	const { session, entities } = ctx.oidc;
	return session?.accountId !== undefined && entities.IdTokenHint?.payload['sub'] === session.accountId;
}

/** The cookies that the browser would send next: its present ones, with what this answer sets. */
function cookiesAfter(ctx: KoaContextWithOIDC): string {
	const set = [ctx.response.get('Set-Cookie')].flat().filter(Boolean);
	return [...set.map((cookie) => cookie.split(';')[0]), ctx.req.headers.cookie ?? '']
		.filter(Boolean)
		.join('; ');
}

function secretOf(ctx: KoaContextWithOIDC): string | undefined {
	// Another status is an error, or not a route of the engine.
	if (ctx.status !== 200 || ctx.oidc.route !== 'end_session') return undefined;
	const { session } = ctx.oidc;
	if (session?.accountId !== undefined && !isShownById(ctx)) return undefined;
	return session?.state?.['secret'] as string | undefined;
}

/**
 * The browser's own session, where the engine has no session for it and the relying party has not identified it by
 * an ID token.
 */
async function unshownSession(app: EngineApp, ctx: KoaContextWithOIDC): Promise<Session | undefined> {
	if (ctx.oidc.session?.accountId !== undefined) return undefined;
	const ours = await sessionBehind(app, ctx.req.headers.cookie);
	return ours && ctx.oidc.entities.IdTokenHint?.payload['sub'] !== ours.userId ? ours : undefined;
}

/**
 * The session that a finished logout ends besides the engine's: the browser's own, also where the two were not
 * linked.
 */
export async function sessionEndedBy(app: EngineApp, ctx: KoaContextWithOIDC): Promise<Session | undefined> {
	const ended =
		ctx.oidc?.route === 'end_session_confirm' && ctx.status === 303 && ctx.oidc.params?.['logout'];
	return ended ? sessionBehind(app, ctx.req.headers.cookie) : undefined;
}

/** Headers of the first answer that are dropped, as the second answer sets its own. */
const ownHeaders = ['set-cookie', 'content-type', 'content-length', 'content-security-policy'];

/** Submits the form that the engine would show, in place of the browser. */
export async function logoutAtOnce(
	ctx: KoaContextWithOIDC,
	{ app, origin, mount, provider, pages }: Mounted,
): Promise<void> {
	if (ctx.path !== '/oidc/logout') return;
	const xsrf = secretOf(ctx);
	if (!xsrf) return;
	if (await unshownSession(app, ctx)) {
		const action = ctx.oidc.urlFor('end_session_confirm');
		await pages.logout(
			ctx,
			`<form id="op.logoutForm" method="post" action="${action}"><input type="hidden" name="xsrf" value="${xsrf}"/></form>`,
		);
		return;
	}
	const form = { xsrf, logout: 'yes' };
	const [req] = syntheticPair({
		origin,
		mount,
		path: '/oidc/logout/confirm',
		cookie: cookiesAfter(ctx),
		form,
		onBehalfOf: ctx.req,
	});
	const res: ServerResponse = ctx.res;
	for (const name of ownHeaders) res.removeHeader(name);
	ctx.respond = false;
	await provider.callback()(req, res);
}
