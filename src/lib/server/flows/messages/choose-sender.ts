/** Which sender carries a channel: the app's own choice, the appliance's, or the outbox where it may be used. */
import { z } from 'zod';
import { Refusal } from '../../../contract/errors';
import type { AppServices, ApplianceServices } from '../services';

type Channel = 'email' | 'sms';
type Needs = Pick<AppServices, 'settings' | 'plugins' | 'applianceSender'>;

export const senderChannels = ['email', 'sms'] as const;
export const trialSender = 'outbox';
export const senderSetting = 'senders';
export const sendersSchema = z.object({ email: z.string().default(''), sms: z.string().default('') });

/** The appliance's own choice, also inherited by apps that made none. */
export async function applianceSender(
	services: Pick<ApplianceServices, 'control'>,
	channel: Channel,
): Promise<string> {
	const stored = sendersSchema.safeParse((await services.control.read.settings.find(senderSetting)) ?? {});
	return stored.success ? stored.data[channel] : '';
}

/** @throws Refusal sender/not-configured: nothing can be delivered, and nothing was written */
export async function chooseSender(services: Needs, channel: Channel): Promise<string> {
	const { senders } = await services.settings();
	const chosen = senders[channel] || (await services.applianceSender(channel)) || trialSender;
	try {
		await services.plugins.requireSender(chosen, channel);
		return chosen;
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		throw new Refusal('sender/not-configured', { params: { channel }, cause: error });
	}
}

/** For a notice that is left out where it cannot be sent. @returns undefined where nothing can be delivered */
export async function findSender(services: Needs, channel: Channel): Promise<string | undefined> {
	try {
		return await chooseSender(services, channel);
	} catch (error) {
		if (error instanceof Refusal) return undefined;
		throw error;
	}
}
