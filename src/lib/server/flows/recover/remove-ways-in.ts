/**
 * Removes ways in from before the account's address was proven. The person who made the account may have entered
 * another person's address; its owner, who proves it by recovery, must not share the account with them.
 */
import { guestConnector } from '../external/guests';
import type { AppServices } from '../services';
import type { AppRepositories } from '../../storage/app/repositories';

/**
 * Runs in the caller's transaction, which holds the user and has replaced the password.
 * @returns what was removed, by kind or connector: `github`, `passkey`, `phone`, `consent`
 */
export async function removeWaysIn(
	services: Pick<AppServices, 'clock' | 'engine'>,
	tx: AppRepositories,
	userId: string,
): Promise<string[]> {
	const removed: string[] = [];
	for (const { id, connector } of await tx.identities.listOfUser(userId)) {
		// A guest's fingerprint goes when the guest becomes a user.
		if (connector === guestConnector) continue;
		await tx.identities.delete(id);
		removed.push(connector);
	}
	for (const { id } of await tx.passkeys.listOfUser(userId)) {
		await tx.passkeys.delete(id);
		removed.push('passkey');
	}
	if ((await tx.users.findById(userId))?.phone) {
		const none = { phone: null, phoneKey: null, phoneVerified: false };
		await tx.users.update(userId, { ...none, updatedAt: services.clock.now() });
		removed.push('phone');
	}
	for (const { clientId } of await tx.consents.listOfUser(userId)) {
		await services.engine.revokeConsent(tx, userId, clientId);
		removed.push('consent');
	}
	return removed;
}
