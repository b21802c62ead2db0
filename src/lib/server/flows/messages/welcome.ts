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

/** Nobody is kept from joining because a greeting cannot be sent: what holds it back goes to the log. */
export async function queueWelcome(
	services: Needs,
	tx: AppRepositories,
	{ user, locale }: { user: User; locale: Visitor['locale'] },
): Promise<void> {
	const settings = await services.settings();
	if (!settings.welcomeEmail || !user.email || !user.emailVerified) return;
	try {
		const sender = await chooseSender(services, 'email');
		const link = `${services.origin}/apps/${services.id}/account`;
		const letter = welcomeLetter(settings, {
			to: user.email,
			person: user.name || user.username || user.email,
			link,
			locale,
		});
		await queueMessage(services, tx, { letter, sender });
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		services.log.warn({ code: error.code }, 'no welcome mail: no sender');
	}
}
