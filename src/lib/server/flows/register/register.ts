/**
 * Registration. A username makes the account at once; an email signs in only after it was proven, so
 * nobody learns from here whether it has an account: with an email alone, or where the app demands it,
 * the account is made when the code that was mailed comes back.
 */
import type { AppSettings } from '../../../contract/app-settings';
import { Refusal } from '../../../contract/errors';
import { keyOf } from '../../../contract/identifiers';
import { limits, sourceOf } from '../../limits/rules';
import { newId } from '../../runtime/random';
import type { AppRepositories } from '../../storage/app/repositories';
import { recordEvent } from '../audit/record-event';
import { chooseSender } from '../messages/choose-sender';
import { codeLetter, noticeLetter } from '../messages/letters';
import { queueMessage } from '../messages/queue-message';
import { acceptPassword } from '../password/accept-password';
import { beginSession, type SignedIn } from '../sign-in/begin-session';
import type { AppServices, Visitor } from '../services';
import { parseIdentifiers, writeUser, type ParsedIdentifiers } from '../users/write-user';
import { queueEmailVerification } from '../verify/confirm-email';
import { codeLimits, sendLimits } from '../verify/send-limits';
import {
	consumeVerification,
	issueVerification,
	openData,
	proveByCode,
	targetOf,
	verificationMinutes,
} from '../verify/verification';

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
	| { status: 'signed-in'; signedIn: SignedIn }
	/** A code was mailed (or, to an address that has an account, a note); `verification` names what waits for it. */
	| { status: 'verify-email'; verification: string; email: string };

/** What waits, sealed, for the code. */
interface PendingAccount extends ParsedIdentifiers {
	id: string;
	name: string;
	secret: string;
}

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
	acceptPassword(input.password, settings, {
		context: [identifiers.username, identifiers.email, input.name, settings.name],
	});
	await refuseTakenUsername(services.store.read, identifiers);
	await services.limiter.spend([
		[limits.registerAddress, sourceOf(visitor.address)],
		[limits.registerApp, 'all'],
	]);
	const secret = await services.plugins.secret(connector).enrol({ secret: input.password });
	const account: PendingAccount = { ...identifiers, id: newId(), name: input.name?.trim() ?? '', secret };
	if (emailFirst) return askForCode(services, account, visitor);
	const sender = account.email ? await senderWithin(services, account.email, visitor) : undefined;
	const signedIn = await services.store.write(async (tx) => {
		const made = await makeAccount(services, tx, {
			account,
			emailVerified: false,
			visitor,
			replaces: input.replaces,
		});
		if (account.email && sender)
			await queueEmailVerification(services, tx, {
				user: { id: account.id, username: account.username, email: account.email },
				app: settings.name,
				sender,
				locale: visitor.locale,
			});
		return made;
	}, growing);
	services.wakeDelivery();
	return { status: 'signed-in', signedIn };
}

/** @throws Refusal auth/code-invalid, auth/too-many-attempts, user/username-taken (taken meanwhile) */
export async function completeRegistration(
	services: Needs,
	input: { verification: string; code: string; replaces?: string | undefined },
	visitor: Visitor,
): Promise<SignedIn> {
	const settings = await services.settings();
	if (!settings.systemAccounts) throw new Refusal('auth/method-unavailable');
	if (settings.registration !== 'open') throw new Refusal('auth/registration-closed');
	const verification = await services.limiter.guard(codeLimits(visitor), async () => {
		const found = await services.store.read.verifications.find(input.verification);
		return proveByCode(services, found?.purpose === 'register' ? found : undefined, input.code);
	});
	const data = openData(services, verification);
	if (!data) throw new Refusal('auth/code-invalid');
	const account = JSON.parse(data) as PendingAccount;
	return services.store.write(async (tx) => {
		await consumeVerification(services, tx, verification);
		return makeAccount(services, tx, { account, emailVerified: true, visitor, replaces: input.replaces });
	}, growing);
}

/**
 * The sender of the mail that proves an address given along with a username. Nobody's mailbox is flooded by
 * registering: beyond the limits the account is made all the same, and the mail can be asked for later.
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

/** The account, its password, its role and its first session: one transaction. */
async function makeAccount(
	services: Needs,
	tx: AppRepositories,
	{
		account,
		emailVerified,
		visitor,
		replaces,
	}: { account: PendingAccount; emailVerified: boolean; visitor: Visitor; replaces?: string | undefined },
): Promise<SignedIn> {
	const now = services.clock.now();
	const settings = await services.settings();
	const user = await writeUser(tx, { ...account, emailVerified, locale: visitor.locale }, now);
	const credential = newId();
	await tx.credentials.create({ id: credential, userId: user.id, connector, secret: account.secret }, now);
	if (settings.defaultRole && settings.defaultRole !== 'admin')
		await tx.roles.setOfUser(user.id, [settings.defaultRole]);
	await recordEvent(
		tx,
		{
			action: 'user.register',
			actor: { kind: 'user', id: user.id },
			target: `user:${user.id}`,
			detail: { connector },
		},
		{ clock: services.clock, visitor },
	);
	return beginSession(services, tx, {
		proof: { user, amr: ['pwd'], connector, credential, replaces },
		visitor,
	});
}

/** The same steps and the same answer, whether the email has an account or not. */
async function askForCode(services: Needs, account: PendingAccount, visitor: Visitor): Promise<Registered> {
	const email = account.email ?? '';
	const sender = await chooseSender(services, 'email');
	const { name } = await services.settings();
	await services.limiter.spend(sendLimits(targetOf(services.vault, keyOf(email)), visitor));
	const verification = await services.store.write(async (tx) => {
		const owner = await tx.users.findByIdentifier('email', keyOf(email));
		const issued = await issueVerification(services, tx, {
			purpose: 'register',
			key: keyOf(email),
			userId: null,
			...(owner ? {} : { data: JSON.stringify(account) }),
		});
		const facts = {
			to: email,
			app: name,
			link: `${services.origin}/apps/${services.id}/account`,
			locale: visitor.locale,
		};
		const letter = owner
			? noticeLetter({ ...facts, purpose: 'already-registered' })
			: codeLetter({ ...facts, purpose: 'register', code: issued.code, minutes: verificationMinutes });
		await queueMessage(services, tx, { letter, sender });
		return issued.id;
	}, growing);
	services.wakeDelivery();
	return { status: 'verify-email', verification, email };
}
