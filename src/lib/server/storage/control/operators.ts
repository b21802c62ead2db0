/** The operators of the appliance. */
import { sql, type Kysely } from 'kysely';
import { holdRows } from '../engine/hold-rows';
import type { ControlSchema } from './schema';

export interface Operator {
	id: string;
	email: string;
	name: string;
	role: 'owner' | 'operator';
	/** Password hash. */
	password: string;
	locale: string | null;
	createdAt: number;
	lastSignInAt: number | null;
}

const columns = [
	'id',
	'email',
	'name',
	'role',
	'password',
	'locale',
	'created_at as createdAt',
	'last_sign_in_at as lastSignInAt',
] as const;

export function operatorRepository(db: Kysely<ControlSchema>) {
	return {
		/** Locks the operator against other writes that lock it, until this write ends. */
		hold: (id: string): Promise<void> =>
			holdRows(db, () => db.selectFrom('operator').select('id').where('id', '=', id)),
		/** The same for all owners: of two that remove each other, the second sees the owners that are left. */
		holdOwners: (): Promise<void> =>
			holdRows(db, () =>
				db.selectFrom('operator').select('id').where('role', '=', 'owner').orderBy('number'),
			),
		async findById(id: string): Promise<Operator | undefined> {
			return db.selectFrom('operator').select(columns).where('id', '=', id).executeTakeFirst();
		},
		async findByEmail(emailKey: string): Promise<Operator | undefined> {
			return db.selectFrom('operator').select(columns).where('email_key', '=', emailKey).executeTakeFirst();
		},
		async list(): Promise<Operator[]> {
			return db.selectFrom('operator').select(columns).orderBy('number').execute();
		},
		async count(role?: Operator['role']): Promise<number> {
			let query = db.selectFrom('operator').select(sql<number>`count(*)`.as('n'));
			if (role) query = query.where('role', '=', role);
			return (await query.executeTakeFirstOrThrow()).n;
		},
		/** @throws the engine's duplicate error when the email is taken. */
		async create(operator: Omit<Operator, 'lastSignInAt'>, emailKey: string): Promise<void> {
			const { createdAt, ...rest } = operator;
			await db
				.insertInto('operator')
				.values({ ...rest, email_key: emailKey, created_at: createdAt, updated_at: createdAt })
				.execute();
		},
		/** Replaces the hash only if it is still the one that the caller read. */
		async replacePassword(id: string, change: { from: string; to: string; now: number }): Promise<boolean> {
			const result = await db
				.updateTable('operator')
				.set({ password: change.to, updated_at: change.now })
				.where('id', '=', id)
				.where('password', '=', change.from)
				.executeTakeFirst();
			return Number(result.numUpdatedRows) === 1;
		},
		async recordSignIn(id: string, now: number): Promise<void> {
			await db.updateTable('operator').set({ last_sign_in_at: now }).where('id', '=', id).execute();
		},
		async delete(id: string): Promise<boolean> {
			const result = await db.deleteFrom('operator').where('id', '=', id).executeTakeFirst();
			return Number(result.numDeletedRows) === 1;
		},
	};
}
