/** Keys that sign an app's tokens. Published before use, kept until what they signed has expired. */
import type { Kysely } from 'kysely';
import type { AppSchema } from './schema';

export interface SigningKey {
	kid: string;
	alg: 'RS256' | 'ES256';
	publicJwk: Record<string, unknown>;
	/** Sealed JWK. */
	privateJwk: string;
	state: 'upcoming' | 'current' | 'retiring';
	createdAt: number;
	changesAt: number | null;
}

export function signingKeyRepository(db: Kysely<AppSchema>) {
	return {
		async list(): Promise<SigningKey[]> {
			const rows = await db
				.selectFrom('signing_key')
				.select([
					'kid',
					'alg',
					'state',
					'public_jwk',
					'private_jwk as privateJwk',
					'created_at as createdAt',
					'changes_at as changesAt',
				])
				.orderBy('created_at')
				.orderBy('kid')
				.execute();
			return rows.map(({ public_jwk, ...row }) => ({
				...row,
				publicJwk: JSON.parse(public_jwk) as Record<string, unknown>,
			}));
		},
		async create(key: SigningKey): Promise<void> {
			await db
				.insertInto('signing_key')
				.values({
					kid: key.kid,
					alg: key.alg,
					public_jwk: JSON.stringify(key.publicJwk),
					private_jwk: key.privateJwk,
					state: key.state,
					created_at: key.createdAt,
					changes_at: key.changesAt,
				})
				.execute();
		},
		async setState(kid: string, state: SigningKey['state'], changesAt: number | null): Promise<void> {
			await db
				.updateTable('signing_key')
				.set({ state, changes_at: changesAt })
				.where('kid', '=', kid)
				.execute();
		},
		async delete(kid: string): Promise<void> {
			await db.deleteFrom('signing_key').where('kid', '=', kid).execute();
		},
	};
}
