/**
 * Forgot password. The answer is the same for known and unknown accounts. No one can choose a new password without
 * a proof that was sent to the account's own address or number and is used up by it.
 */
import { Refusal } from '../../../contract/errors';
import { classifyIdentifier, keyOf } from '../../../contract/identifiers';
import { minute } from '../../runtime/clock';
import { newId } from '../../runtime/random';
import { digest } from '../../runtime/vault';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User } from '../../storage/app/users';
import type { AuditEntry } from '../../storage/shared/audit';
import type { Verification } from '../../storage/shared/verifications';
import { nobody, recordEvent } from '../audit/record-event';
import type { SentCode } from '../codes/send-code';
import { upgradeGuest } from '../external/guests';
import { chooseSender, findSender } from '../messages/choose-sender';
import { codeLetter, noticeLetter } from '../messages/letters';
import { queueMessage } from '../messages/queue-message';
import { acceptPassword } from '../password/accept-password';
import { isProvable } from '../sign-in/list-methods';
import { forgiveAccount } from '../sign-in/sign-in-limits';
import { endSessionsOf } from '../sign-out/end-sessions';
import type { AppServices, Visitor } from '../services';
import { prove } from '../verify/prove';
import { sendLimits } from '../verify/send-limits';
import {
	consumeVerification,
	issueVerification,
	openData,
	targetOf,
	verificationMinutes,
} from '../verify/verification';
import { removeWaysIn } from './remove-ways-in';
import { textRecovery } from './text-recovery';

type Needs = AppServices;

const connector = 'password';

/**
 * The account that an identifier names, if mail can reach it. An unproven email counts where no other account has
 * proven it.
 */
async function findRecoverable(read: AppRepositories, identifier: string): Promise<User | undefined> {
	const { kind, key } = classifyIdentifier(identifier);
	const user =
		kind === 'email'
			? (await read.users.listByEmailContact(key, 1))[0]
			: await read.users.findByIdentifier(kind, key);
	if (!user?.email || user.status !== 'active') return undefined;
	if (user.emailVerified) return user;
	// An address that another account has proven is not used to reach this one.
	return (await read.users.findByIdentifier('email', keyOf(user.email))) ? undefined : user;
}

/**
 * @returns `verification`, which marks the browser that asked: strangers' guesses and requests do not affect its
 * code
 * @throws Refusal auth/too-many-attempts, sender/not-configured, auth/method-unavailable
 */
export async function requestRecovery(
	services: Needs,
	input: { identifier: string },
	visitor: Visitor,
): Promise<SentCode> {
	const settings = await services.settings();
	if (!settings.systemAccounts) throw new Refusal('auth/method-unavailable');
	const { kind, key } = classifyIdentifier(input.identifier);
	if (!key) throw new Refusal('input/invalid', { fields: { identifier: 'input/invalid' } });
	const find = () => findRecoverable(services.store.read, input.identifier);
	const texted = kind === 'phone' && (await isProvable(services, 'phone'));
	const verification = texted
		? await textRecovery(services, { key }, visitor)
		: await mailRecovery(services, { key, find, actor: nobody }, visitor);
	return { verification, to: key, minutes: verificationMinutes };
}

interface RecoveryOrder {
	/** The identifier that is submitted with the code, normalised. */
	key: string;
	/** Called only once the limits allow it. */
	find: () => Promise<User | undefined>;
	actor: AuditEntry['actor'];
}

/**
 * The same steps for known and unknown targets.
 * @returns what names the code
 * @throws Refusal auth/too-many-attempts, sender/not-configured
 */
export async function mailRecovery(services: Needs, order: RecoveryOrder, visitor: Visitor): Promise<string> {
	const { key } = order;
	const { name } = await services.settings();
	const sender = await chooseSender(services, 'email');
	await services.limiter.spend(sendLimits(targetOf(services.vault, key), visitor));
	const user = await order.find();
	const id = await services.store.write(async (tx) => {
		const issued = await issueVerification(services, tx, {
			purpose: 'recover',
			key,
			userId: user?.id ?? null,
			// Which address the code will prove: the account's may be changed meanwhile.
			data: keyOf(user?.email ?? ''),
		});
		if (!user?.email) return issued.id;
		const link = `${services.origin}/apps/${services.id}/recover?token=${issued.linkToken}`;
		const facts = {
			app: name,
			code: issued.code,
			link,
			minutes: verificationMinutes,
			locale: visitor.locale,
			// Another person may have entered the address: its owner is told whose account it is.
			...(user.emailVerified ? {} : { account: user.username ?? user.email }),
		};
		await queueMessage(services, tx, {
			letter: codeLetter({ purpose: 'recover', to: user.email, ...facts }),
			sender,
			life: verificationMinutes * minute,
		});
		await recordEvent(
			tx,
			{ action: 'user.recover-request', actor: order.actor, target: `user:${user.id}` },
			{ clock: services.clock, visitor },
		);
		return issued.id;
	});
	services.wakeDelivery();
	return id;
}

/** @param verification as `requestRecovery` returned it to the browser that asked */
export type RecoveryProof =
	{ token: string } | { identifier: string; code: string; verification?: string | undefined };

/** @throws Refusal auth/code-invalid, auth/too-many-attempts, password/* */
export async function completeRecovery(
	services: Needs,
	input: { proof: RecoveryProof; newPassword: string },
	visitor: Visitor,
): Promise<void> {
	const settings = await services.settings();
	if (!settings.systemAccounts) throw new Refusal('auth/method-unavailable');
	// Checked before the code: a refused password should not use up tries.
	await acceptPassword(input.newPassword, settings, { context: [settings.name], field: 'newPassword' });
	const verification = await proveRecovery(services, input.proof, visitor);
	const user = verification.userId
		? await services.store.read.users.findById(verification.userId)
		: undefined;
	if (!user || user.status !== 'active') throw new Refusal('auth/code-invalid');
	await acceptPassword(input.newPassword, settings, {
		context: [user.username, user.email, user.name],
		field: 'newPassword',
	});
	const secret = await services.plugins.secret(connector).enrol({ secret: input.newPassword });
	const sender = await findSender(services, 'email');
	await services.store.write(async (tx) => {
		await consumeVerification(services, tx, verification);
		await replacePassword(services, tx, { userId: user.id, secret });
		const proven = await proveEmailToo(services, tx, {
			user,
			mailed: openData(services, verification) ?? '',
		});
		const removed = proven ? await removeWaysIn(services, tx, user.id) : [];
		await upgradeGuest(services, tx, { userId: user.id, visitor });
		await endSessionsOf(services, tx, { userId: user.id });
		await tx.verifications.deleteOfUser(user.id);
		await recordEvent(
			tx,
			{
				action: 'user.recover',
				actor: { kind: 'user', id: user.id },
				target: `user:${user.id}`,
				detail: removed.length > 0 ? { removed } : {},
			},
			{ clock: services.clock, visitor },
		);
		const notice = { user, app: settings.name, locale: visitor.locale, removed };
		if (sender) await queuePasswordNotice(services, tx, { ...notice, sender });
	});
	await forgiveAccount(services, [user.username, user.email, user.phone], visitor);
	services.wakeDelivery();
	services.wakeLogout();
}

function proveRecovery(services: Needs, proof: RecoveryProof, visitor: Visitor): Promise<Verification> {
	const { verifications } = services.store.read;
	const action = 'user.recover';
	if ('token' in proof) {
		const find = () => verifications.findByLink(digest(proof.token), 'recover');
		return prove(services, { action, find }, visitor);
	}
	const target = targetOf(services.vault, classifyIdentifier(proof.identifier).key);
	let own: Verification | undefined;
	const find = async () => {
		const named = proof.verification ? await verifications.find(proof.verification) : undefined;
		if (named?.purpose === 'recover' && named.target === target) own = named;
		// Strangers may have asked and guessed since: the owner must not be refused for that.
		return own ?? verifications.findNewest(target, 'recover');
	};
	return prove(services, { action, find, code: proof.code, isStranger: () => !own }, visitor);
}

/** Sets a password, whether there was one or not. @returns the new credential's id */
export async function replacePassword(
	services: Pick<AppServices, 'clock'>,
	tx: AppRepositories,
	{ userId, secret }: { userId: string; secret: string },
): Promise<string> {
	// Locked before any other row, as in a sign-in: transactions that lock in another order could deadlock.
	await tx.users.hold(userId);
	await tx.credentials.deleteOfUser(userId, connector);
	const id = newId();
	await tx.credentials.create({ id, userId, connector, secret }, services.clock.now());
	return id;
}

/**
 * The mail arrived, so the address is the user's, unless it was changed since or another user proved it first.
 * @returns whether it was proven only now
 */
async function proveEmailToo(
	services: Needs,
	tx: AppRepositories,
	{ user, mailed }: { user: User; mailed: string },
): Promise<boolean> {
	const key = keyOf(user.email ?? '');
	if (!key || user.emailVerified || key !== mailed) return false;
	if (await tx.users.findByIdentifier('email', key)) return false;
	await tx.users.update(user.id, { emailVerified: true, emailKey: key, updatedAt: services.clock.now() });
	return true;
}

/** Tells the owner by mail that the password was changed, where there is an address. */
export async function queuePasswordNotice(
	services: Pick<AppServices, 'id' | 'origin' | 'settings' | 'vault' | 'clock'>,
	tx: AppRepositories,
	notice: {
		user: User;
		app: string;
		sender: string;
		locale: Visitor['locale'];
		/** Other ways in that were removed with the old password. */
		removed?: readonly string[];
	},
): Promise<void> {
	if (!notice.user.email) return;
	const link = `${services.origin}/apps/${services.id}/recover`;
	const letter = noticeLetter({
		purpose: notice.removed?.length ? 'account-taken-back' : 'password-changed',
		to: notice.user.email,
		app: notice.app,
		link,
		locale: notice.locale,
	});
	await queueMessage(services, tx, { letter, sender: notice.sender });
}
