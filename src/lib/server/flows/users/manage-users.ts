/** What operators do with an app's users. */
import { z } from 'zod';
import { Refusal, type ErrorCode } from '../../../contract/errors';
import { keyOf } from '../../../contract/identifiers';
import { personNameSchema } from '../../../contract/person-name';
import { newId } from '../../runtime/random';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User, UserPage } from '../../storage/app/users';
import { duplicateOf, isDuplicate } from '../../storage/engine/failures';
import { recordEvent } from '../audit/record-event';
import { isGuest } from '../external/guests';
import { acceptPassword } from '../password/accept-password';
import { guestRole } from '../register/make-account';
import { mailRecovery, replacePassword } from '../recover/recover';
import { forgiveAccount } from '../sign-in/sign-in-limits';
import { endSessionsOf } from '../sign-out/end-sessions';
import type { Actor, AppServices, Visitor } from '../services';
import { changeOf, detailOf, setPoints, type UserChangeInput } from './user-change';
import { parseIdentifiers, takenRefusal, writeUser } from './write-user';

export type UserView = User & { roles: string[] };

type WantedChange = UserChangeInput | ((now: UserView) => UserChangeInput);

export interface UserList {
	users: UserView[];
	/** Give it as `before` for the next page; absent on the last. */
	next?: number;
}

const viewOf = async (read: AppRepositories, user: User): Promise<UserView> => ({
	...user,
	roles: await read.roles.listOfUser(user.id),
});

/** @param page.search is matched against the beginning of names, or a whole id or number */
export async function listUsers(services: Pick<AppServices, 'store'>, page: UserPage): Promise<UserList> {
	const search = page.search?.trim() ? keyOf(page.search.slice(0, 254)) : undefined;
	const found = await services.store.read.users.list({ ...page, search, limit: page.limit + 1 });
	const users = await Promise.all(
		found.slice(0, page.limit).map((user) => viewOf(services.store.read, user)),
	);
	const last = users.at(-1);
	return found.length > page.limit && last ? { users, next: last.number } : { users };
}

/** @throws Refusal user/not-found */
export async function getUser(services: Pick<AppServices, 'store'>, id: string): Promise<UserView> {
	const user = await services.store.read.users.findById(id);
	if (!user) throw new Refusal('user/not-found');
	return viewOf(services.store.read, user);
}

export const newUserSchema = z.strictObject({
	username: z.string().max(64).optional(),
	email: z.string().max(254).optional(),
	phone: z.string().max(32).optional(),
	name: personNameSchema.optional(),
	password: z.string().max(1024).optional(),
	/** The operator vouches for these addresses. */
	emailVerified: z.boolean().default(false),
	phoneVerified: z.boolean().default(false),
	roles: z.array(z.string().max(64)).max(50).optional(),
});
export type NewUserInput = z.input<typeof newUserSchema>;

function readDraft(input: NewUserInput): z.output<typeof newUserSchema> {
	const result = newUserSchema.safeParse(input);
	if (result.success) return result.data;
	const invalid: ErrorCode = 'input/invalid';
	throw new Refusal(invalid, {
		fields: Object.fromEntries(
			result.error.issues.map((issue) => [String(issue.path[0] ?? 'username'), invalid]),
		),
	});
}

/** @throws Refusal input/invalid, user/username-taken, user/identifier-taken, password/*, role/not-found */
export async function createUser(
	services: AppServices,
	{ input, actor }: { input: NewUserInput; actor: Actor },
	visitor: Visitor,
): Promise<UserView> {
	const draft = readDraft(input);
	const identifiers = parseIdentifiers(draft);
	if (!identifiers.username && !identifiers.email && !identifiers.phone)
		throw new Refusal('input/invalid', { fields: { username: 'input/invalid' } });
	const settings = await services.settings();
	if (draft.password)
		await acceptPassword(draft.password, settings, {
			context: [identifiers.username, identifiers.email, settings.name],
		});
	const secret = draft.password
		? await services.plugins.secret('password').enrol({ secret: draft.password })
		: undefined;
	const now = services.clock.now();
	return services.store.write(
		async (tx) => {
			const user = await writeUser(tx, { ...draft, ...identifiers }, now);
			if (secret)
				await tx.credentials.create({ id: newId(), userId: user.id, connector: 'password', secret }, now);
			const roles = draft.roles ?? [settings.defaultRole].filter((role) => role && role !== 'admin');
			await requireRoles(tx, roles);
			await tx.roles.setOfUser(user.id, roles);
			await recordEvent(
				tx,
				{ action: 'user.create', actor, target: `user:${user.id}`, detail: { roles } },
				{ clock: services.clock, visitor },
			);
			return viewOf(tx, user);
		},
		{ grows: true },
	);
}

async function requireRoles(tx: AppRepositories, roles: readonly string[]): Promise<void> {
	const known = new Set((await tx.roles.list()).map((role) => role.id));
	if (roles.some((role) => !known.has(role)))
		throw new Refusal('role/not-found', { fields: { roles: 'role/not-found' } });
}

async function setRoles(tx: AppRepositories, id: string, roles: readonly string[]): Promise<void> {
	await requireRoles(tx, roles);
	// A person who knows a guest's fingerprint can sign in as that guest.
	if ((await isGuest(tx, id)) && roles.some((role) => role !== guestRole))
		throw new Refusal('input/invalid', { fields: { roles: 'input/invalid' }, detail: 'a guest' });
	await tx.roles.setOfUser(id, roles);
}

/**
 * Disabling ends every session and token at once.
 * @param wanted.change may be a function of the user, called once the user is locked against other changes
 * @throws Refusal user/not-found, user/…-taken, input/invalid, role/not-found, and what `change` throws
 */
export async function updateUser(
	services: AppServices,
	{ id, change: wanted, actor }: { id: string; change: WantedChange; actor: Actor },
	visitor: Visitor,
): Promise<UserView> {
	const updated = await services.store.write(async (tx) => {
		// Columns that are not named are written back as they were read: they must not change in between.
		await tx.users.hold(id);
		const before = await tx.users.findById(id);
		if (!before) throw new Refusal('user/not-found');
		const change = typeof wanted === 'function' ? wanted(await viewOf(tx, before)) : wanted;
		if (Object.keys(change).length === 0) return viewOf(tx, before);
		const columns = changeOf(before, change, services.clock.now());
		await tx.users.update(id, columns).catch((error: unknown) => {
			throw isDuplicate(error) ? takenRefusal(duplicateOf(error), error) : error;
		});
		if (change.roles) await setRoles(tx, id, change.roles);
		const points = await setPoints(tx, before, change.points);
		if (change.status && change.status !== 'active') await endSessionsOf(services, tx, { userId: id });
		// Codes sent to an address that is no longer the user's become void; those sent to a present one stay valid.
		if (change.status || columns.email !== before.email) await tx.verifications.deleteOfUser(id);
		await recordEvent(
			tx,
			{
				action: 'user.update',
				actor,
				target: `user:${id}`,
				detail: { ...detailOf(change), ...points },
			},
			{ clock: services.clock, visitor },
		);
		const user = await tx.users.findById(id);
		if (!user) throw new Refusal('user/not-found');
		return viewOf(tx, user);
	});
	services.wakeLogout();
	return updated;
}

/** Sets a password for the user and ends every session. @throws Refusal user/not-found, password/* */
export async function setUserPassword(
	services: AppServices,
	{ id, newPassword, actor }: { id: string; newPassword: string; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	const user = await getUser(services, id);
	const settings = await services.settings();
	await acceptPassword(newPassword, settings, {
		context: [user.username, user.email, user.name, settings.name],
		field: 'newPassword',
	});
	const secret = await services.plugins.secret('password').enrol({ secret: newPassword });
	await services.store.write(async (tx) => {
		await replacePassword(services, tx, { userId: id, secret });
		// A code that was mailed before must not replace this password.
		await tx.verifications.deleteOfUser(id);
		await endSessionsOf(services, tx, { userId: id });
		await recordEvent(
			tx,
			{ action: 'user.set-password', actor, target: `user:${id}` },
			{ clock: services.clock, visitor },
		);
	});
	await forgiveAccount(services, [user.username, user.email, user.phone], visitor);
	services.wakeLogout();
}

/** Mails the user a code to choose a new password. @throws Refusal user/not-found, sender/not-configured, auth/too-many-attempts */
export async function sendUserRecovery(
	services: AppServices,
	{ id, actor }: { id: string; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	const user = await getUser(services, id);
	if (!user.email) throw new Refusal('input/invalid', { detail: 'no email' });
	// Only this account, even where another one has the same unproven address.
	await mailRecovery(services, { key: keyOf(user.email), find: async () => user, actor }, visitor);
}

/** Deletes the user with all that was kept of them. @throws Refusal user/not-found */
export async function deleteUser(
	services: AppServices,
	{ id, actor }: { id: string; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	await services.store.write(async (tx) => {
		await endSessionsOf(services, tx, { userId: id });
		await tx.verifications.deleteOfUser(id);
		if (!(await tx.users.delete(id))) throw new Refusal('user/not-found');
		await recordEvent(
			tx,
			{ action: 'user.delete', actor, target: `user:${id}` },
			{ clock: services.clock, visitor },
		);
	});
	services.wakeLogout();
}
