/**
 * Taking one's own email or phone number off the account, with a fresh proof of who it is. Nobody is left without
 * a way in, and what the app's policy wants proven stays. Whom the address reached is told (ASVS 6.3.7).
 */
import { Refusal, type ErrorCode } from '../../../contract/errors';
import type { AppSettings } from '../../../contract/app-settings';
import { mayRemove, type Openings } from '../../domain/ways-in';
import type { Session } from '../../sessions/sessions';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User } from '../../storage/app/users';
import { recordEvent } from '../audit/record-event';
import { listWaysIn, readWorkingWays } from '../external/link-external';
import type { AppServices, Visitor } from '../services';
import { masked } from './change-phone';
import type { Owner } from './change-ways-in';
import { holdOwner } from './hold-owner';
import { proveFresh } from './prove-fresh';
import { tellOwner } from './tell-owner';

export type AddressKind = 'email' | 'phone';

const without = {
	email: { email: null, emailContact: null, emailKey: null, emailVerified: false },
	phone: { phone: null, phoneKey: null, phoneVerified: false },
} as const;

const isProven = (user: User, kind: AddressKind): boolean =>
	kind === 'email' ? user.emailVerified : user.phoneVerified;

interface Rules {
	required: AppSettings['requireVerified'];
	working: Openings;
}

/** Asked before the write that removes. */
async function readRules(
	services: Pick<AppServices, 'settings' | 'plugins' | 'applianceSender'>,
): Promise<Rules> {
	const { requireVerified: required } = await services.settings();
	return { required, working: await readWorkingWays(services) };
}

/** An address may also be the only name that can be typed beside the password: all ways in are judged without it. */
async function whyNot(
	read: AppRepositories,
	{ user, kind }: { user: User; kind: AddressKind },
	{ required, working }: Rules,
): Promise<ErrorCode | undefined> {
	if (isProven(user, kind) && required.includes(kind)) return 'user/identifier-required';
	const usable = (await listWaysIn(read, user, working)).some((way) => way.usable);
	const left = await listWaysIn(read, { ...user, ...without[kind] }, working);
	return mayRemove([{ id: kind, usable }, ...left], kind) ? undefined : 'auth/last-way-in';
}

/** Why each of the addresses they have must stay; nothing for one that may go. */
export async function readKept(
	services: Pick<AppServices, 'settings' | 'plugins' | 'store' | 'applianceSender'>,
	user: User,
): Promise<Partial<Record<AddressKind, ErrorCode>>> {
	const rules = await readRules(services);
	const kept: Partial<Record<AddressKind, ErrorCode>> = {};
	for (const kind of ['email', 'phone'] as const) {
		const code = user[kind] === null ? undefined : await whyNot(services.store.read, { user, kind }, rules);
		if (code) kept[kind] = code;
	}
	return kept;
}

/**
 * @returns the user as they are from now on
 * @throws Refusal as proveFresh; identity/not-found where there is none, user/identifier-required, auth/last-way-in,
 * auth/not-signed-in
 */
export async function removeAddress(
	services: AppServices,
	{ owner, kind }: { owner: Owner & { session: Pick<Session, 'id'> }; kind: AddressKind },
	visitor: Visitor,
): Promise<User> {
	await proveFresh(services, owner, visitor);
	const rules = await readRules(services);
	const { id } = owner.user;
	const { before, after } = await services.store.write(async (tx) => {
		await holdOwner(tx, owner.session);
		const user = await tx.users.findById(id);
		if (!user) throw new Refusal('user/not-found');
		if (user[kind] === null) throw new Refusal('identity/not-found');
		const code = await whyNot(tx, { user, kind }, rules);
		if (code) throw new Refusal(code);
		await tx.users.update(id, { ...without[kind], updatedAt: services.clock.now() });
		// Codes that went there must not open the account any more.
		await tx.verifications.deleteOfUser(id);
		await recordEvent(
			tx,
			{ action: `user.remove-${kind}`, actor: { kind: 'user', id }, target: `user:${id}` },
			{ clock: services.clock, visitor },
		);
		const rest = await tx.users.findById(id);
		return { before: user, after: rest ?? user };
	});
	const news = kind === 'email' ? 'email-removed' : 'phone-removed';
	const what = kind === 'email' ? '' : masked(before.phone ?? '');
	// With the address as it was: a removed email is told itself.
	await tellOwner(services, { user: before, news, what }, visitor);
	return after;
}
