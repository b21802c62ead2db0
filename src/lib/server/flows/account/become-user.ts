/**
 * A guest chooses a username and a password: what they have here is theirs from then on, and the fingerprint
 * opens nothing any more. The other roads (email, phone, passkey, an account elsewhere) end in upgradeGuest too.
 */
import type { AppSettings } from '../../../contract/app-settings';
import { Refusal } from '../../../contract/errors';
import { decideArrival } from '../../domain/sign-in-policy';
import type { User } from '../../storage/app/users';
import { registerLimits } from '../../limits/rules';
import { isGuest, upgradeGuest } from '../external/guests';
import { acceptPassword } from '../password/accept-password';
import { replacePassword } from '../recover/recover';
import type { SignedIn } from '../sign-in/begin-session';
import { issueKnownBrowser } from '../sign-in/known-browser';
import { endSessionsOf } from '../sign-out/end-sessions';
import type { AppServices, Visitor } from '../services';
import { holdOwner, type OwnSession } from './hold-owner';
import { chosenUsername, giveUsername } from './name-beside-password';

const connector = 'password';

/** As a stranger with a username and a password, who has proven what the guest has. */
const decide = (settings: AppSettings, user: User) =>
	decideArrival(settings, {
		method: 'system',
		identifier: 'username',
		proven: { email: user.emailVerified, phone: user.phoneVerified },
		joins: true,
	});

/** @returns undefined for who is no guest; `byPassword`: a username and a password would make them a user */
export async function readGuest(
	services: Pick<AppServices, 'settings' | 'store' | 'plugins'>,
	user: User,
): Promise<{ byPassword: boolean } | undefined> {
	if (!(await isGuest(services.store.read, user.id))) return undefined;
	const allowed = decide(await services.settings(), user).do === 'register';
	return { byPassword: allowed && (await services.plugins.isEnabled(connector)) };
}

interface BecomeUserInput {
	user: User;
	session: OwnSession;
	username: string;
	newPassword: string;
}

/** @throws Refusal input/invalid (field username), password/* (field newPassword), auth/method-unavailable, auth/registration-closed */
async function accept(
	services: Pick<AppServices, 'settings'>,
	{ user, username: typed, newPassword }: BecomeUserInput,
): Promise<string> {
	const settings = await services.settings();
	const decision = decide(settings, user);
	if (decision.do === 'refuse') throw new Refusal(decision.code);
	if (decision.do !== 'register') throw new Refusal('auth/method-unavailable');
	const username = chosenUsername(typed);
	await acceptPassword(newPassword, settings, { context: [username, settings.name], field: 'newPassword' });
	return username;
}

/**
 * Nothing is proven anew: a guest has nothing to prove it with.
 * @returns the session that takes the place of the one that asked, and a note for the browser it is in
 * @throws Refusal as accept; user/username-taken; auth/too-many-attempts; auth/method-unavailable for who is no guest; auth/not-signed-in
 */
export async function becomeUser(
	services: AppServices,
	input: BecomeUserInput,
	visitor: Visitor,
): Promise<Required<Pick<SignedIn, 'user' | 'session' | 'knownBrowser'>>> {
	// The queue for hashing is everybody's: who is no guest, or tries too often, never stands in it.
	if (!(await isGuest(services.store.read, input.user.id))) throw new Refusal('auth/method-unavailable');
	const username = await accept(services, input);
	await services.limiter.spend({ by: visitor, on: registerLimits(visitor) });
	const secret = await services.plugins.secret(connector).enrol({ secret: input.newPassword });
	const userId = input.user.id;
	const became = await services.store.write(async (tx) => {
		await holdOwner(tx, input.session);
		if (!(await isGuest(tx, userId))) throw new Refusal('auth/method-unavailable');
		await giveUsername(tx, { userId, username }, services.clock.now());
		const credential = await replacePassword(services, tx, { userId, secret });
		await upgradeGuest(services, tx, { userId, visitor });
		await endSessionsOf(services, tx, { userId });
		const user = await tx.users.findById(userId);
		if (!user) throw new Refusal('user/not-found');
		const { device, address } = visitor;
		const session = await services.sessions.start(tx, userId, { amr: ['pwd'], device, address });
		return { user, session, knownBrowser: issueKnownBrowser(services.vault, { userId, credential }) };
	});
	services.wakeLogout();
	return became;
}
