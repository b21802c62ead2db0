/** From typed identifiers to a row, the same for registration, the console and the apply file. */
import { Refusal, type ErrorCode } from '../../../contract/errors';
import { emailSchema, keyOf, phoneSchema, usernameSchema } from '../../../contract/identifiers';
import { newId } from '../../runtime/random';
import type { AppRepositories } from '../../storage/app/repositories';
import type { NewUser, User } from '../../storage/app/users';
import { duplicateOf, isDuplicate } from '../../storage/engine/failures';

export interface TypedIdentifiers {
	username?: string | undefined;
	email?: string | undefined;
	phone?: string | undefined;
}

export interface ParsedIdentifiers {
	username: string | null;
	email: string | null;
	phone: string | null;
}

/** Empty fields count as absent. @throws Refusal input/invalid with the fields at fault */
export function parseIdentifiers(typed: TypedIdentifiers): ParsedIdentifiers {
	const fields: Record<string, ErrorCode> = {};
	const parse = (name: keyof TypedIdentifiers, schema: typeof usernameSchema | typeof emailSchema | typeof phoneSchema) => {
		const value = typed[name]?.trim();
		if (!value) return null;
		const result = schema.safeParse(value);
		if (!result.success) fields[name] = 'input/invalid';
		return result.success ? result.data : null;
	};
	const parsed = {
		username: parse('username', usernameSchema),
		email: parse('email', emailSchema),
		phone: parse('phone', phoneSchema),
	};
	if (Object.keys(fields).length > 0) throw new Refusal('input/invalid', { fields });
	return parsed;
}

interface UserDraft extends ParsedIdentifiers {
	id?: string;
	name?: string | undefined;
	locale?: string | null;
	emailVerified?: boolean;
	phoneVerified?: boolean;
	status?: User['status'];
}

/** Writes the row. Only proven emails and phones are claimed. @throws Refusal user/username-taken, user/identifier-taken */
export async function writeUser(tx: AppRepositories, draft: UserDraft, now: number): Promise<User> {
	const [emailVerified, phoneVerified] = [Boolean(draft.email && draft.emailVerified), Boolean(draft.phone && draft.phoneVerified)];
	const name = draft.name?.trim() ?? '';
	const row: NewUser = {
		id: draft.id ?? newId(),
		username: draft.username,
		usernameKey: draft.username && keyOf(draft.username),
		email: draft.email,
		emailContact: draft.email && keyOf(draft.email),
		emailKey: draft.email && emailVerified ? keyOf(draft.email) : null,
		emailVerified,
		phone: draft.phone,
		phoneKey: draft.phone && phoneVerified ? draft.phone : null,
		phoneVerified,
		name,
		nameKey: keyOf(name),
		locale: draft.locale ?? null,
		status: draft.status ?? 'active',
		createdAt: now,
		updatedAt: now,
	};
	await tx.users.create(row).catch((error: unknown) => {
		throw isDuplicate(error) ? takenRefusal(duplicateOf(error), error) : error;
	});
	const created = await tx.users.findById(row.id);
	if (!created) throw new Error('a user that was just written is not there');
	return created;
}

/** Which identifier a unique index refused. */
export function takenRefusal(index: string, cause: unknown): Refusal {
	const field = ['username', 'email', 'phone'].find((name) => index.includes(`${name}_key`)) ?? 'username';
	const code = field === 'username' ? 'user/username-taken' : 'user/identifier-taken';
	return new Refusal(code, { fields: { [field]: code }, cause });
}
