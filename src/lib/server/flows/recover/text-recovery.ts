/**
 * Recovery by text message, for a person who enters a phone number: the same steps whether it has an account or
 * not.
 */
import { minute } from '../../runtime/clock';
import { nobody, recordEvent } from '../audit/record-event';
import { composeCode } from '../codes/compose-code';
import { chooseSender } from '../messages/choose-sender';
import { queueMessage } from '../messages/queue-message';
import type { AppServices, Visitor } from '../services';
import { codeConnectorFor } from '../sign-in/list-methods';
import { sendLimits } from '../verify/send-limits';
import { issueVerification, newProof, targetOf, verificationMinutes } from '../verify/verification';

const purpose = 'recover';

/**
 * @param key the normalised number
 * @returns what names the code
 * @throws Refusal auth/too-many-attempts, sender/not-configured, plugin/*
 */
export async function textRecovery(
	services: AppServices,
	{ key }: { key: string },
	visitor: Visitor,
): Promise<string> {
	const connector = await codeConnectorFor(services, 'phone');
	const sender = await chooseSender(services, 'sms');
	await services.limiter.spend(sendLimits(targetOf(services.vault, key), visitor));
	const found = await services.store.read.users.findByIdentifier('phone', key);
	const user = found?.status === 'active' ? found : undefined;
	const [proof, { locale }] = [newProof(), visitor];
	const facts = { connector, channel: 'sms', key, purpose, code: proof.code, locale } as const;
	// Composed before the write begins: a slow connector must not delay other writes.
	const letter = await composeCode(services, facts);
	const id = await services.store.write(async (tx) => {
		const issued = await issueVerification(services, tx, { purpose, key, userId: user?.id ?? null, proof });
		if (!user) return issued.id;
		await queueMessage(services, tx, { letter, sender, life: verificationMinutes * minute });
		await recordEvent(
			tx,
			{ action: 'user.recover-request', actor: nobody, target: `user:${user.id}` },
			{ clock: services.clock, visitor },
		);
		return issued.id;
	});
	services.wakeDelivery();
	return id;
}
