/**
 * Who calls, by which proof (docs/api.md, "Who calls"). One proof per request: with an
 * Authorization header cookies count for nothing, and a page of another site gets nothing from cookies.
 */
import { findCurrentUser } from '../flows/account/current-user';
import { findSessionBearer, findTokenBearer, isAppAdministrator } from '../flows/account/find-bearer';
import { findCurrentOperator } from '../flows/operators/sign-in-operator';
import type { ApplianceServices, AppServices } from '../flows/services';
import type { FindAccessToken } from './access-tokens';
import type { AdministratorCaller, UserCaller } from './context';
import { requestSource, type HeaderReader, type RequestSource } from './request-source';

/**
 * Prefix of a session that is sent as a bearer token, so that it can be told from an access token and found by leak
 * scanners.
 */
export const sessionTokenPrefix = 'mss_';

export const meScope = 'menshen.me';
const adminScope = 'menshen.admin';

/** The proofs in a request of who sends it. */
export interface Proof {
	source: RequestSource;
	/** The Cookie header, where cookies are accepted. */
	cookies: string | null;
	/** `null`: no Authorization header. Empty: one without a bearer token. */
	bearer: string | null;
}

export function readProof(headers: HeaderReader, origin: string): Proof {
	const source = requestSource(headers, origin);
	const authorization = headers.get('authorization');
	const bearer =
		authorization === null ? null : (/^Bearer +([\w~+/.=-]{1,4096})$/i.exec(authorization)?.[1] ?? '');
	return {
		source,
		bearer,
		cookies: bearer === null && source !== 'elsewhere' ? headers.get('cookie') : null,
	};
}

async function findByAccessToken(
	app: AppServices,
	token: string,
	find: FindAccessToken,
): Promise<UserCaller | undefined> {
	const found = await find(app.id, token);
	const user = found && (await findTokenBearer(app, found));
	return user && { user, scopes: found.scopes };
}

export async function findUserCaller(
	app: AppServices,
	proof: Proof,
	findAccessToken: FindAccessToken,
): Promise<UserCaller | undefined> {
	const { bearer, source } = proof;
	if (bearer === null) return findCurrentUser(app, proof.cookies);
	if (!bearer.startsWith(sessionTokenPrefix))
		return bearer ? findByAccessToken(app, bearer, findAccessToken) : undefined;
	// A browser's session is its cookie, which no script can read: a session token sent by a page was stolen.
	return source === 'no-browser'
		? findSessionBearer(app, bearer.slice(sessionTokenPrefix.length))
		: undefined;
}

/** An operator by the console's cookie. */
export async function findOperatorCaller(
	services: ApplianceServices,
	proof: Proof,
): Promise<AdministratorCaller | undefined> {
	const found = await findCurrentOperator(services, proof.cookies);
	return found && { actor: { kind: 'operator', id: found.operator.id, role: found.operator.role } };
}

/** A user who administers their app, by an access token that was issued for that. */
export function appAdministrator(
	app: AppServices,
	caller: UserCaller | undefined,
): AdministratorCaller | undefined {
	if (!caller?.scopes?.includes(adminScope) || !isAppAdministrator(caller.user)) return undefined;
	return { actor: { kind: 'user', id: caller.user.id }, onlyApp: app.id };
}
