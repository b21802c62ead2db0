/** From typed identifiers to a row, the same for registration, the console and the apply file. */
import { Refusal, type ErrorCode } from '../../../contract/errors';
import { emailSchema, keyOf, phoneSchema, usernameSchema } from '../../../contract/identifiers';
import { personNameSchema } from '../../../contract/person-name';
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

/** All three schemas take and return text. */
type IdentifierSchema = typeof usernameSchema;

/** Empty fields count as absent. @throws Refusal input/invalid with the fields at fault */
export function parseIdentifiers(typed: TypedIdentifiers): ParsedIdentifiers {
	const fields: Record<string, ErrorCode> = {};
	const parse = (name: keyof TypedIdentifiers, schema: IdentifierSchema) => {
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

/** @throws Refusal input/invalid (field name) */
export function parseName(typed: string): string {
	const result = personNameSchema.safeParse(typed);
	if (!result.success) throw new Refusal('input/invalid', { fields: { name: 'input/invalid' } });
	return result.data;
}

export interface IdentityFacts extends ParsedIdentifiers {
	name: string;
	emailVerified: boolean;
	phoneVerified: boolean;
}

/** The columns for a user's identifiers: as typed, and the keys by which they are found and kept unique. */
export function identityColumns(facts: IdentityFacts) {
	const { username, email, phone } = facts;
	const [emailVerified, phoneVerified] = [
		Boolean(email) && facts.emailVerified,
		Boolean(phone) && facts.phoneVerified,
	];
	const name = facts.name.trim();
	return {
		username,
		usernameKey: username && keyOf(username),
		email,
		emailContact: email && keyOf(email),
		// Only a proven address gets a unique key: it can sign in, and no other user can have it.
		emailKey: email && emailVerified ? keyOf(email) : null,
		emailVerified,
		phone,
		phoneKey: phone && phoneVerified ? phone : null,
		phoneVerified,
		name,
		nameKey: keyOf(name),
	};
}

interface UserDraft extends ParsedIdentifiers {
	id?: string;
	name?: string | undefined;
	locale?: string | null;
	emailVerified?: boolean;
	phoneVerified?: boolean;
	status?: User['status'];
}

function rowOf(draft: UserDraft, now: number): NewUser {
	const { name = '', emailVerified = false, phoneVerified = false, status = 'active', locale = null } = draft;
	const id = draft.id ?? newId();
	return {
		id,
		...identityColumns({ ...draft, name, emailVerified, phoneVerified }),
		locale,
		status,
		createdAt: now,
		updatedAt: now,
	};
}

/** Writes the row. @throws Refusal user/username-taken, user/identifier-taken */
export async function writeUser(tx: AppRepositories, draft: UserDraft, now: number): Promise<User> {
	const row = rowOf(draft, now);
	await tx.users.create(row).catch((error: unknown) => {
		throw isDuplicate(error) ? takenRefusal(duplicateOf(error), error) : error;
	});
	const created = await tx.users.findById(row.id);
	if (!created) throw new Error('a user that was just written is not there');
	return created;
}

/** Tells which identifier violated a unique index. */
export function takenRefusal(index: string, cause: unknown): Refusal {
	const field = ['username', 'email', 'phone'].find((name) => index.includes(`${name}_key`)) ?? 'username';
	const code = field === 'username' ? 'user/username-taken' : 'user/identifier-taken';
	return new Refusal(code, { fields: { [field]: code }, cause });
}
