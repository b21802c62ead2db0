/** Users of one app. Searched by normalised keys only; lists go by keyset, never by offset. */
import { sql, type Kysely, type SelectQueryBuilder } from 'kysely';
import { compiledQuery, later } from '../engine/compiled-query';
import { holdRows } from '../engine/hold-rows';
import type { AppSchema } from './schema';
import { searchUsers } from './user-search';

export interface User {
	id: string;
	number: number;
	username: string | null;
	email: string | null;
	emailVerified: boolean;
	phone: string | null;
	phoneVerified: boolean;
	name: string;
	locale: string | null;
	status: 'active' | 'disabled' | 'pending';
	createdAt: number;
	updatedAt: number;
	lastSignInAt: number | null;
	signInCount: number;
	points: number;
}

/** A user with what they may do: the primary role first. */
export type UserWithRoles = User & { roles: string[] };

/** The data of a new row; the keys come from the caller (contract/identifiers). */
export interface NewUser extends Omit<User, 'number' | 'lastSignInAt' | 'signInCount' | 'points'> {
	/** Kept when the user is imported; else counted up. */
	usernameKey: string | null;
	/** Only of a proven email. */
	emailKey: string | null;
	emailContact: string | null;
	phoneKey: string | null;
	nameKey: string;
}

export type UserChange = Partial<Omit<NewUser, 'id' | 'createdAt'>> & { updatedAt: number };

export interface UserPage {
	/** Users with a lower number than this: newest come first. */
	before?: number | undefined;
	/** Matches the beginning of username, email, phone or name, or a whole id or number. */
	search?: string | undefined;
	status?: User['status'] | undefined;
	limit: number;
}

const columns = [
	'id',
	'number',
	'username',
	'email',
	'phone',
	'name',
	'locale',
	'status',
	'email_verified as emailVerified',
	'phone_verified as phoneVerified',
	'created_at as createdAt',
	'updated_at as updatedAt',
	'last_sign_in_at as lastSignInAt',
	'sign_in_count as signInCount',
	'points',
] as const;

type Row = Omit<User, 'emailVerified' | 'phoneVerified'> & { emailVerified: 0 | 1; phoneVerified: 0 | 1 };

const fromRow = (row: Row): User => ({
	...row,
	emailVerified: row.emailVerified === 1,
	phoneVerified: row.phoneVerified === 1,
});

const flag = (value: boolean): 0 | 1 => (value ? 1 : 0);

type Keyed = 'id' | 'username_key' | 'email_key' | 'phone_key';

function toColumns(change: UserChange) {
	const {
		emailVerified,
		phoneVerified,
		usernameKey,
		emailKey,
		emailContact,
		phoneKey,
		nameKey,
		updatedAt,
		...same
	} = change;
	return {
		...same,
		updated_at: updatedAt,
		...(usernameKey === undefined ? {} : { username_key: usernameKey }),
		...(emailKey === undefined ? {} : { email_key: emailKey }),
		...(emailContact === undefined ? {} : { email_contact: emailContact }),
		...(phoneKey === undefined ? {} : { phone_key: phoneKey }),
		...(nameKey === undefined ? {} : { name_key: nameKey }),
		...(emailVerified === undefined ? {} : { email_verified: flag(emailVerified) }),
		...(phoneVerified === undefined ? {} : { phone_verified: flag(phoneVerified) }),
	} as const;
}

type UserQuery = SelectQueryBuilder<AppSchema, 'user', Row>;

const everyStatus = ['active', 'disabled', 'pending'] as const;

/** Separates two roles; it cannot be in a role's id. */
const separator = '\u001f';

const joinedRoles = sql<string>`string_agg(is_primary || role_id, ${sql.lit(separator)})`;

/** `1editor␟0user`, as one query returns them: the flag, then the id. The primary role first. */
function rolesOf(joined: string | null): string[] {
	const flagged = joined?.split(separator) ?? [];
	return flagged.sort((a, b) => Number(b[0]) - Number(a[0]) || (a < b ? -1 : 1)).map((role) => role.slice(1));
}

export function userRepository(db: Kysely<AppSchema>) {
	const select = () => db.selectFrom('user').select(columns) as unknown as UserQuery;
	const findBy = (column: Keyed) => {
		const find = compiledQuery<[value: string], Row>(db, () => select().where(column, '=', later));
		return async (value: string): Promise<User | undefined> => {
			const [row] = await find(value);
			return row && fromRow(row);
		};
	};
	const byIdentifier = {
		username: findBy('username_key'),
		email: findBy('email_key'),
		phone: findBy('phone_key'),
	};
	const recordSignIn = compiledQuery<[now: number, id: string], unknown>(db, () =>
		db
			.updateTable('user')
			.set({ last_sign_in_at: later, sign_in_count: sql<number>`sign_in_count + 1` })
			.where('id', '=', later),
	);
	type RoleRow = Row & { roles: string | null };
	// A join of the two tables takes SQLite five times as long.
	const withRoles = compiledQuery<[id: string], RoleRow>(db, () =>
		(select() as unknown as SelectQueryBuilder<AppSchema, 'user', RoleRow>)
			.select((eb) =>
				eb
					.selectFrom('user_role')
					.select(joinedRoles.as('joined'))
					.whereRef('user_role.user_id', '=', 'user.id')
					.as('roles'),
			)
			.where('id', '=', later),
	);
	return {
		findById: findBy('id'),
		/**
		 * Locks the user against other writes that lock it, until this write ends. What a decision depends on (a
		 * password, a status, the sessions to end) has to be read after this: then it is still true at the commit.
		 */
		hold: (id: string): Promise<void> =>
			holdRows(db, () => db.selectFrom('user').select('id').where('id', '=', id)),
		/** Reads a session's user in one query, as every request does it. */
		async findWithRoles(id: string): Promise<UserWithRoles | undefined> {
			const [row] = await withRoles(id);
			return row && { ...fromRow(row), roles: rolesOf(row.roles) };
		},
		findByIdentifier: (kind: keyof typeof byIdentifier, key: string) => byIdentifier[kind](key),
		/** The users that exist among these ids, in no order. */
		async listByIds(ids: readonly string[]): Promise<User[]> {
			if (ids.length === 0) return [];
			return (await select().where('id', 'in', ids).execute()).map(fromRow);
		},
		/** Accounts that name this email, proven or not; the proven one first, then the oldest. */
		async listByEmailContact(key: string, limit: number): Promise<User[]> {
			const rows = await select()
				.where('email_contact', '=', key)
				.orderBy('email_verified', 'desc')
				.orderBy('number')
				.limit(limit)
				.execute();
			return rows.map(fromRow);
		},
		async list(page: UserPage): Promise<User[]> {
			let query = select().orderBy('number', 'desc').limit(page.limit);
			if (page.search) {
				const numbers = await searchUsers(db, {
					text: page.search,
					statuses: page.status ? [page.status] : everyStatus,
					before: page.before ?? Number.MAX_SAFE_INTEGER,
					limit: page.limit,
				});
				if (numbers.length === 0) return [];
				query = query.where('number', 'in', numbers);
			} else {
				if (page.before !== undefined) query = query.where('number', '<', page.before);
				if (page.status) query = query.where('status', '=', page.status);
			}
			return (await query.execute()).map(fromRow);
		},
		async count(): Promise<number> {
			const row = await db
				.selectFrom('user')
				.select(sql<number>`count(*)`.as('n'))
				.executeTakeFirstOrThrow();
			return row.n;
		},
		/** @throws the engine's duplicate error when an identifier is taken: see engine/failures. */
		async create(user: NewUser): Promise<number> {
			const { id, createdAt, ...rest } = user;
			const row = await db
				.insertInto('user')
				.values({
					...(toColumns({ ...rest, updatedAt: user.updatedAt }) as Required<ReturnType<typeof toColumns>>),
					id,
					created_at: createdAt,
					sign_in_count: 0,
				} as never)
				.returning('number')
				.executeTakeFirstOrThrow();
			return row.number;
		},
		async update(id: string, change: UserChange): Promise<boolean> {
			const result = await db
				.updateTable('user')
				.set(toColumns(change))
				.where('id', '=', id)
				.executeTakeFirst();
			return Number(result.numUpdatedRows) === 1;
		},
		async recordSignIn(id: string, now: number): Promise<void> {
			await recordSignIn(now, id);
		},
		async addPoints(id: string, points: number): Promise<void> {
			await db
				.updateTable('user')
				.set((eb) => ({ points: eb('points', '+', points) }))
				.where('id', '=', id)
				.execute();
		},
		async delete(id: string): Promise<boolean> {
			const result = await db.deleteFrom('user').where('id', '=', id).executeTakeFirst();
			return Number(result.numDeletedRows) === 1;
		},
	};
}
