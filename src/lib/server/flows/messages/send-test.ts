/**
 * A message that an operator sends to see how it arrives: by the same sender and in the same words as users get it.
 */
import type { z } from 'zod';
import { Refusal, type ErrorCode } from '../../../contract/errors';
import { emailSchema, keyOf, phoneSchema } from '../../../contract/identifiers';
import { channelPurposes } from '../../../contract/template-words';
import { recordEvent } from '../audit/record-event';
import type { Actor, AppServices, Visitor } from '../services';
import { sendLimits } from '../verify/send-limits';
import { targetOf } from '../verify/verification';
import { chooseSender } from './choose-sender';
import { queueMessage } from './queue-message';
import { sampleLetter, sampleValues, type WhichMessage } from './sample-letter';

export interface TestOrder extends WhichMessage {
	/** As typed. */
	to: string;
	actor: Actor;
}

const invalid: ErrorCode = 'input/invalid';

/** @throws Refusal input/invalid with the field `to` or `purpose` */
function addressOf({ channel, purpose, to }: TestOrder): string {
	if (!channelPurposes[channel].includes(purpose))
		throw new Refusal(invalid, { fields: { purpose: invalid } });
	const schema: z.ZodType<string> = channel === 'email' ? emailSchema : phoneSchema;
	const parsed = schema.safeParse(to.trim());
	if (!parsed.success) throw new Refusal(invalid, { fields: { to: invalid } });
	return parsed.data;
}

/**
 * Its codes and links are made up and do not work.
 * @returns the message's id
 * @throws Refusal input/invalid, sender/not-configured, auth/too-many-attempts
 */
export async function sendTestMessage(
	services: AppServices,
	order: TestOrder,
	visitor: Visitor,
): Promise<string> {
	const { channel, purpose, locale, actor } = order;
	const to = addressOf(order);
	const sender = await chooseSender(services, channel);
	await services.limiter.spend(sendLimits(targetOf(services.vault, keyOf(to)), visitor));
	const which = { channel, purpose, locale, to };
	const letter = await sampleLetter(services, which, await sampleValues(services));
	const id = await services.store.write(async (tx) => {
		await recordEvent(
			tx,
			{ action: 'message.test', actor, detail: { channel, purpose, sender } },
			{ clock: services.clock, visitor },
		);
		return queueMessage(services, tx, { letter, sender });
	});
	services.wakeDelivery();
	return id;
}
