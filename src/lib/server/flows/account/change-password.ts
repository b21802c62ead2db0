/** A signed-in user changes the password: the old one is asked for, every other session ends, the owner is told. */
import type { Session } from '../../sessions/sessions';
import type { User } from '../../storage/app/users';
import { recordEvent } from '../audit/record-event';
import { upgradeGuest } from '../external/guests';
import { findSender } from '../messages/choose-sender';
import { registerLimits } from '../../limits/rules';
import { acceptPassword } from '../password/accept-password';
import { queuePasswordNotice, replacePassword } from '../recover/recover';
import type { SignedIn } from '../sign-in/begin-session';
import { issueKnownBrowser } from '../sign-in/known-browser';
import { endSessionsOf } from '../sign-out/end-sessions';
import type { AppServices, Visitor } from '../services';
import { holdOwner, type OwnSession } from './hold-owner';
import { chosenUsername, giveUsername, nameBeside } from './name-beside-password';
import { hasPassword, proveFresh } from './prove-fresh';

const connector = 'password';

export interface ChangePasswordInput {
	user: User;
	session: OwnSession & Pick<Session, 'authTime'>;
	/** Empty only where the account has none yet: then the sign-in must be of the last minutes. */
	password: string;
	newPassword: string;
	/** Taken for a first password that would have no name beside it (`nameBeside`), else not looked at. */
	username?: string | undefined;
}

/** @throws Refusal input/invalid (field username) */
async function usernameFor(
	services: Pick<AppServices, 'store' | 'settings'>,
	{ user, username }: ChangePasswordInput,
): Promise<string | undefined> {
	if (username === undefined || nameBeside(await services.settings(), user) !== 'wanted') return undefined;
	return (await hasPassword(services, user.id)) ? undefined : chosenUsername(username);
}

/**
 * @returns the session that takes the place of the one that asked, and a new note for the browser it is in:
 * the old one is void like those of all others
 * @throws Refusal auth/invalid-credentials (field password), auth/fresh-sign-in-required,
 * password/* (field newPassword), auth/too-many-attempts;
 * input/invalid, user/username-taken (field username); auth/not-signed-in (ended meanwhile)
 */
export async function changePassword(
	services: AppServices,
	input: ChangePasswordInput,
	visitor: Visitor,
): Promise<Required<Pick<SignedIn, 'user' | 'session' | 'knownBrowser'>>> {
	const { user } = input;
	const settings = await services.settings();
	const username = await usernameFor(services, input);
	await acceptPassword(input.newPassword, settings, {
		context: [username ?? user.username, user.email, user.name, settings.name],
		field: 'newPassword',
	});
	await proveFresh(services, input, visitor);
	// Which names are taken is told as slowly as to who registers.
	if (username) await services.limiter.spend({ by: visitor, on: registerLimits(visitor) });
	const secret = await services.plugins.secret(connector).enrol({ secret: input.newPassword });
	const sender = user.email ? await findSender(services, 'email') : undefined;
	const started = await services.store.write(async (tx) => {
		await holdOwner(tx, input.session);
		const credential = await replacePassword(services, tx, { userId: user.id, secret });
		if (username) await giveUsername(tx, { userId: user.id, username }, services.clock.now());
		// A password without a name to type beside it lets nobody in.
		if (username || user.username || user.emailVerified || user.phoneVerified)
			await upgradeGuest(services, tx, { userId: user.id, visitor });
		await endSessionsOf(services, tx, { userId: user.id });
		await tx.verifications.deleteOfUser(user.id);
		await recordEvent(
			tx,
			{ action: 'user.change-password', actor: { kind: 'user', id: user.id }, target: `user:${user.id}` },
			{ clock: services.clock, visitor },
		);
		if (sender)
			await queuePasswordNotice(services, tx, { user, app: settings.name, sender, locale: visitor.locale });
		const session = await services.sessions.start(tx, user.id, {
			amr: ['pwd'],
			device: visitor.device,
			address: visitor.address,
		});
		const changed = (await tx.users.findById(user.id)) ?? user;
		return {
			user: changed,
			session,
			knownBrowser: issueKnownBrowser(services.vault, { userId: user.id, credential }),
		};
	});
	services.wakeDelivery();
	services.wakeLogout();
	return started;
}
