/** What a user allowed a client, remembered across browsers. */
import type { Kysely } from 'kysely';
import { compiledQuery, later } from '../engine/compiled-query';
import type { AppSchema } from './schema';

export interface Consent {
	userId: string;
	clientId: string;
	/** The engine's grant id. */
	grantId: string;
	scopes: string[];
	createdAt: number;
	updatedAt: number;
}

const columns = [
	'user_id as userId',
	'client_id as clientId',
	'grant_id as grantId',
	'scopes',
	'created_at as createdAt',
	'updated_at as updatedAt',
] as const;

type Row = Omit<Consent, 'scopes'> & { scopes: string };
const fromRow = (row: Row): Consent => ({ ...row, scopes: row.scopes.split(' ').filter(Boolean) });

export function consentRepository(db: Kysely<AppSchema>) {
	const find = compiledQuery<[userId: string, clientId: string], Row>(db, () =>
		db.selectFrom('consent').select(columns).where('user_id', '=', later).where('client_id', '=', later),
	);
	return {
		async find(userId: string, clientId: string): Promise<Consent | undefined> {
			const [row] = await find(userId, clientId);
			return row && fromRow(row);
		},
		async listOfUser(userId: string): Promise<Consent[]> {
			const rows = await db
				.selectFrom('consent')
				.select(columns)
				.where('user_id', '=', userId)
				.orderBy('client_id')
				.execute();
			return rows.map(fromRow);
		},
		async save(consent: Omit<Consent, 'createdAt'>): Promise<void> {
			const values = {
				grant_id: consent.grantId,
				scopes: consent.scopes.join(' '),
				updated_at: consent.updatedAt,
			};
			await db
				.insertInto('consent')
				.values({
					user_id: consent.userId,
					client_id: consent.clientId,
					created_at: consent.updatedAt,
					...values,
				})
				.onConflict((conflict) => conflict.columns(['user_id', 'client_id']).doUpdateSet(values))
				.execute();
		},
		async delete(userId: string, clientId: string): Promise<void> {
			await db
				.deleteFrom('consent')
				.where('user_id', '=', userId)
				.where('client_id', '=', clientId)
				.execute();
		},
	};
}
