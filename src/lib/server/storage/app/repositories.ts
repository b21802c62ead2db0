import type { Kysely } from 'kysely';
import { sharedRepositories } from '../shared/repositories';
import type { Store } from '../store';
import { artifactRepository } from './artifacts';
import { clientRepository } from './clients';
import { consentRepository } from './consents';
import { credentialRepository } from './credentials';
import { identityRepository } from './identities';
import { imageRepository } from './images';
import { logoutDeliveryRepository } from './logout-deliveries';
import { mergeRepository } from './merges';
import { passkeyRepository } from './passkeys';
import { roleRepository } from './roles';
import type { AppSchema } from './schema';
import { signingKeyRepository } from './signing-keys';
import { userRepository } from './users';

export function appRepositories(db: Kysely<AppSchema>) {
	return {
		...sharedRepositories(db),
		artifacts: artifactRepository(db),
		clients: clientRepository(db),
		consents: consentRepository(db),
		credentials: credentialRepository(db),
		identities: identityRepository(db),
		images: imageRepository(db),
		logoutDeliveries: logoutDeliveryRepository(db),
		merges: mergeRepository(db),
		passkeys: passkeyRepository(db),
		roles: roleRepository(db),
		signingKeys: signingKeyRepository(db),
		users: userRepository(db),
	};
}

export type AppRepositories = ReturnType<typeof appRepositories>;
export type AppStore = Store<AppRepositories>;
