/** The mail that greets a new user: off unless the app wants it, and only to an address that was proven. */
import { Refusal } from '../../../contract/errors';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User } from '../../storage/app/users';
import type { AppServices, Visitor } from '../services';
import { chooseSender } from './choose-sender';
import { queueMessage } from './queue-message';
import { welcomeLetter } from './letters';

type Needs = Pick<
	AppServices,
	'id' | 'origin' | 'settings' | 'plugins' | 'applianceSender' | 'vault' | 'clock' | 'log'
>;

/**
 * Called before the write that makes the account. A greeting that cannot be sent keeps no one from registering: the
 * reason goes to the log.
 * @returns undefined where no greeting is to be sent
 */
export async function welcomeSender(services: Needs): Promise<string | undefined> {
	if (!(await services.settings()).welcomeEmail) return undefined;
	return chooseSender(services, 'email').catch((error: unknown) => {
		if (!(error instanceof Refusal)) throw error;
		services.log.warn({ code: error.code }, 'no welcome mail: no sender');
		return undefined;
	});
}

export async function queueWelcome(
	services: Needs,
	tx: AppRepositories,
	{ user, sender, locale }: { user: User; sender: string; locale: Visitor['locale'] },
): Promise<void> {
	if (!user.email || !user.emailVerified) return;
	const settings = await services.settings(tx);
	const link = `${services.origin}/apps/${services.id}/account`;
	const person = user.name || user.username || user.email;
	const letter = welcomeLetter(settings, { to: user.email, person, link, locale });
	await queueMessage(services, tx, { letter, sender });
}
