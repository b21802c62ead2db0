/** The keys that sign an app's tokens, as an operator sees them: never the private part. */
import type { SigningKey } from '../../storage/app/signing-keys';
import type { AppServices } from '../services';

export type SigningKeyView = Pick<SigningKey, 'kid' | 'alg' | 'state' | 'createdAt' | 'changesAt'>;

export async function listSigningKeys(services: Pick<AppServices, 'store'>): Promise<SigningKeyView[]> {
	const keys = await services.store.read.signingKeys.list();
	return keys.map(({ kid, alg, state, createdAt, changesAt }) => ({ kid, alg, state, createdAt, changesAt })).reverse();
}
