/** Who owns an account hears of what changed in it, wherever it can be written to (ASVS 6.3.7). */
import { findSender } from '../messages/choose-sender';
import { noticeLetter } from '../messages/letters';
import { queueMessage } from '../messages/queue-message';
import type { AppServices, Visitor } from '../services';
import type { User } from '../../storage/app/users';

export interface AccountNews {
	user: Pick<User, 'email'>;
	news: 'phone-changed' | 'phone-removed' | 'email-removed' | 'way-in-added' | 'way-in-removed';
	/** By its name, as people know it. */
	what: string;
}

/** What was done is done: a mail that cannot be sent undoes nothing. */
export async function tellOwner(
	services: AppServices,
	{ user, news, what }: AccountNews,
	visitor: Pick<Visitor, 'locale'>,
): Promise<void> {
	if (!user.email) return;
	const sender = await findSender(services, 'email');
	if (!sender) return;
	const { name: app } = await services.settings();
	const link = `${services.origin}/apps/${services.id}/account/security`;
	const letter = noticeLetter({ purpose: news, to: user.email, app, link, what, locale: visitor.locale });
	await services.store.write((tx) => queueMessage(services, tx, { letter, sender }));
	services.wakeDelivery();
}
