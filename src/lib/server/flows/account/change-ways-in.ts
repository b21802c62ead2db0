/**
 * One's own ways in: accounts elsewhere and passkeys, added and taken away. Each needs a fresh proof of who it
 * is, and the owner is told by mail (ASVS 7.5.1, 6.3.7).
 */
import { Refusal } from '../../../contract/errors';
import type { Session } from '../../sessions/sessions';
import type { Identity } from '../../storage/app/identities';
import type { Passkey } from '../../storage/app/passkeys';
import type { User } from '../../storage/app/users';
import type { Arrived } from '../external/enter-external';
import { requireUpgradable } from '../external/guests';
import { linkArrival, linkExternal, unlinkIdentity } from '../external/link-external';
import { beginRedirect, type RedirectOrder } from '../external/redirect';
import {
	beginCeremony,
	enrolPasskey,
	removePasskey,
	type BegunCeremony,
	type CeremonyAnswer,
} from '../passkeys/ceremony';
import type { AppServices, Visitor } from '../services';
import type { OwnSession } from './hold-owner';
import { proveFresh } from './prove-fresh';
import { tellOwner } from './tell-owner';

/** Who changes something, and by which session: it must still stand when the change is written. */
interface SignedInOwner {
	user: User;
	session: OwnSession;
}

/** Who changes something, and what proves them. */
export interface Owner {
	user: User;
	session: Pick<Session, 'userId' | 'authTime'>;
	/** Not asked where the account has none. */
	password: string;
}

/** An operator's plugin may be gone while what it linked is still there. */
function nameOf({ plugins }: Pick<AppServices, 'plugins'>, connector: string, { locale }: Visitor): string {
	try {
		return plugins.manifestOf(connector).name[locale];
	} catch (error) {
		if (error instanceof Refusal) return connector;
		throw error;
	}
}

/** @returns the vendor's address @throws Refusal as proveFresh, requireUpgradable and beginRedirect */
export async function beginLinking(
	services: AppServices,
	{ owner, order }: { owner: Owner; order: Omit<RedirectOrder, 'link'> },
	visitor: Visitor,
): Promise<string> {
	await proveFresh(services, owner, visitor);
	await requireUpgradable(services, services.store.read, owner.user.id);
	return beginRedirect(services, { ...order, link: owner.user.id }, visitor);
}

/** Back from the vendor. @throws Refusal identity/taken, auth/not-signed-in */
export async function linkReturned(
	services: AppServices,
	{ user, session, arrived }: SignedInOwner & { arrived: Arrived },
	visitor: Visitor,
): Promise<void> {
	await linkExternal(services, { session, arrived }, visitor);
	const what = nameOf(services, arrived.connector, visitor);
	await tellOwner(services, { user, news: 'way-in-added', what }, visitor);
}

/** Who waited at the door has just signed in: that is the proof. @throws Refusal interaction/expired, identity/taken */
export async function linkWithWaiting(
	services: AppServices,
	{ user, session, pending }: SignedInOwner & { pending: string },
	visitor: Visitor,
): Promise<void> {
	const id = await linkArrival(services, { session, pending }, visitor);
	const linked = await services.store.read.identities.find(id);
	if (!linked) return;
	const what = nameOf(services, linked.connector, visitor);
	await tellOwner(services, { user, news: 'way-in-added', what }, visitor);
}

/** @throws Refusal as proveFresh; identity/not-found, auth/last-way-in */
export async function unlinkOwn(
	services: AppServices,
	{ owner, id }: { owner: Owner; id: string },
	visitor: Visitor,
): Promise<void> {
	await proveFresh(services, owner, visitor);
	const identity = await services.store.read.identities.find(id);
	if (!identity) throw new Refusal('identity/not-found');
	await unlinkIdentity(services, { user: owner.user, id }, visitor);
	const what = nameOf(services, identity.connector, visitor);
	await tellOwner(services, { user: owner.user, news: 'way-in-removed', what }, visitor);
}

/** What the browser is to sign. @throws Refusal as proveFresh; plugin/* */
export async function beginPasskey(
	services: AppServices,
	{ owner, browser, connector }: { owner: Owner; browser: string; connector: string },
	visitor: Visitor,
): Promise<BegunCeremony> {
	await proveFresh(services, owner, visitor);
	return beginCeremony(services, { connector, user: owner.user, browser }, visitor);
}

/** The ceremony was begun with a fresh proof, minutes ago. @throws Refusal as enrolPasskey */
export async function addPasskey(
	services: AppServices,
	added: CeremonyAnswer & SignedInOwner & { name: string },
	visitor: Visitor,
): Promise<void> {
	const passkey = await enrolPasskey(services, added, visitor);
	await tellOwner(
		services,
		{ user: added.user, news: 'way-in-added', what: passkeyName(services, passkey, visitor) },
		visitor,
	);
}

const passkeyName = (services: AppServices, { name, connector }: Passkey, visitor: Visitor): string =>
	[nameOf(services, connector, visitor), name].filter(Boolean).join(': ');

/** @throws Refusal as proveFresh; identity/not-found, auth/last-way-in */
export async function removeOwnPasskey(
	services: AppServices,
	{ owner, id }: { owner: Owner; id: string },
	visitor: Visitor,
): Promise<void> {
	await proveFresh(services, owner, visitor);
	const passkey = await services.store.read.passkeys.find(id);
	if (!passkey) throw new Refusal('identity/not-found');
	await removePasskey(services, { user: owner.user, id }, visitor);
	const what = passkeyName(services, passkey, visitor);
	await tellOwner(services, { user: owner.user, news: 'way-in-removed', what }, visitor);
}

/** @throws Refusal identity/not-found */
export async function renamePasskey(
	services: Pick<AppServices, 'store'>,
	{ user, id, name }: { user: Pick<User, 'id'>; id: string; name: string },
): Promise<void> {
	await services.store.write(async (tx) => {
		if ((await tx.passkeys.find(id))?.userId !== user.id) throw new Refusal('identity/not-found');
		await tx.passkeys.rename(id, name.trim().slice(0, 80));
	});
}

export type OwnIdentity = Pick<Identity, 'id' | 'connector' | 'name' | 'createdAt'>;
export type OwnPasskey = Pick<Passkey, 'id' | 'name' | 'createdAt' | 'lastUsedAt'>;

/** What there is of the one who is signed in; no credential leaves the server. */
export async function listOwnWaysIn(
	services: Pick<AppServices, 'store'>,
	userId: string,
): Promise<{ identities: OwnIdentity[]; passkeys: OwnPasskey[] }> {
	const { identities, passkeys } = services.store.read;
	const [linked, keys] = await Promise.all([identities.listOfUser(userId), passkeys.listOfUser(userId)]);
	return {
		identities: linked.map(({ id, connector, name, createdAt }) => ({ id, connector, name, createdAt })),
		passkeys: keys.map(({ id, name, createdAt, lastUsedAt }) => ({ id, name, createdAt, lastUsedAt })),
	};
}
