/** What operators do with an app's users. */
import { z } from 'zod';
import { Refusal, type ErrorCode } from '../../../contract/errors';
import { keyOf } from '../../../contract/identifiers';
import { personNameSchema } from '../../../contract/person-name';
import { newId } from '../../runtime/random';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User, UserChange, UserPage } from '../../storage/app/users';
import { duplicateOf, isDuplicate } from '../../storage/engine/failures';
import { recordEvent } from '../audit/record-event';
import { isGuest } from '../external/guests';
import { acceptPassword } from '../password/accept-password';
import { guestRole } from '../register/make-account';
import { mailRecovery, replacePassword } from '../recover/recover';
import { forgiveAccount } from '../sign-in/sign-in-limits';
import { endSessionsOf } from '../sign-out/end-sessions';
import type { Actor, AppServices, Visitor } from '../services';
import { identityColumns, parseIdentifiers, parseName, takenRefusal, writeUser } from './write-user';

export type UserView = User & { roles: string[] };

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
	/** An operator vouches for them. */
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

const pointsSchema = z.number().int().min(0).max(1_000_000_000);

export const userChangeSchema = z.strictObject({
	username: z.string().max(64).optional(),
	email: z.string().max(254).optional(),
	phone: z.string().max(32).optional(),
	name: personNameSchema.optional(),
	emailVerified: z.boolean().optional(),
	phoneVerified: z.boolean().optional(),
	status: z.enum(['active', 'disabled', 'pending']).optional(),
	roles: z.array(z.string().max(64)).max(50).optional(),
	points: pointsSchema.optional(),
});
export type UserChangeInput = z.output<typeof userChangeSchema>;

/** A changed email or phone is unproven unless the operator vouches for it. */
function isProven(
	change: { value: string | null; vouched: boolean | undefined },
	before: { value: string | null; proven: boolean },
): boolean {
	return change.vouched ?? (change.value === before.value && before.proven);
}

/** Columns after the change; what is not named stays. */
function changeOf(before: User, input: UserChangeInput, now: number): UserChange {
	const given = parseIdentifiers(input);
	const pick = (name: 'username' | 'email' | 'phone') =>
		input[name] === undefined ? before[name] : given[name];
	const [email, phone] = [pick('email'), pick('phone')];
	const columns = identityColumns({
		username: pick('username'),
		email,
		phone,
		name: input.name === undefined ? before.name : parseName(input.name),
		emailVerified: isProven(
			{ value: email, vouched: input.emailVerified },
			{ value: before.email, proven: before.emailVerified },
		),
		phoneVerified: isProven(
			{ value: phone, vouched: input.phoneVerified },
			{ value: before.phone, proven: before.phoneVerified },
		),
	});
	return { ...columns, status: input.status ?? before.status, updatedAt: now };
}

/** Names and the status only: the values are the user's. */
const detailOf = (change: UserChangeInput) => ({
	fields: Object.keys(change),
	...(change.status ? { status: change.status } : {}),
});

/** @returns what the audit log is told */
async function setPoints(
	tx: AppRepositories,
	id: string,
	points: number | undefined,
): Promise<{ pointsBefore?: number; points?: number }> {
	if (points === undefined) return {};
	const invalid: ErrorCode = 'input/invalid';
	if (!pointsSchema.safeParse(points).success) throw new Refusal(invalid, { fields: { points: invalid } });
	await tx.users.hold(id);
	const pointsBefore = (await tx.users.findById(id))?.points ?? 0;
	await tx.users.addPoints(id, points - pointsBefore);
	return { pointsBefore, points };
}

/** Disabling ends every session and token at once. @throws Refusal user/not-found, user/…-taken, input/invalid, role/not-found */
export async function updateUser(
	services: AppServices,
	{ id, change, actor }: { id: string; change: UserChangeInput; actor: Actor },
	visitor: Visitor,
): Promise<UserView> {
	const updated = await services.store.write(async (tx) => {
		const before = await tx.users.findById(id);
		if (!before) throw new Refusal('user/not-found');
		await tx.users.update(id, changeOf(before, change, services.clock.now())).catch((error: unknown) => {
			throw isDuplicate(error) ? takenRefusal(duplicateOf(error), error) : error;
		});
		if (change.roles) {
			await requireRoles(tx, change.roles);
			// Whoever knows a guest's fingerprint is that guest.
			if ((await isGuest(tx, id)) && change.roles.some((role) => role !== guestRole))
				throw new Refusal('input/invalid', { fields: { roles: 'input/invalid' }, detail: 'a guest' });
			await tx.roles.setOfUser(id, change.roles);
		}
		const points = await setPoints(tx, id, change.points);
		if (change.status && change.status !== 'active') await endSessionsOf(services, tx, { userId: id });
		if (change.status || change.email !== undefined) await tx.verifications.deleteOfUser(id);
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
		// A code that was mailed before must not undo this.
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
	// This very account, also where another one names the same unproven address.
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
