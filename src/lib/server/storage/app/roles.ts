/** Roles of one app, and the users who hold them. */
import type { Kysely } from 'kysely';
import { compiledQuery, later } from '../engine/compiled-query';
import type { AppSchema } from './schema';

export interface Role {
	id: string;
	name: string;
	permissions: string[];
}

export function roleRepository(db: Kysely<AppSchema>) {
	const ofUser = compiledQuery<[userId: string], { role_id: string }>(db, () =>
		db
			.selectFrom('user_role')
			.select('role_id')
			.where('user_id', '=', later)
			.orderBy('is_primary', 'desc')
			.orderBy('role_id'),
	);
	return {
		async list(): Promise<Role[]> {
			const rows = await db.selectFrom('role').select(['id', 'name', 'permissions']).orderBy('id').execute();
			return rows.map((row) => ({ ...row, permissions: JSON.parse(row.permissions) as string[] }));
		},
		async save(role: Role, now: number): Promise<void> {
			const values = { name: role.name, permissions: JSON.stringify(role.permissions) };
			await db
				.insertInto('role')
				.values({ id: role.id, created_at: now, ...values })
				.onConflict((conflict) => conflict.column('id').doUpdateSet(values))
				.execute();
		},
		/**
		 * Takes the role from all users, then deletes it. @returns how many held it, or undefined for an unknown role
		 */
		async delete(id: string): Promise<number | undefined> {
			const held = await db.deleteFrom('user_role').where('role_id', '=', id).executeTakeFirst();
			const gone = await db.deleteFrom('role').where('id', '=', id).executeTakeFirst();
			return Number(gone.numDeletedRows) === 1 ? Number(held.numDeletedRows) : undefined;
		},
		/** How many users hold each role; those that no user holds are left out. */
		async countHolders(): Promise<Map<string, number>> {
			const rows = await db
				.selectFrom('user_role')
				.select((eb) => ['role_id', eb.fn.countAll().as('holders')])
				.groupBy('role_id')
				.execute();
			return new Map(rows.map((row) => [row.role_id, Number(row.holders)]));
		},
		/** The primary role first. */
		async listOfUser(userId: string): Promise<string[]> {
			return (await ofUser(userId)).map((row) => row.role_id);
		},
		/** Replaces the user's roles; the first is the primary one. */
		async setOfUser(userId: string, roles: readonly string[]): Promise<void> {
			await db.deleteFrom('user_role').where('user_id', '=', userId).execute();
			if (roles.length === 0) return;
			const rows = [...new Set(roles)].map((role, index) => ({
				user_id: userId,
				role_id: role,
				is_primary: index === 0 ? (1 as const) : (0 as const),
			}));
			await db.insertInto('user_role').values(rows).execute();
		},
	};
}
