/**
 * Linking an account elsewhere by another device: this browser shows what to scan, the device confirms, and the
 * session that began it links. What was begun to sign in never links, and what was begun to link never signs in.
 */
import { Refusal } from '../../../contract/errors';
import { beginScan, takeLink, type BegunScan } from '../scan/scan';
import type { AppServices, Visitor } from '../services';
import type { User } from '../../storage/app/users';
import { linkReturned, type Owner } from './change-ways-in';
import type { OwnSession } from './hold-owner';
import { proveFresh } from './prove-fresh';

/** @throws Refusal as proveFresh and beginScan */
export async function beginLinkingByScan(
	services: AppServices,
	{ owner, connector }: { owner: Owner & { session: OwnSession }; connector: string },
	visitor: Visitor,
): Promise<BegunScan> {
	await proveFresh(services, owner, visitor);
	const link = { userId: owner.user.id, session: owner.session.id };
	return beginScan(services, { connector, link }, visitor);
}

/**
 * The device has confirmed. A refusal of who it is ends the scan as well.
 * @throws Refusal interaction/expired, interaction/not-yours, identity/taken, auth/not-signed-in; for a guest as requireUpgradable
 */
export async function linkScanned(
	services: AppServices,
	{ user, session, secret }: { user: User; session: OwnSession; secret: string },
	visitor: Visitor,
): Promise<void> {
	const arrived = await takeLink(services, { secret, session });
	try {
		await linkReturned(services, { user, session, arrived }, visitor);
	} catch (error) {
		const { store, clock } = services;
		if (error instanceof Refusal)
			await store.write((tx) => tx.verifications.close(arrived.uses[0].row.id, clock.now()));
		throw error;
	}
}
