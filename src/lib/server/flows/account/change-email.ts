/**
 * Adding or changing one's own email: asked for with a fresh proof of who it is, done once the code that went
 * to the new address comes back. Until then the old address stays; afterwards it is told (ASVS 6.3.7). Nobody
 * learns from here whether an address has an account: its owner is written to instead.
 */
import { Refusal } from '../../../contract/errors';
import { emailSchema, keyOf } from '../../../contract/identifiers';
import { minute } from '../../runtime/clock';
import type { Session } from '../../sessions/sessions';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User } from '../../storage/app/users';
import { isDuplicate } from '../../storage/engine/failures';
import { recordEvent } from '../audit/record-event';
import { upgradeGuest } from '../external/guests';
import { chooseSender, findSender } from '../messages/choose-sender';
import { codeLetter, noticeLetter } from '../messages/letters';
import { queueMessage } from '../messages/queue-message';
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
import { proveFresh } from './prove-fresh';

const purpose = 'change-email';
const life = verificationMinutes * minute;

export interface EmailOrder {
	user: User;
	session: Pick<Session, 'userId' | 'authTime'>;
	/** Not asked where the account has none. */
	password: string;
	email: string;
}

/**
 * Mails a code to the new address.
 * @returns the address as it will be kept
 * @throws Refusal input/invalid (field email), auth/invalid-credentials (field password),
 * auth/fresh-sign-in-required, auth/too-many-attempts, sender/not-configured
 */
export async function requestEmailChange(
	services: AppServices,
	order: EmailOrder,
	visitor: Visitor,
): Promise<string> {
	const { user } = order;
	const email = readEmail(order);
	const key = keyOf(email);
	const sender = await chooseSender(services, 'email');
	await proveFresh(services, order, visitor);
	await services.limiter.spend(sendLimits(targetOf(services.vault, key), visitor));
	const { name: app } = await services.settings();
	await services.store.write(async (tx) => {
		const owner = await tx.users.findByIdentifier('email', key);
		const taken = owner !== undefined && owner.id !== user.id;
		const issued = await issueVerification(services, tx, {
			purpose,
			key,
			userId: user.id,
			...(taken ? {} : { data: email }),
		});
		const facts = { to: email, app, link: accountOf(services), locale: visitor.locale };
		const account = user.username ?? user.name;
		const letter = taken
			? noticeLetter({ ...facts, purpose: 'email-in-use' })
			: codeLetter({ ...facts, purpose, account, code: issued.code, minutes: verificationMinutes });
		await queueMessage(services, tx, { letter, sender, life });
	});
	services.wakeDelivery();
	return email;
}

function readEmail({ email, user }: EmailOrder): string {
	const parsed = emailSchema.safeParse(email);
	const same = parsed.success && user.emailVerified && keyOf(parsed.data) === keyOf(user.email ?? '');
	if (!parsed.success || same) throw new Refusal('input/invalid', { fields: { email: 'input/invalid' } });
	return parsed.data;
}

const accountOf = ({ origin, id }: Pick<AppServices, 'origin' | 'id'>) =>
	`${origin}/apps/${id}/account/security`;

/**
 * Puts the proven address in the place of the old one.
 * @throws Refusal auth/code-invalid, auth/too-many-attempts, user/identifier-taken (proven by somebody meanwhile)
 */
export async function completeEmailChange(
	services: AppServices,
	{ user, email, code }: { user: User; email: string; code: string },
	visitor: Visitor,
): Promise<User> {
	const target = targetOf(services.vault, keyOf(email));
	const find = () => services.store.read.verifications.findNewest(target, purpose, user.id);
	const proven = await prove(services, { action: 'user.change-email', find, code }, visitor);
	const address = openData(services, proven);
	if (address === undefined)
		throw new Refusal('auth/code-invalid', { fields: { code: 'auth/code-invalid' } });
	const sender = user.email ? await findSender(services, 'email') : undefined;
	const { name: app } = await services.settings();
	const changed = await services.store.write(async (tx) => {
		await tx.users.hold(user.id);
		await consumeVerification(services, tx, proven);
		const before = await tx.users.findById(user.id);
		if (!before) throw new Refusal('user/not-found');
		await moveTo(tx, { userId: user.id, address }, services.clock.now());
		await upgradeGuest(services, tx, { userId: user.id, visitor });
		// Codes that went to the old address must not open the account any more.
		await tx.verifications.deleteOfUser(user.id);
		await recordEvent(
			tx,
			{ action: 'user.change-email', actor: { kind: 'user', id: user.id }, target: `user:${user.id}` },
			{ clock: services.clock, visitor },
		);
		const facts = { app, link: accountOf(services), locale: visitor.locale };
		if (sender && before.email && keyOf(before.email) !== keyOf(address)) {
			const letter = noticeLetter({ ...facts, purpose: 'email-changed', to: before.email });
			await queueMessage(services, tx, { letter, sender });
		}
		return { ...before, email: address, emailVerified: true };
	});
	services.wakeDelivery();
	return changed;
}

/** Said only to who can read that mailbox. @throws Refusal user/identifier-taken */
async function moveTo(
	tx: AppRepositories,
	{ userId, address }: { userId: string; address: string },
	now: number,
): Promise<void> {
	const key = keyOf(address);
	const change = { email: address, emailContact: key, emailKey: key, emailVerified: true, updatedAt: now };
	await tx.users.update(userId, change).catch((error: unknown) => {
		throw isDuplicate(error) ? new Refusal('user/identifier-taken', { cause: error }) : error;
	});
}
