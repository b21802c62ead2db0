/** A password lets nobody in without something to type beside it: what an account has for that, and how it gets one. */
import type { AppSettings } from '../../../contract/app-settings';
import { Refusal } from '../../../contract/errors';
import { keyOf } from '../../../contract/identifiers';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User } from '../../storage/app/users';
import { duplicateOf, isDuplicate } from '../../storage/engine/failures';
import { parseIdentifiers, takenRefusal } from '../users/write-user';

/** `wanted`: a username would do. `barred`: none of what they have or could choose may sign in here. */
export type NameBeside = 'there' | 'wanted' | 'barred';

export function nameBeside(
	{ signInIdentifiers }: Pick<AppSettings, 'signInIdentifiers'>,
	user: Pick<User, 'username' | 'emailVerified' | 'phoneVerified'>,
): NameBeside {
	const has = {
		username: user.username !== null,
		email: user.emailVerified,
		phone: user.phoneVerified,
	};
	if (signInIdentifiers.some((kind) => has[kind])) return 'there';
	return signInIdentifiers.includes('username') ? 'wanted' : 'barred';
}

/** @throws Refusal input/invalid (field username) */
export function chosenUsername(typed: string): string {
	const { username } = parseIdentifiers({ username: typed });
	if (!username) throw new Refusal('input/invalid', { fields: { username: 'input/invalid' } });
	return username;
}

/** @throws Refusal user/username-taken (field username) */
export async function giveUsername(
	tx: AppRepositories,
	{ userId, username }: { userId: string; username: string },
	now: number,
): Promise<void> {
	const change = { username, usernameKey: keyOf(username), updatedAt: now };
	await tx.users.update(userId, change).catch((error: unknown) => {
		throw isDuplicate(error) ? takenRefusal(duplicateOf(error), error) : error;
	});
}
