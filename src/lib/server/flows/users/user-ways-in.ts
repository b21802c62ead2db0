/** A user's ways in, as operators see them and may take them away: also the last one, if they insist. */
import { Refusal } from '../../../contract/errors';
import { mayRemove, type WayIn } from '../../domain/ways-in';
import type { AppRepositories } from '../../storage/app/repositories';
import type { Identity } from '../../storage/app/identities';
import type { Passkey } from '../../storage/app/passkeys';
import { tellOwner } from '../account/tell-owner';
import { recordEvent } from '../audit/record-event';
import { listWaysIn, readWorkingWays } from '../external/link-external';
import type { Actor, AppServices, Visitor } from '../services';

/** It is the user's only way in that works now. */
type Last = { isLast: boolean };

export interface UserWaysIn {
	identities: (Identity & Last)[];
	passkeys: (Omit<Passkey, 'stored'> & Last)[];
	/** `password`, `email`, `phone`: where the user has it and it works now. */
	own: string[];
}

/** @throws Refusal user/not-found */
export async function readWaysIn(
	services: Pick<AppServices, 'settings' | 'plugins' | 'store' | 'applianceSender'>,
	userId: string,
): Promise<UserWaysIn> {
	const { read } = services.store;
	const user = await read.users.findById(userId);
	if (!user) throw new Refusal('user/not-found');
	const ways = await listWaysIn(read, user, await readWorkingWays(services));
	const [identities, passkeys] = [
		await read.identities.listOfUser(userId),
		await read.passkeys.listOfUser(userId),
	];
	const bound = new Set([...identities, ...passkeys].map(({ id }) => id));
	return {
		identities: identities.map((identity) => ({ ...identity, isLast: isLast(ways, identity.id) })),
		passkeys: passkeys.map(({ stored: _, ...key }) => ({ ...key, isLast: isLast(ways, key.id) })),
		own: ways.filter(({ id, usable }) => usable && !bound.has(id)).map(({ id }) => id),
	};
}

const isLast = (ways: readonly WayIn[], id: string): boolean => !mayRemove(ways, id);

export interface RemovalOrder {
	/** Id of the linked account, or of the passkey. */
	id: string;
	/** Also when the user is left without any way in. */
	evenIfLast: boolean;
	actor: Actor;
}

const locales = ['en', 'zh-CN'] as const;

interface Owned {
	userId: string;
	connector: string;
}

interface Removal {
	action: 'user.unlink' | 'user.remove-passkey';
	find(tx: AppRepositories): Promise<Owned | undefined>;
	remove(tx: AppRepositories): Promise<unknown>;
}

async function removeWayIn(
	services: AppServices,
	{ id, evenIfLast, actor, action, find, remove }: RemovalOrder & Removal,
	visitor: Visitor,
): Promise<void> {
	const working = await readWorkingWays(services);
	const { user, connector } = await services.store.write(async (tx) => {
		const seen = await find(tx);
		if (!seen) throw new Refusal('identity/not-found');
		await tx.users.hold(seen.userId);
		const [owned, owner] = [await find(tx), await tx.users.findById(seen.userId)];
		if (!owner || owned?.userId !== owner.id) throw new Refusal('identity/not-found');
		const last = isLast(await listWaysIn(tx, owner, working), id);
		if (last && !evenIfLast) throw new Refusal('auth/last-way-in');
		await remove(tx);
		await recordEvent(
			tx,
			{ action, actor, target: `user:${owner.id}`, detail: { connector: owned.connector, last } },
			{ clock: services.clock, visitor },
		);
		return { user: owner, connector: owned.connector };
	});
	// The mail is the user's, not the operator's.
	const locale = locales.find((each) => each === user.locale) ?? visitor.locale;
	const plugin = (await services.plugins.list(locale)).find((each) => each.id === connector);
	const what = plugin?.name ?? connector;
	await tellOwner(services, { user, news: 'way-in-removed', what }, { locale });
}

/** @throws Refusal identity/not-found, auth/last-way-in */
export const unlinkForUser = (services: AppServices, order: RemovalOrder, visitor: Visitor): Promise<void> =>
	removeWayIn(
		services,
		{
			...order,
			action: 'user.unlink',
			find: (tx) => tx.identities.find(order.id),
			remove: (tx) => tx.identities.delete(order.id),
		},
		visitor,
	);

/** @throws Refusal identity/not-found, auth/last-way-in */
export const removePasskeyForUser = (
	services: AppServices,
	order: RemovalOrder,
	visitor: Visitor,
): Promise<void> =>
	removeWayIn(
		services,
		{
			...order,
			action: 'user.remove-passkey',
			find: (tx) => tx.passkeys.find(order.id),
			remove: (tx) => tx.passkeys.delete(order.id),
		},
		visitor,
	);
