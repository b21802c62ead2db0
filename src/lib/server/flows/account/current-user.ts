/** Who a session belongs to, now: a user disabled or deleted meanwhile is signed out. */
import { whyNotSignIn } from '../../domain/sign-in-policy';
import type { Session } from '../../sessions/sessions';
import type { UserWithRoles } from '../../storage/app/users';
import type { AppServices } from '../services';

export interface CurrentUser {
	user: UserWithRoles;
	session: Session;
}

export async function findCurrentUser(
	services: Pick<AppServices, 'sessions' | 'store'>,
	cookieHeader: string | null,
): Promise<CurrentUser | undefined> {
	const token = services.sessions.tokenFrom(cookieHeader);
	const session = token ? await services.sessions.validate(token) : undefined;
	const user = session && (await services.store.read.users.findWithRoles(session.userId));
	return user && !whyNotSignIn(user) ? { user, session } : undefined;
}
