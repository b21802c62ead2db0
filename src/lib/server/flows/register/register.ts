/**
 * Registration. A username makes the account at once; an email signs in only after it was proven, so
 * nobody learns from here whether it has an account: with an email alone, or where the app demands it,
 * the account is made when the code that was mailed comes back.
 */
import type { AppSettings } from '../../../contract/app-settings';
import { Refusal } from '../../../contract/errors';
import { keyOf } from '../../../contract/identifiers';
import { registerLimits } from '../../limits/rules';
import { minute } from '../../runtime/clock';
import { newId } from '../../runtime/random';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User } from '../../storage/app/users';
import type { Verification } from '../../storage/shared/verifications';
import { chooseSender } from '../messages/choose-sender';
import { codeLetter, noticeLetter } from '../messages/letters';
import { queueMessage } from '../messages/queue-message';
import { acceptPassword } from '../password/accept-password';
import type { AppServices, Visitor } from '../services';
import { parseIdentifiers, parseName, type ParsedIdentifiers } from '../users/write-user';
import { queueEmailVerification } from '../verify/confirm-email';
import { prove } from '../verify/prove';
import { sendLimits } from '../verify/send-limits';
import { issueVerification, openData, targetOf, verificationMinutes } from '../verify/verification';
import { join, type Joined, type Joining } from './join';
import { accountDraftSchema, type AccountDraft } from './make-account';

type Needs = AppServices;

export interface RegisterInput {
	username?: string | undefined;
	email?: string | undefined;
	password: string;
	name?: string | undefined;
	/** Digest of the session that this browser has now. */
	replaces?: string | undefined;
}

export type Registered =
	| Joined
	/**
	 * A code was mailed (or, to an address that has an account, a note); `verification` names the waiting
	 * registration.
	 */
	| { status: 'verify-email'; verification: string; email: string };

const connector = 'password';
/** New accounts wait when the disk is full; signing in goes on. */
const growing = { grows: true };

/** Whether the app takes this registration, and whether the email has to be proven before there is an account. */
function readIdentifiers(
	input: RegisterInput,
	settings: AppSettings,
): { identifiers: ParsedIdentifiers; emailFirst: boolean } {
	if (!settings.systemAccounts) throw new Refusal('auth/method-unavailable');
	if (settings.registration !== 'open') throw new Refusal('auth/registration-closed');
	const identifiers = parseIdentifiers(input);
	const emailFirst = !identifiers.username || settings.requireVerified.includes('email');
	if (!identifiers.username && !identifiers.email)
		throw new Refusal('input/invalid', { fields: { username: 'input/invalid' } });
	if (emailFirst && !identifiers.email)
		throw new Refusal('input/invalid', { fields: { email: 'input/invalid' } });
	return { identifiers, emailFirst };
}

/**
 * @throws Refusal auth/registration-closed, auth/method-unavailable, input/invalid, user/username-taken,
 * password/*, auth/too-many-attempts, sender/not-configured
 */
export async function submitRegistration(
	services: Needs,
	input: RegisterInput,
	visitor: Visitor,
): Promise<Registered> {
	const settings = await services.settings();
	const { identifiers, emailFirst } = readIdentifiers(input, settings);
	const name = parseName(input.name ?? '');
	await acceptPassword(input.password, settings, {
		context: [identifiers.username, identifiers.email, name, settings.name],
	});
	// Checked before the name is looked up: the answer says that a name is taken, so a person who tries name after
	// name is limited.
	await services.limiter.spend({ by: visitor, on: registerLimits(visitor) });
	await refuseTakenUsername(services.store.read, identifiers);
	const secret = await services.plugins.secret(connector).enrol({ secret: input.password });
	const draft: AccountDraft = {
		...identifiers,
		id: newId(),
		name,
		emailVerified: false,
		phoneVerified: false,
		secret,
	};
	if (emailFirst) {
		const waiting = { email: draft.email ?? '', data: JSON.stringify(draft) };
		return { status: 'verify-email', ...(await askForCode(services, waiting, visitor)) };
	}
	const sender = draft.email ? await senderWithin(services, draft.email, visitor) : undefined;
	const mail = async (tx: AppRepositories, user: User) => {
		const { email } = draft;
		if (!email || !sender) return;
		const facts = { app: settings.name, sender, locale: visitor.locale };
		await queueEmailVerification(services, tx, { user: { ...user, email }, ...facts });
	};
	const joining = joiningOf(draft);
	return join(services, { joining, replaces: input.replaces, whenMade: mail }, visitor);
}

const joiningOf = (draft: AccountDraft): Joining => ({ draft, method: 'system', connector, amr: ['pwd'] });

/** @throws Refusal auth/code-invalid, auth/too-many-attempts, user/username-taken (taken meanwhile) */
export async function completeRegistration(
	services: Needs,
	input: { verification: string; code: string; replaces?: string | undefined },
	visitor: Visitor,
): Promise<Joined> {
	const settings = await services.settings();
	if (!settings.systemAccounts) throw new Refusal('auth/method-unavailable');
	if (settings.registration !== 'open') throw new Refusal('auth/registration-closed');
	const find = async () => {
		const found = await services.store.read.verifications.find(input.verification);
		return found?.purpose === 'register' ? found : undefined;
	};
	const verification = await prove(services, { action: 'user.register', find, code: input.code }, visitor);
	const data = openData(services, verification);
	if (!data) throw new Refusal('auth/code-invalid');
	const draft = { ...accountDraftSchema.parse(JSON.parse(data)), emailVerified: true };
	const uses = [{ row: verification }];
	return join(services, { joining: joiningOf(draft), uses, replaces: input.replaces }, visitor);
}

/**
 * The sender of the mail that proves an address given along with a username. Registering must not flood a mailbox:
 * beyond the limits the account is made all the same, and the mail can be asked for later.
 */
async function senderWithin(services: Needs, email: string, visitor: Visitor): Promise<string | undefined> {
	try {
		const sender = await chooseSender(services, 'email');
		await services.limiter.spend(sendLimits(targetOf(services.vault, keyOf(email)), visitor));
		return sender;
	} catch (error) {
		if (error instanceof Refusal) return undefined;
		throw error;
	}
}

async function refuseTakenUsername(read: AppRepositories, identifiers: ParsedIdentifiers): Promise<void> {
	if (!identifiers.username) return;
	const taken = await read.users.findByIdentifier('username', keyOf(identifiers.username));
	if (taken) throw new Refusal('user/username-taken', { fields: { username: 'user/username-taken' } });
}

/**
 * Mails a new code for a waiting registration; the code before it is void. The same steps and the
 * same answer, whether the address has an account or not.
 * @throws Refusal auth/code-invalid (nothing waits any more), auth/too-many-attempts, sender/not-configured
 */
export async function resendRegistrationCode(
	services: Needs,
	waiting: { verification: string; email: string },
	visitor: Visitor,
): Promise<{ verification: string; email: string }> {
	const settings = await services.settings();
	readIdentifiers({ email: waiting.email, password: '' }, settings);
	const found = await services.store.read.verifications.find(waiting.verification);
	const open =
		found?.purpose === 'register' && found.usedAt === null && found.expiresAt > services.clock.now();
	if (!open || found.target !== targetOf(services.vault, keyOf(waiting.email)))
		throw new Refusal('auth/code-invalid');
	return askForCode(
		services,
		{ email: waiting.email, data: openData(services, found), replaces: found },
		visitor,
	);
}

/** The same steps and the same answer, whether the email has an account or not. */
async function askForCode(
	services: Needs,
	waiting: { email: string; data: string | undefined; replaces?: Verification },
	visitor: Visitor,
): Promise<{ verification: string; email: string }> {
	const { email, data, replaces } = waiting;
	const sender = await chooseSender(services, 'email');
	const { name } = await services.settings();
	await services.limiter.spend(sendLimits(targetOf(services.vault, keyOf(email)), visitor));
	const verification = await services.store.write(async (tx) => {
		const owner = await tx.users.findByIdentifier('email', keyOf(email));
		const kept = owner ? undefined : data;
		if (replaces) await tx.verifications.close(replaces.id, services.clock.now());
		const issued = await issueVerification(services, tx, {
			purpose: 'register',
			key: keyOf(email),
			userId: null,
			...(kept === undefined ? {} : { data: kept }),
		});
		const facts = {
			to: email,
			app: name,
			link: `${services.origin}/apps/${services.id}/account`,
			locale: visitor.locale,
		};
		const letter =
			kept === undefined
				? noticeLetter({ ...facts, purpose: 'already-registered' })
				: codeLetter({ ...facts, purpose: 'register', code: issued.code, minutes: verificationMinutes });
		await queueMessage(services, tx, { letter, sender, life: verificationMinutes * minute });
		return issued.id;
	}, growing);
	services.wakeDelivery();
	return { verification, email };
}
