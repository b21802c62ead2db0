/** How an account is made, whichever way the person came: the row, the credentials, role, points, welcome. */
import { z } from 'zod';
import { Refusal } from '../../../contract/errors';
import { newId } from '../../runtime/random';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User } from '../../storage/app/users';
import { recordEvent } from '../audit/record-event';
import { queueWelcome } from '../messages/welcome';
import type { AppServices, Visitor } from '../services';
import { writeUser } from '../users/write-user';

const subjectName = z.object({ authority: z.string(), scope: z.string(), subject: z.string() });

/** An external account that is to belong to the user. */
export const identityDraftSchema = z.object({
	connector: z.string(),
	names: z.array(subjectName).min(1),
	name: z.string(),
	avatar: z.string(),
});
export type IdentityDraft = z.output<typeof identityDraftSchema>;

/** An account that does not exist yet. It is sealed while the person proves what the app demands. */
export const accountDraftSchema = z.object({
	id: z.string(),
	username: z.string().nullable(),
	email: z.string().nullable(),
	phone: z.string().nullable(),
	name: z.string(),
	emailVerified: z.boolean(),
	phoneVerified: z.boolean(),
	/** What the password connector keeps. */
	secret: z.string().optional(),
	identity: identityDraftSchema.optional(),
});
export type AccountDraft = z.output<typeof accountDraftSchema>;

export const guestRole = 'guest';

type Needs = Pick<
	AppServices,
	'id' | 'origin' | 'settings' | 'plugins' | 'applianceSender' | 'vault' | 'clock' | 'log'
>;

interface Order {
	draft: AccountDraft;
	/** The method by which the account is made, for the audit log. */
	connector: string;
	/** Holds the guest role and no other. */
	guest?: boolean;
	/** The sender of the welcome mail, where one is to be sent. */
	welcome?: string | undefined;
	visitor: Visitor;
}

export interface MadeAccount {
	user: User;
	/** Id of the password, where it has one. */
	credential: string | undefined;
}

/** @throws Refusal identity/taken where another user got one of the names meanwhile */
export async function linkIdentity(
	services: Pick<AppServices, 'clock'>,
	tx: AppRepositories,
	{ userId, identity }: { userId: string; identity: IdentityDraft },
): Promise<string> {
	const id = newId();
	const { connector, name, avatar, names } = identity;
	await tx.identities.create({ id, userId, connector, name, avatar, createdAt: services.clock.now() });
	await tx.identities.addNames(id, names);
	if ((await tx.identities.listNames(id)).length < names.length) throw new Refusal('identity/taken');
	return id;
}

async function giveRole(
	services: Needs,
	tx: AppRepositories,
	{ userId, guest }: { userId: string; guest: boolean },
): Promise<void> {
	const { defaultRole } = await services.settings(tx);
	const role = guest ? guestRole : defaultRole;
	if (guest && !(await tx.roles.list()).some(({ id }) => id === guestRole))
		await tx.roles.save({ id: guestRole, name: guestRole, permissions: [] }, services.clock.now());
	// Administrators are made by operators only.
	if (role && role !== 'admin') await tx.roles.setOfUser(userId, [role]);
}

/** Runs in the caller's transaction. @throws Refusal user/username-taken, user/identifier-taken */
export async function makeAccount(services: Needs, tx: AppRepositories, order: Order): Promise<MadeAccount> {
	const { draft, connector, guest = false, visitor } = order;
	const [now, settings] = [services.clock.now(), await services.settings(tx)];
	const user = await writeUser(tx, { ...draft, locale: visitor.locale }, now);
	const credential = draft.secret === undefined ? undefined : newId();
	if (credential && draft.secret !== undefined)
		await tx.credentials.create(
			{ id: credential, userId: user.id, connector: 'password', secret: draft.secret },
			now,
		);
	if (draft.identity) await linkIdentity(services, tx, { userId: user.id, identity: draft.identity });
	await giveRole(services, tx, { userId: user.id, guest });
	if (settings.signUpPoints > 0) await tx.users.addPoints(user.id, settings.signUpPoints);
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
	if (order.welcome)
		await queueWelcome(services, tx, { user, sender: order.welcome, locale: visitor.locale });
	return { user: { ...user, points: settings.signUpPoints }, credential };
}
