/** Proving one's email: a code to type, or a link whose page has a button. */
import { Refusal } from '../../../contract/errors';
import { keyOf } from '../../../contract/identifiers';
import { minute } from '../../runtime/clock';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User } from '../../storage/app/users';
import { isDuplicate } from '../../storage/engine/failures';
import type { Verification } from '../../storage/shared/verifications';
import { recordEvent } from '../audit/record-event';
import { chooseSender } from '../messages/choose-sender';
import { codeLetter } from '../messages/letters';
import { queueMessage } from '../messages/queue-message';
import type { AppServices, Visitor } from '../services';
import { codeLimits, sendLimits } from './send-limits';
import {
	consumeVerification,
	issueVerification,
	proveByCode,
	proveByLink,
	targetOf,
	verificationMinutes,
} from './verification';

type Needs = Pick<
	AppServices,
	| 'id'
	| 'origin'
	| 'settings'
	| 'store'
	| 'vault'
	| 'limiter'
	| 'plugins'
	| 'applianceSender'
	| 'wakeDelivery'
	| 'clock'
>;

/** Queues the mail in the caller's transaction. */
export async function queueEmailVerification(
	services: Needs,
	tx: AppRepositories,
	{
		user,
		app,
		sender,
		locale,
	}: {
		user: Pick<User, 'id' | 'username'> & { email: string };
		app: string;
		sender: string;
		locale: Visitor['locale'];
	},
): Promise<void> {
	const issued = await issueVerification(services, tx, {
		purpose: 'verify-email',
		key: keyOf(user.email),
		userId: user.id,
	});
	const link = `${services.origin}/apps/${services.id}/verify-email?token=${issued.linkToken}`;
	const letter = codeLetter({
		purpose: 'verify-email',
		to: user.email,
		app,
		code: issued.code,
		link,
		minutes: verificationMinutes,
		account: user.username ?? user.email,
		locale,
	});
	await queueMessage(services, tx, { letter, sender, life: verificationMinutes * minute });
}

/** Sends the mail once more, or for the first time. @throws Refusal auth/too-many-attempts, sender/not-configured, input/invalid */
export async function requestEmailVerification(services: Needs, user: User, visitor: Visitor): Promise<void> {
	const { email } = user;
	if (!email || user.emailVerified) throw new Refusal('input/invalid', { detail: 'nothing to verify' });
	const sender = await chooseSender(services, 'email');
	const { name } = await services.settings();
	await services.limiter.spend(sendLimits(targetOf(services.vault, keyOf(email)), visitor));
	await services.store.write((tx) =>
		queueEmailVerification(services, tx, {
			user: { id: user.id, username: user.username, email },
			app: name,
			sender,
			locale: visitor.locale,
		}),
	);
	services.wakeDelivery();
}

/**
 * Marks the email as proven, where nobody else proved it before.
 * @throws Refusal user/identifier-taken: said only to who can read that mailbox
 */
export async function markEmailProven(
	tx: AppRepositories,
	{ userId, email }: { userId: string; email: string },
	now: number,
): Promise<void> {
	const key = keyOf(email);
	const owner = await tx.users.findByIdentifier('email', key);
	if (owner && owner.id !== userId) throw new Refusal('user/identifier-taken');
	await tx.users
		.update(userId, { emailVerified: true, emailKey: key, updatedAt: now })
		.catch((error: unknown) => {
			throw isDuplicate(error) ? new Refusal('user/identifier-taken', { cause: error }) : error;
		});
}

/** @throws Refusal auth/code-invalid, auth/too-many-attempts, user/identifier-taken */
export async function confirmEmail(
	services: Needs,
	proof: { token: string } | { user: User; code: string },
	visitor: Visitor,
): Promise<void> {
	const prove = async (): Promise<Verification> => {
		if ('token' in proof) return proveByLink(services, proof.token, 'verify-email');
		const target = targetOf(services.vault, keyOf(proof.user.email ?? ''));
		const found = await services.store.read.verifications.findNewest(target, 'verify-email', proof.user.id);
		return proveByCode(services, found?.userId === proof.user.id ? found : undefined, proof.code);
	};
	const verification = await services.limiter.guard(codeLimits(visitor), prove);
	await services.store.write(async (tx) => {
		await consumeVerification(services, tx, verification);
		const user = verification.userId ? await tx.users.findById(verification.userId) : undefined;
		// The address may have been changed since the mail was sent.
		if (!user?.email || targetOf(services.vault, keyOf(user.email)) !== verification.target)
			throw new Refusal('auth/code-invalid');
		await markEmailProven(tx, { userId: user.id, email: user.email }, services.clock.now());
		await recordEvent(
			tx,
			{ action: 'user.verify-email', actor: { kind: 'user', id: user.id }, target: `user:${user.id}` },
			{ clock: services.clock, visitor },
		);
	});
}
