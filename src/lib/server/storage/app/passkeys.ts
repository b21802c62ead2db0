/** Keys that users' devices hold (WebAuthn), as stored by the ceremony plugin. */
import type { Kysely } from 'kysely';
import type { AppSchema } from './schema';

export interface Passkey {
	/** The credential's id, base64url. */
	id: string;
	userId: string;
	connector: string;
	stored: string;
	name: string;
	createdAt: number;
	lastUsedAt: number | null;
}

const columns = [
	'id',
	'user_id as userId',
	'connector',
	'stored',
	'name',
	'created_at as createdAt',
	'last_used_at as lastUsedAt',
] as const;

export function passkeyRepository(db: Kysely<AppSchema>) {
	return {
		async find(id: string): Promise<Passkey | undefined> {
			return db.selectFrom('passkey').select(columns).where('id', '=', id).executeTakeFirst();
		},
		async listOfUser(userId: string): Promise<Passkey[]> {
			return db
				.selectFrom('passkey')
				.select(columns)
				.where('user_id', '=', userId)
				.orderBy('created_at')
				.orderBy('id')
				.execute();
		},
		/** @throws the engine's duplicate error when another user has this credential: see engine/failures. */
		async create(passkey: Omit<Passkey, 'lastUsedAt'>): Promise<void> {
			const { userId, createdAt, ...rest } = passkey;
			await db
				.insertInto('passkey')
				.values({ ...rest, user_id: userId, created_at: createdAt, last_used_at: null })
				.execute();
		},
		async recordUse(id: string, use: { stored: string; now: number }): Promise<void> {
			await db
				.updateTable('passkey')
				.set({ stored: use.stored, last_used_at: use.now })
				.where('id', '=', id)
				.execute();
		},
		async rename(id: string, name: string): Promise<void> {
			await db.updateTable('passkey').set({ name }).where('id', '=', id).execute();
		},
		async move(id: string, userId: string): Promise<void> {
			await db.updateTable('passkey').set({ user_id: userId }).where('id', '=', id).execute();
		},
		async delete(id: string): Promise<boolean> {
			const result = await db.deleteFrom('passkey').where('id', '=', id).executeTakeFirst();
			return Number(result.numDeletedRows) === 1;
		},
	};
}
