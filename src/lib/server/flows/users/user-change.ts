/** What an operator changes of a user, and the row after the change. */
import { z } from 'zod';
import { Refusal, type ErrorCode } from '../../../contract/errors';
import { personNameSchema } from '../../../contract/person-name';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User, UserChange } from '../../storage/app/users';
import { identityColumns, parseIdentifiers, parseName } from './write-user';

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
export function changeOf(before: User, input: UserChangeInput, now: number): UserChange {
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
export const detailOf = (change: UserChangeInput) => ({
	fields: Object.keys(change),
	...(change.status ? { status: change.status } : {}),
});

/** @returns the details for the audit log */
export async function setPoints(
	tx: AppRepositories,
	{ id, points: pointsBefore }: User,
	points: number | undefined,
): Promise<{ pointsBefore?: number; points?: number }> {
	if (points === undefined) return {};
	const invalid: ErrorCode = 'input/invalid';
	if (!pointsSchema.safeParse(points).success) throw new Refusal(invalid, { fields: { points: invalid } });
	await tx.users.addPoints(id, points - pointsBefore);
	return { pointsBefore, points };
}
