/** Relying parties registered in an app. */
import type { Kysely } from 'kysely';
import { compiledQuery, later } from '../engine/compiled-query';
import { holdRows } from '../engine/hold-rows';
import type { AppSchema } from './schema';

export interface Client {
	id: string;
	name: string;
	/** Sealed; null for a public client. */
	secret: string | null;
	applicationType: 'web' | 'native';
	firstParty: boolean;
	pkceRequired: boolean;
	redirectUris: string[];
	postLogoutRedirectUris: string[];
	backchannelLogoutUri: string | null;
	idTokenAlg: 'RS256' | 'ES256';
	website: string;
	createdAt: number;
	updatedAt: number;
}

/** The context that a sealed secret is bound to: it cannot be decrypted for another client. */
export const secretContext = (clientId: string) => `client-secret:${clientId}`;

type Row = AppSchema['client'];
type Values = { [K in keyof Row]: Row[K] extends { __select__: infer S } ? S : Row[K] };

const fromRow = (row: Values): Client => ({
	id: row.id,
	name: row.name,
	secret: row.secret,
	applicationType: row.application_type,
	firstParty: row.first_party === 1,
	pkceRequired: row.pkce_required === 1,
	redirectUris: JSON.parse(row.redirect_uris) as string[],
	postLogoutRedirectUris: JSON.parse(row.post_logout_redirect_uris) as string[],
	backchannelLogoutUri: row.backchannel_logout_uri,
	idTokenAlg: row.id_token_alg,
	website: row.website,
	createdAt: row.created_at,
	updatedAt: row.updated_at,
});

const toColumns = (client: Client) => ({
	name: client.name,
	secret: client.secret,
	application_type: client.applicationType,
	first_party: client.firstParty ? (1 as const) : (0 as const),
	pkce_required: client.pkceRequired ? (1 as const) : (0 as const),
	redirect_uris: JSON.stringify(client.redirectUris),
	post_logout_redirect_uris: JSON.stringify(client.postLogoutRedirectUris),
	backchannel_logout_uri: client.backchannelLogoutUri,
	id_token_alg: client.idTokenAlg,
	website: client.website,
	updated_at: client.updatedAt,
});

export function clientRepository(db: Kysely<AppSchema>) {
	const find = compiledQuery<[id: string], Values>(db, () =>
		db.selectFrom('client').selectAll().where('id', '=', later),
	);
	return {
		async find(id: string): Promise<Client | undefined> {
			const [row] = await find(id);
			return row && fromRow(row);
		},
		/**
		 * Locks the client against other writes that lock it, until this write ends; what is written back has to be
		 * read after this.
		 */
		hold: (id: string): Promise<void> =>
			holdRows(db, () => db.selectFrom('client').select('id').where('id', '=', id)),
		async list(): Promise<Client[]> {
			return (await db.selectFrom('client').selectAll().orderBy('id').execute()).map(fromRow);
		},
		/** @throws the engine's duplicate error when the id is taken. */
		async create(client: Client): Promise<void> {
			await db
				.insertInto('client')
				.values({ id: client.id, created_at: client.createdAt, ...toColumns(client) })
				.execute();
		},
		async update(client: Client): Promise<boolean> {
			const result = await db
				.updateTable('client')
				.set(toColumns(client))
				.where('id', '=', client.id)
				.executeTakeFirst();
			return Number(result.numUpdatedRows) === 1;
		},
		async delete(id: string): Promise<boolean> {
			const result = await db.deleteFrom('client').where('id', '=', id).executeTakeFirst();
			return Number(result.numDeletedRows) === 1;
		},
	};
}
