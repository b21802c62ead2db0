/** How an app's messages travel right now, so that the console can warn before a user is left waiting. */
import { Refusal } from '../../../contract/errors';
import { chooseSender, trialSender } from '../messages/choose-sender';
import type { AppServices } from '../services';

/** `outbox`: kept here and read by an owner. `none`: refused. `sender`: delivered. */
export type DeliveryState = 'sender' | 'outbox' | 'none';

export async function deliveryState(
	services: Pick<AppServices, 'settings' | 'plugins' | 'applianceSender'>,
	channel: 'email' | 'sms',
): Promise<DeliveryState> {
	try {
		return (await chooseSender(services, channel)) === trialSender ? 'outbox' : 'sender';
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		return 'none';
	}
}
