/**
 * What the OpenID Connect engine keeps: codes, tokens, grants, its sessions, interactions. Rows are found by the
 * digest of the value that travels, so that a stolen database cannot be used to sign in.
 */
import type { Kysely } from 'kysely';
import { compiledQuery, later } from '../engine/compiled-query';
import { sweepSize } from '../engine/database';
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

const toValues = (artifact: Omit<Artifact, 'consumedAt'>) => [
	artifact.model,
	artifact.id,
	JSON.stringify(artifact.payload),
	artifact.grantId,
	artifact.uid,
	artifact.userCode,
	artifact.accountId,
	artifact.clientId,
	artifact.expiresAt,
];

type FoundBy = 'id' | 'uid' | 'user_code';

function compiled(db: Kysely<AppSchema>) {
	const findBy = (column: FoundBy) =>
		compiledQuery<[model: string, value: string], Row>(db, () =>
			db.selectFrom('artifact').selectAll().where('model', '=', later).where(column, '=', later),
		);
	const columns = [
		'payload',
		'grant_id',
		'uid',
		'user_code',
		'account_id',
		'client_id',
		'expires_at',
	] as const;
	const blank = {
		model: later,
		id: later,
		payload: later,
		grant_id: later,
		uid: later,
		user_code: later,
		account_id: later,
		client_id: later,
		expires_at: later,
	};
	/** The most rows in one statement. */
	const saving = (count: number) =>
		compiledQuery<(string | number | null)[], unknown>(db, () =>
			db
				.insertInto('artifact')
				.values(Array.from({ length: count }, () => blank))
				.onConflict((conflict) =>
					conflict
						.columns(['model', 'id'])
						.doUpdateSet((eb) =>
							Object.fromEntries(columns.map((name) => [name, eb.ref(`excluded.${name}`)])),
						),
				),
		);
	const saves = new Map<number, ReturnType<typeof saving>>();
	return {
		find: { id: findBy('id'), uid: findBy('uid'), user_code: findBy('user_code') },
		saveOf(count: number) {
			const save = saves.get(count) ?? saving(count);
			saves.set(count, save);
			return save;
		},
		consume: compiledQuery<[now: number, model: string, id: string], { id: string }>(db, () =>
			db
				.updateTable('artifact')
				.set({ consumed_at: later })
				.where('model', '=', later)
				.where('id', '=', later)
				.where('consumed_at', 'is', null)
				.returning('id'),
		),
	};
}

export function artifactRepository(db: Kysely<AppSchema>) {
	const queries = compiled(db);
	const findBy = async (model: string, column: FoundBy, value: string): Promise<Artifact | undefined> => {
		const [row] = await queries.find[column](model, value);
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
		/** Saves all in one statement; each row may be there once. */
		async save(...artifacts: readonly Omit<Artifact, 'consumedAt'>[]): Promise<void> {
			if (artifacts.length > 0) await queries.saveOf(artifacts.length)(...artifacts.flatMap(toValues));
		},
		/** @returns whether this call consumed it: of several at once, only one does. */
		async consume(model: string, id: string, now: number): Promise<boolean> {
			return (await queries.consume(now, model, id)).length === 1;
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
		/** At most `sweepSize` of them. @returns whether more may be left */
		async deleteExpired(now: number): Promise<boolean> {
			const expired = db
				.selectFrom('artifact')
				.select(['model', 'id'])
				.where('expires_at', '<=', now)
				.limit(sweepSize);
			const result = await db
				.deleteFrom('artifact')
				.where((eb) => eb(eb.refTuple('model', 'id'), 'in', expired.$asTuple('model', 'id')))
				.executeTakeFirst();
			return Number(result.numDeletedRows) === sweepSize;
		},
	};
}
