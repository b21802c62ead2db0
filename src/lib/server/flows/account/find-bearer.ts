/** Whom a bearer speaks for: a session that came without a cookie, or an access token that was already looked up. */
import { whyNotSignIn } from '../../domain/sign-in-policy';
import type { UserWithRoles } from '../../storage/app/users';
import type { AppServices } from '../services';
import type { CurrentUser } from './current-user';

const adminRole = 'admin';

async function findActive(
	services: Pick<AppServices, 'store'>,
	id: string,
): Promise<UserWithRoles | undefined> {
	const user = await services.store.read.users.findWithRoles(id);
	return user && !whyNotSignIn(user) ? user : undefined;
}

/** @param token what a cookie would hold */
export async function findSessionBearer(
	services: Pick<AppServices, 'sessions' | 'store'>,
	token: string,
): Promise<CurrentUser | undefined> {
	const session = await services.sessions.validate(token);
	const user = session && (await findActive(services, session.userId));
	return user && { user, session };
}

/** Only a first-party client's token opens our own API, and only as long as the client is one. */
export async function findTokenBearer(
	services: Pick<AppServices, 'store'>,
	token: { userId: string; clientId: string },
): Promise<UserWithRoles | undefined> {
	const client = await services.store.read.clients.find(token.clientId);
	return client?.firstParty ? findActive(services, token.userId) : undefined;
}

/** Whether the user administers the app. */
export function isAppAdministrator(user: Pick<UserWithRoles, 'roles'>): boolean {
	return user.roles.includes(adminRole);
}
