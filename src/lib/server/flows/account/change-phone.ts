/**
 * Adding or changing one's own phone number: asked for with a fresh proof of who it is, done once the code that
 * went to the new number comes back. Whether a number has an account is told only to who can read its messages.
 */
import { Refusal } from '../../../contract/errors';
import { minute } from '../../runtime/clock';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User } from '../../storage/app/users';
import { isDuplicate } from '../../storage/engine/failures';
import { recordEvent } from '../audit/record-event';
import { upgradeGuest } from '../external/guests';
import { composeCode } from '../codes/compose-code';
import { chooseSender } from '../messages/choose-sender';
import { queueMessage } from '../messages/queue-message';
import type { AppServices, Visitor } from '../services';
import { codeConnectorFor } from '../sign-in/list-methods';
import { prove } from '../verify/prove';
import { sendLimits } from '../verify/send-limits';
import {
	consumeVerification,
	issueVerification,
	newProof,
	targetOf,
	verificationMinutes,
} from '../verify/verification';
import type { Owner } from './change-ways-in';
import { proveFresh } from './prove-fresh';
import { tellOwner } from './tell-owner';

const purpose = 'change-phone';

const invalid = () => new Refusal('input/invalid', { fields: { phone: 'input/invalid' } });

/**
 * Sends a code to the new number.
 * @param order.phone as typed
 * @returns the number in its one form
 * @throws Refusal input/invalid (field phone), plugin/not-enabled, sender/not-configured, auth/invalid-credentials
 * (field password), auth/fresh-sign-in-required, auth/too-many-attempts
 */
export async function requestPhoneChange(
	services: AppServices,
	order: Owner & { phone: string },
	visitor: Visitor,
): Promise<string> {
	const { user } = order;
	const connector = await codeConnectorFor(services, 'phone');
	const key = await services.plugins
		.code(connector, visitor.locale)
		.normalise({ typed: order.phone.slice(0, 32) });
	if (!key || (user.phoneVerified && user.phone === key)) throw invalid();
	const sender = await chooseSender(services, 'sms');
	await proveFresh(services, order, visitor);
	await services.limiter.spend(sendLimits(targetOf(services.vault, key), visitor));
	const [proof, { locale }] = [newProof(), visitor];
	const facts = { connector, channel: 'sms', key, purpose, code: proof.code, locale } as const;
	// Before the write: no connector may hold up what others want to keep.
	const letter = await composeCode(services, facts);
	await services.store.write(async (tx) => {
		await issueVerification(services, tx, { purpose, key, userId: user.id, proof });
		await queueMessage(services, tx, { letter, sender, life: verificationMinutes * minute });
	});
	services.wakeDelivery();
	return key;
}

/**
 * @param input.phone as `requestPhoneChange` gave it
 * @throws Refusal auth/code-invalid, auth/too-many-attempts, user/identifier-taken
 */
export async function completePhoneChange(
	services: AppServices,
	input: { user: User; phone: string; code: string },
	visitor: Visitor,
): Promise<User> {
	const { user, phone, code } = input;
	const target = targetOf(services.vault, phone);
	const find = () => services.store.read.verifications.findNewest(target, purpose, user.id);
	const proven = await prove(services, { action: 'user.change-phone', find, code }, visitor);
	const changed = await services.store.write(async (tx) => {
		await tx.users.hold(user.id);
		await consumeVerification(services, tx, proven);
		await moveTo(tx, { userId: user.id, phone }, services.clock.now());
		await upgradeGuest(services, tx, { userId: user.id, visitor });
		// Codes that went to the old number must not open the account any more.
		await tx.verifications.deleteOfUser(user.id);
		await recordEvent(
			tx,
			{ action: 'user.change-phone', actor: { kind: 'user', id: user.id }, target: `user:${user.id}` },
			{ clock: services.clock, visitor },
		);
		const after = await tx.users.findById(user.id);
		if (!after) throw new Refusal('user/not-found');
		return after;
	});
	await tellOwner(services, { user: changed, news: 'phone-changed', what: masked(phone) }, visitor);
	return changed;
}

/** `+86•••••••8000`: mails are read by more people than accounts. */
export const masked = (phone: string): string => `${phone.slice(0, 3)}•••••${phone.slice(-4)}`;

async function moveTo(
	tx: AppRepositories,
	{ userId, phone }: { userId: string; phone: string },
	now: number,
): Promise<void> {
	const owner = await tx.users.findByIdentifier('phone', phone);
	if (owner && owner.id !== userId) throw new Refusal('user/identifier-taken');
	const change = { phone, phoneKey: phone, phoneVerified: true, updatedAt: now };
	await tx.users.update(userId, change).catch((error: unknown) => {
		throw isDuplicate(error) ? new Refusal('user/identifier-taken', { cause: error }) : error;
	});
}
