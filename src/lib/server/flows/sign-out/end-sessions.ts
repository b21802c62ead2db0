/**
 * Ends sessions, ours and the engine's, and notifies the clients (OIDC Back-Channel Logout), in one transaction.
 */
import type { AppRepositories } from '../../storage/app/repositories';
import type { SessionRow } from '../../storage/shared/sessions';
import { recordEvent } from '../audit/record-event';
import type { Actor, AppServices, Visitor } from '../services';

type Needs = Pick<AppServices, 'engine'>;

/** @param id digest of the session */
export async function endSession(
	services: Needs,
	tx: AppRepositories,
	{ id, offlineToo = false }: { id: string; offlineToo?: boolean },
): Promise<void> {
	const found = await tx.sessions.find(id);
	if (!found) return;
	await tx.users.hold(found.userId);
	const session = await tx.sessions.find(id);
	if (session) await endHeld(services, tx, { session, offlineToo });
}

/** The user is locked already: nothing is added to the session meanwhile. */
async function endHeld(
	services: Needs,
	tx: AppRepositories,
	{ session, offlineToo }: { session: SessionRow; offlineToo: boolean },
): Promise<void> {
	if (session.engineSession) await services.engine.endSession(tx, session.engineSession, { offlineToo });
	await tx.sessions.delete(session.id);
}

/** Every session of a user, except perhaps that of the request; tokens that live with a session end with it. */
export async function endSessionsOf(
	services: Needs,
	tx: AppRepositories,
	{ userId, except }: { userId: string; except?: string | undefined },
): Promise<number> {
	// A sign-in under way is waited for, and ended too; a later one is refused for its own reason.
	await tx.users.hold(userId);
	const sessions = (await tx.sessions.listOfUser(userId)).filter((session) => session.id !== except);
	// A stranger's browser must not go on using grants for offline use.
	for (const session of sessions) await endHeld(services, tx, { session, offlineToo: true });
	// Engine sessions that lost their link, and grants for offline use.
	if (!except) await services.engine.endAccount(tx, userId);
	return sessions.length;
}

type SignOutNeeds = Pick<AppServices, 'engine' | 'store' | 'clock' | 'wakeLogout'>;

/** Signs this browser out. Unknown or ended sessions are no error: the user is signed out either way. */
export async function signOut(
	services: SignOutNeeds,
	session: { id: string; userId: string },
	visitor: Visitor,
): Promise<void> {
	await services.store.write(async (tx) => {
		await endSession(services, tx, { id: session.id });
		await recordEvent(
			tx,
			{
				action: 'user.sign-out',
				actor: { kind: 'user', id: session.userId },
				target: `user:${session.userId}`,
			},
			{ clock: services.clock, visitor },
		);
	});
	services.wakeLogout();
}

/** Signs a user out everywhere. @returns how many sessions ended */
export async function signOutEverywhere(
	services: SignOutNeeds,
	input: { userId: string; except?: string | undefined; actor: Actor },
	visitor: Visitor,
): Promise<number> {
	const ended = await services.store.write(async (tx) => {
		const count = await endSessionsOf(services, tx, input);
		await recordEvent(
			tx,
			{
				action: 'user.sign-out-everywhere',
				actor: input.actor,
				target: `user:${input.userId}`,
				detail: { sessions: count },
			},
			{ clock: services.clock, visitor },
		);
		return count;
	});
	services.wakeLogout();
	return ended;
}
