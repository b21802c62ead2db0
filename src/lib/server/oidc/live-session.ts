/**
 * One truth for "signed in": the browser's own session of this app. The engine's session follows it; it is valid
 * only while ours lives, and is started automatically where only ours exists.
 */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { Refusal } from '../../contract/errors';
import { digest } from '../runtime/vault';
import type { Session } from '../sessions/sessions';
import type { AppRepositories } from '../storage/app/repositories';
import { currentWrites } from './adapter/request-writes';
import { toPayload } from './adapter/stored-form';
import type { EngineApp } from './engine-app';

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);

/** The live session behind a Cookie header, of this app only. */
export async function sessionBehind(
	app: EngineApp,
	cookieHeader: string | null | undefined,
): Promise<Session | undefined> {
	const token = app.sessions.tokenFrom(cookieHeader);
	return token ? app.sessions.validate(token) : undefined;
}

const asked = new WeakMap<KoaContextWithOIDC, Promise<Session | undefined>>();
const found = new WeakMap<KoaContextWithOIDC, Session>();

/** Looked up once a request. */
export function liveSession(app: EngineApp, ctx: KoaContextWithOIDC): Promise<Session | undefined> {
	const answer = asked.get(ctx) ?? sessionBehind(app, ctx.req.headers.cookie);
	asked.set(ctx, answer);
	return answer.then((session) => {
		if (session) found.set(ctx, session);
		return session;
	});
}

/**
 * When the browser's session ends at the latest, milliseconds; undefined where it was not looked up or does not
 * exist.
 */
export const sessionEnd = (ctx: KoaContextWithOIDC | undefined): number | undefined =>
	ctx && found.get(ctx)?.endsAt;

/** The facts of a sign-in for the engine's session. */
export const loginOf = (login: { userId: string; authTime: number; amr: readonly string[] }) => ({
	accountId: login.userId,
	loginTs: seconds(login.authTime),
	amr: [...login.amr],
});

/**
 * Signs the engine's session in where the browser has a session of ours: no page, no second password. A newer
 * sign-in of the same user is taken over too. Another user's engine session is left to the login prompt.
 */
export async function adoptLiveSession(app: EngineApp, ctx: KoaContextWithOIDC): Promise<void> {
	const ours = await liveSession(app, ctx);
	const session = ctx.oidc.session;
	if (!ours || !session) return;
	if (session.accountId === undefined) {
		// An id that existed before the sign-in may be known to others.
		if (!('new' in session)) session.resetIdentifier();
		await continueEngineSession(ours, session);
		session.loginAccount(loginOf(ours));
	} else if (session.accountId === ours.userId && (session.loginTs ?? 0) < seconds(ours.authTime)) {
		session.loginAccount(loginOf(ours));
	}
}

/** The engine's cookie was lost but its session lives: relying parties stay signed in through it. */
async function continueEngineSession(
	ours: Session,
	session: NonNullable<KoaContextWithOIDC['oidc']['session']>,
): Promise<void> {
	if (!ours.engineSession) return;
	const writes = currentWrites();
	const lost = await writes.findByUid('Session', ours.engineSession);
	if (lost?.accountId !== ours.userId) return;
	const { uid, authorizations } = toPayload(lost) as { uid: string; authorizations?: never };
	session.uid = uid;
	if (authorizations) session.authorizations = authorizations;
	writes.destroy('Session', lost.id);
}

/** Whether the engine's session belongs to a live one of the same user; links the two. */
export async function standsOnLiveSession(app: EngineApp, ctx: KoaContextWithOIDC): Promise<boolean> {
	const { session, account } = ctx.oidc;
	const ours = await liveSession(app, ctx);
	if (!session?.accountId || !ours || ours.userId !== session.accountId || !account) return false;
	const engineSession = digest(session.uid);
	const isLinked = ours.engineSession === engineSession;
	ours.engineSession = engineSession;
	currentWrites().also(async (tx) => {
		await requireStill(tx, ours);
		if (!isLinked) await tx.sessions.linkEngineSession(ours.id, engineSession);
	});
	return true;
}

/**
 * The session may have been ended since it was looked up: then nothing that depends on it is kept. @throws Refusal
 * auth/not-signed-in
 */
async function requireStill(tx: AppRepositories, ours: Session): Promise<void> {
	if (!(await tx.sessions.find(ours.id))) throw new Refusal('auth/not-signed-in');
}
