/** How an app's messages travel right now, so that the console can warn before a user is left waiting. */
import { findSender, trialSender } from '../messages/choose-sender';
import type { AppServices } from '../services';

/** `outbox`: kept here and read by an owner. `none`: refused. `sender`: delivered. */
export type DeliveryState = 'sender' | 'outbox' | 'none';

export async function deliveryState(
	services: Pick<AppServices, 'settings' | 'plugins' | 'applianceSender'>,
	channel: 'email' | 'sms',
): Promise<DeliveryState> {
	const sender = await findSender(services, channel);
	if (!sender) return 'none';
	return sender === trialSender ? 'outbox' : 'sender';
}
