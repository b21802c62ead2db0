/**
 * What the OpenID Connect engine keeps: codes, tokens, grants, its sessions, interactions. Rows are found
 * by the digest of the value that travels, so that a stolen database signs nobody in.
 */
import type { Kysely } from 'kysely';
import type { AppSchema } from './schema';

export interface Artifact {
	model: string;
	/** SHA-256 of the value. */
	id: string;
	payload: Record<string, unknown>;
	grantId: string | null;
	uid: string | null;
	userCode: string | null;
	accountId: string | null;
	clientId: string | null;
	consumedAt: number | null;
	expiresAt: number | null;
}

type Row = {
	model: string;
	id: string;
	payload: string;
	grant_id: string | null;
	uid: string | null;
	user_code: string | null;
	account_id: string | null;
	client_id: string | null;
	consumed_at: number | null;
	expires_at: number | null;
};

const fromRow = (row: Row): Artifact => ({
	model: row.model,
	id: row.id,
	payload: JSON.parse(row.payload) as Record<string, unknown>,
	grantId: row.grant_id,
	uid: row.uid,
	userCode: row.user_code,
	accountId: row.account_id,
	clientId: row.client_id,
	consumedAt: row.consumed_at,
	expiresAt: row.expires_at,
});

export function artifactRepository(db: Kysely<AppSchema>) {
	const findBy = async (model: string, column: 'id' | 'uid' | 'user_code', value: string) => {
		const row = await db
			.selectFrom('artifact')
			.selectAll()
			.where('model', '=', model)
			.where(column, '=', value)
			.executeTakeFirst();
		return row && fromRow(row);
	};
	return {
		find: (model: string, id: string) => findBy(model, 'id', id),
		findByUid: (model: string, uid: string) => findBy(model, 'uid', uid),
		findByUserCode: (model: string, userCode: string) => findBy(model, 'user_code', userCode),
		async listOfAccount(model: string, accountId: string): Promise<Artifact[]> {
			const rows = await db
				.selectFrom('artifact')
				.selectAll()
				.where('account_id', '=', accountId)
				.where('model', '=', model)
				.execute();
			return rows.map(fromRow);
		},
		async save(artifact: Omit<Artifact, 'consumedAt'>): Promise<void> {
			const values = {
				payload: JSON.stringify(artifact.payload),
				grant_id: artifact.grantId,
				uid: artifact.uid,
				user_code: artifact.userCode,
				account_id: artifact.accountId,
				client_id: artifact.clientId,
				expires_at: artifact.expiresAt,
			};
			await db
				.insertInto('artifact')
				.values({ model: artifact.model, id: artifact.id, consumed_at: null, ...values })
				.onConflict((conflict) => conflict.columns(['model', 'id']).doUpdateSet(values))
				.execute();
		},
		/** @returns whether this call consumed it: of several at once, one does. */
		async consume(model: string, id: string, now: number): Promise<boolean> {
			const result = await db
				.updateTable('artifact')
				.set({ consumed_at: now })
				.where('model', '=', model)
				.where('id', '=', id)
				.where('consumed_at', 'is', null)
				.executeTakeFirst();
			return Number(result.numUpdatedRows) === 1;
		},
		async delete(model: string, id: string): Promise<void> {
			await db.deleteFrom('artifact').where('model', '=', model).where('id', '=', id).execute();
		},
		/** Everything that stems from one grant. */
		async deleteOfGrant(grantId: string): Promise<void> {
			await db.deleteFrom('artifact').where('grant_id', '=', grantId).execute();
		},
		async deleteOfAccount(accountId: string): Promise<void> {
			await db.deleteFrom('artifact').where('account_id', '=', accountId).execute();
		},
		async deleteOfClient(clientId: string): Promise<void> {
			await db.deleteFrom('artifact').where('client_id', '=', clientId).execute();
		},
		async deleteExpired(now: number): Promise<void> {
			await db.deleteFrom('artifact').where('expires_at', '<=', now).execute();
		},
	};
}
