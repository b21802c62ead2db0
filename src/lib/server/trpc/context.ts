/**
 * What every procedure is given. A plain interface in a file of its own: the declarations of the published client
 * must not need this one's imports. Each value is looked up when it is first used, once per request.
 */
import type { ApplianceServices, Actor, AppServices, Visitor } from '../flows/services';
import type { Session, StartedSession } from '../sessions/sessions';
import type { UserWithRoles } from '../storage/app/users';

/** An authenticated user of one app. */
export interface UserCaller {
	user: UserWithRoles;
	/** Set when a session is the proof; absent for an access token. */
	session?: Session;
	/** What an access token may do; absent for a session, which may do all that the user may. */
	scopes?: readonly string[];
}

/** A caller who may administer. */
export interface AdministratorCaller {
	actor: Actor;
	/** Set for a user who administers an app: nothing beyond that app. */
	onlyApp?: number;
}

/** How a session that a procedure starts reaches the caller (ADR 0012). */
export interface SessionCarrier {
	/** `none`: a page of another site asked; it could not keep a session, so none may be started. */
	readonly way: 'cookie' | 'body' | 'none';
	/** @param started.knownBrowser given when a person signed in */
	hand(app: number, started: { session: StartedSession; knownBrowser?: string }): void;
	/** Takes the session's cookie away, where there is one. */
	drop(app: AppServices): void;
}

export interface TrpcContext {
	readonly requestId: string;
	readonly appliance: ApplianceServices;
	readonly carrier: SessionCarrier;
	/** Whether the request names an app (header `menshen-app`). */
	readonly namesApp: boolean;
	locale(): Visitor['locale'];
	visitor(): Visitor;
	/** The app that the request names. @throws Refusal app/not-found */
	findApp(): Promise<AppServices>;
	/** The user who calls, of the app that the request names. @throws Refusal app/not-found */
	findUser(): Promise<UserCaller | undefined>;
	findAdministrator(): Promise<AdministratorCaller | undefined>;
}
