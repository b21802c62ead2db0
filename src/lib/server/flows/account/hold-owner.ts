/** Whoever changes what guards an account must still be signed in when the change is written. */
import { Refusal } from '../../../contract/errors';
import type { Session } from '../../sessions/sessions';
import type { AppRepositories } from '../../storage/app/repositories';

/** The session of who asked, as the door found it. */
export type OwnSession = Pick<Session, 'id' | 'userId'>;

/**
 * Holds the user and looks at the session once more: it may have been ended (a recovery, a new password, signed
 * out everywhere) since the door let the request through. @throws Refusal auth/not-signed-in
 */
export async function holdOwner(
	tx: Pick<AppRepositories, 'users' | 'sessions'>,
	{ id, userId }: OwnSession,
): Promise<void> {
	await tx.users.hold(userId);
	const session = await tx.sessions.find(id);
	if (session?.userId !== userId) throw new Refusal('auth/not-signed-in');
}
