/** Proving one's email: a code to type, or a link whose page has a button. */
import { Refusal } from '../../../contract/errors';
import { keyOf, maskEmail } from '../../../contract/identifiers';
import { minute } from '../../runtime/clock';
import { digest } from '../../runtime/vault';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User } from '../../storage/app/users';
import { isDuplicate } from '../../storage/engine/failures';
import type { Verification } from '../../storage/shared/verifications';
import { recordEvent } from '../audit/record-event';
import { chooseSender } from '../messages/choose-sender';
import { codeLetter } from '../messages/letters';
import { queueMessage } from '../messages/queue-message';
import type { AppServices, Visitor } from '../services';
import { prove } from './prove';
import { sendLimits } from './send-limits';
import { consumeVerification, issueVerification, targetOf, verificationMinutes } from './verification';

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
 * Marks the email as proven, where no other user proved it before.
 * @throws Refusal user/identifier-taken: shown only to a person who can read that mailbox
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

/**
 * What a mailed link would confirm, for the page that it opens; the link is not used up. The account is named as
 * the mail named it; the address only so that its owner knows it again, since links are copied and kept.
 * @returns undefined for a link that is unknown, used or expired
 */
export async function readEmailLink(
	services: Needs,
	token: string,
): Promise<{ account: string; email: string } | undefined> {
	const { store, vault, clock } = services;
	const found = await store.read.verifications.findByLink(digest(token), 'verify-email');
	if (!found?.userId || found.usedAt !== null || found.expiresAt <= clock.now()) return undefined;
	const user = await store.read.users.findById(found.userId);
	if (!user?.email || targetOf(vault, keyOf(user.email)) !== found.target) return undefined;
	return { account: user.username ?? '', email: maskEmail(user.email) };
}

/** @throws Refusal auth/code-invalid, auth/too-many-attempts, user/identifier-taken */
export async function confirmEmail(
	services: Needs,
	proof: { token: string } | { user: User; code: string },
	visitor: Visitor,
): Promise<void> {
	const find = async (): Promise<Verification | undefined> => {
		const { verifications } = services.store.read;
		if ('token' in proof) return verifications.findByLink(digest(proof.token), 'verify-email');
		const target = targetOf(services.vault, keyOf(proof.user.email ?? ''));
		const found = await verifications.findNewest(target, 'verify-email', proof.user.id);
		return found?.userId === proof.user.id ? found : undefined;
	};
	const typed = 'token' in proof ? {} : { code: proof.code };
	const verification = await prove(services, { action: 'user.verify-email', find, ...typed }, visitor);
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
